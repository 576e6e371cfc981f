/** The command line. */
module dev.sluice.cli {
  requires static transitive org.jspecify;
  requires dev.sluice.server;
  requires info.picocli;
  requires jdk.unsupported; // signals
  requires org.slf4j;
  requires org.tomlj;

  exports dev.sluice.cli;
}
