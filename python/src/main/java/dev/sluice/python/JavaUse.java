package dev.sluice.python;

/**
 * Whether Python code of this process has anything to do with Java classes that are not Sluice's;
 * any thread. Who looks for what such code does need not begin before.
 */
public final class JavaUse {
  private static volatile boolean seen;

  private JavaUse() {}

  /** Whether a class was made known to Python, or where to find some; stays so. */
  public static boolean isSeen() {
    return seen;
  }

  /** Python gets to know a class. */
  public static void see(Class<?> type) {
    if (!seen && type != Object.class && !type.getName().startsWith("dev.sluice.")) {
      seen = true;
    }
  }

  /** Python is told where classes are. */
  static void seePlace() {
    seen = true;
  }
}
