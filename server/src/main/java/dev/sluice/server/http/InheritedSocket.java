package dev.sluice.server.http;

import dev.sluice.python.SluiceException;
import dev.sluice.server.ServerError;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.Socket;
import java.io.IOException;

/**
 * A descriptor that this process was started with: asks the system (Linux) what it is before
 * anything relies on it. Any thread.
 */
final class InheritedSocket {
  // From socket.h; the same on all architectures that CPython and Netty are built for.
  private static final int SOL_SOCKET = 1;
  private static final int SO_ACCEPTCONN = 30;
  private static final int SO_DOMAIN = 39;
  private static final int AF_UNIX = 1;
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;

  private InheritedSocket() {}

  /**
   * The kind of channel that fits.
   *
   * @throws SluiceException if it is no listening TCP or Unix socket
   */
  static ChannelFactory<? extends ServerChannel> channel(BindAddress.Descriptor address) {
    int number = address.number();
    int domain;
    try {
      Socket socket = new Socket(number);
      domain = socket.getIntOpt(SOL_SOCKET, SO_DOMAIN);
      if (socket.getIntOpt(SOL_SOCKET, SO_ACCEPTCONN) == 0) {
        throw refuse(address, "it is a socket that does not listen");
      }
    } catch (IOException | ChannelException e) {
      throw refuse(address, "it is no socket that this process was started with");
    }
    return switch (domain) {
      // Netty asks a TCP socket whether it listens; a Unix socket it has to be told so.
      case AF_UNIX -> () -> new EpollServerDomainSocketChannel(number, true);
      case AF_INET, AF_INET6 -> () -> new EpollServerSocketChannel(number);
      default -> throw refuse(address, "it is neither a TCP nor a Unix socket");
    };
  }

  private static SluiceException refuse(BindAddress address, String reason) {
    return new SluiceException(
        ServerError.ADDRESS_NOT_BOUND,
        "cannot listen on %s: %s. Hand over a listening socket, or choose another address with"
                .formatted(address, reason)
            + " --bind.");
  }
}
