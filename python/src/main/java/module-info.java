/** CPython from any Java thread. */
module dev.sluice.python {
  requires static transitive org.jspecify;
  requires static java.compiler; // where there is a JDK, sources can be used
  requires java.management;
  requires jdk.jfr;
  requires org.slf4j;

  uses dev.sluice.python.PythonModule;

  exports dev.sluice.python;
  exports dev.sluice.python.install;
  exports dev.sluice.python.capi to
      dev.sluice.bridge,
      dev.sluice.guard,
      dev.sluice.server;
}
