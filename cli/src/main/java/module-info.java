/** The command line. */
module dev.sluice.cli {
  requires static transitive org.jspecify;
  requires dev.sluice.bridge;
  requires dev.sluice.dashboard;
  requires dev.sluice.guard;
  requires dev.sluice.server;
  requires info.picocli;
  requires jdk.unsupported; // signals
  requires org.slf4j;
  requires org.slf4j.simple;
  requires org.tomlj;

  exports dev.sluice.cli;
}
