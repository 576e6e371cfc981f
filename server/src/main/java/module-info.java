/** HTTP, WSGI and ASGI. */
module dev.sluice.server {
  requires static transitive org.jspecify;
  requires transitive dev.sluice.bridge;
  requires transitive dev.sluice.python;
  requires io.netty.buffer;
  requires io.netty.codec;
  requires io.netty.codec.haproxy;
  requires io.netty.codec.http;
  requires io.netty.codec.http2;
  requires io.netty.common;
  requires io.netty.handler;
  requires io.netty.tcnative.classes.openssl; // Netty looks whether it is there
  requires io.netty.transport;
  requires io.netty.transport.classes.epoll;
  requires io.netty.transport.unix.common;
  requires io.prometheus.metrics.core;
  requires io.prometheus.metrics.model;
  requires io.prometheus.writer.text;
  requires org.slf4j;

  exports dev.sluice.server;
  exports dev.sluice.server.activation to
      dev.sluice.cli;
  exports dev.sluice.server.asgi to
      dev.sluice.cli;
  exports dev.sluice.server.exchange to
      dev.sluice.cli,
      dev.sluice.dashboard;
  exports dev.sluice.server.files to
      dev.sluice.cli;
  exports dev.sluice.server.proxies to
      dev.sluice.cli;
  exports dev.sluice.server.reload to
      dev.sluice.cli;
  exports dev.sluice.server.http to
      dev.sluice.cli,
      dev.sluice.dashboard;
  exports dev.sluice.server.http.connection to
      dev.sluice.cli,
      dev.sluice.dashboard;
  exports dev.sluice.server.http.tls to
      dev.sluice.cli;
}
