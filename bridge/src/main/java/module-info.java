/** Loops and threads reach each other. */
module dev.sluice.bridge {
  requires static transitive org.jspecify;
  requires transitive dev.sluice.python;
  requires io.netty.common;
  requires io.netty.transport;
  requires io.netty.transport.classes.epoll;
  requires io.netty.transport.unix.common;
  requires org.slf4j;

  exports dev.sluice.bridge;
  exports dev.sluice.bridge.loop to
      dev.sluice.server;

  provides dev.sluice.python.PythonModule with
      dev.sluice.bridge.LogModule,
      dev.sluice.bridge.LoopModule;
}
