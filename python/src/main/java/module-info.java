/** CPython from any Java thread. */
module dev.sluice.python {
  requires static transitive org.jspecify;
  requires java.management;
  requires jdk.jfr;
  requires org.slf4j;

  exports dev.sluice.python;
  exports dev.sluice.python.install;
  exports dev.sluice.python.capi to
      dev.sluice.server;
}
