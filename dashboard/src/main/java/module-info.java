/** The page that shows who blocks. */
module dev.sluice.dashboard {
  requires static transitive org.jspecify;
  requires dev.sluice.bridge;
  requires transitive dev.sluice.guard;
  requires transitive dev.sluice.server;
  requires org.slf4j;

  exports dev.sluice.dashboard;
}
