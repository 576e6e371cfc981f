package dev.sluice.cli;

/**
 * Sets up SLF4J's simple back end ({@link LogProvider}); must come before the first logger is made.
 */
final class Logging {
  private static final String PREFIX = "org.slf4j.simpleLogger.";
  private static final String OURS = PREFIX + "log.dev.sluice";

  private Logging() {}

  /**
   * @param level debug, info, warning or error
   */
  static void configure(String level) {
    String name = level.equals("warning") ? "warn" : level;
    System.setProperty("slf4j.provider", LogProvider.class.getName());
    System.setProperty("slf4j.internal.verbosity", "WARN"); // or it tells of that
    System.setProperty(OURS, name);
    // Without a network card Netty warns that it makes up a machine's id, which nothing here uses.
    System.setProperty(PREFIX + "log.io.netty.util.internal.MacAddressUtil", "error");
    // The libraries' own debugging says nothing about a user's application.
    System.setProperty(PREFIX + "defaultLogLevel", name.equals("debug") ? "info" : name);
  }

  static boolean isDebug() {
    return System.getProperty(OURS, "").equals("debug");
  }
}
