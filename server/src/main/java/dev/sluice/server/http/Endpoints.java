package dev.sluice.server.http;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The two ends of a connection as text; empty, with port 0, for unix sockets.
 *
 * @param remoteAddress the client's
 * @param localAddress the one that the client connected to
 */
record Endpoints(String remoteAddress, int remotePort, String localAddress, int localPort) {
  static final Endpoints UNKNOWN = new Endpoints("", 0, "", 0);

  static Endpoints of(@Nullable SocketAddress remote, @Nullable SocketAddress local) {
    return new Endpoints(address(remote), port(remote), address(local), port(local));
  }

  private static String address(@Nullable SocketAddress address) {
    return address instanceof InetSocketAddress inet ? inet.getAddress().getHostAddress() : "";
  }

  private static int port(@Nullable SocketAddress address) {
    return address instanceof InetSocketAddress inet ? inet.getPort() : 0;
  }
}
