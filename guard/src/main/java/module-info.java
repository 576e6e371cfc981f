/** Blocking calls: seen, refused, farmed. */
module dev.sluice.guard {
  requires static transitive org.jspecify;
  requires transitive dev.sluice.bridge;
  requires jdk.jfr;
  requires org.slf4j;

  exports dev.sluice.guard;
  exports dev.sluice.guard.watch;

  provides dev.sluice.python.PythonModule with
      dev.sluice.guard.GuardModule,
      dev.sluice.guard.MicrothreadModule;
}
