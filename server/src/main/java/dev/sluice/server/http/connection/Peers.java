package dev.sluice.server.http.connection;

import dev.sluice.server.exchange.Peer;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** The two ends of a connection as text; any thread. */
public final class Peers {
  private Peers() {}

  /** The ends of a connection that is not encrypted; unix sockets have neither address nor port. */
  public static Peer of(@Nullable SocketAddress remote, @Nullable SocketAddress local) {
    return new Peer(address(remote), port(remote), address(local), port(local), "http", null);
  }

  private static String address(@Nullable SocketAddress address) {
    return address instanceof InetSocketAddress inet ? inet.getAddress().getHostAddress() : "";
  }

  private static int port(@Nullable SocketAddress address) {
    return address instanceof InetSocketAddress inet ? inet.getPort() : 0;
  }
}
