package dev.sluice.server.http;

import dev.sluice.python.SluiceException;
import dev.sluice.server.ServerError;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;

/** Where to listen: {@code HOST:PORT}, {@code unix:PATH} or {@code fd:N}. */
public sealed interface BindAddress {
  /**
   * A port of an address of this machine; port 0 lets the system choose. {@code ::} stands for all
   * addresses, those of IPv4 too unless the system has it otherwise (Linux: bindv6only).
   */
  record Tcp(String host, int port) implements BindAddress {
    @Override
    public SocketAddress socketAddress() {
      return new InetSocketAddress(host, port);
    }

    @Override
    public String toString() {
      return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
  }

  /** A socket in the file system. */
  record Unix(Path path) implements BindAddress {
    @Override
    public SocketAddress socketAddress() {
      return new DomainSocketAddress(path.toString());
    }

    @Override
    public String toString() {
      return "unix:" + path;
    }
  }

  /** A listening TCP or unix socket that this process was started with. */
  record Descriptor(int number) implements BindAddress {
    @Override
    public SocketAddress socketAddress() {
      throw new UnsupportedOperationException("an inherited socket is bound already");
    }

    @Override
    public String toString() {
      return "fd:" + number;
    }
  }

  /** The address to bind. */
  SocketAddress socketAddress();

  /** Reads an address as a user writes it. */
  static BindAddress parse(String text) {
    if (text.startsWith("unix:") && text.length() > 5) {
      return new Unix(Path.of(text.substring(5)));
    }
    try {
      if (text.startsWith("fd:")) {
        int number = Integer.parseInt(text.substring(3));
        if (number >= 0) {
          return new Descriptor(number);
        }
      } else {
        int colon = text.lastIndexOf(':');
        if (colon >= 0) {
          String host = text.substring(0, colon);
          int port = Integer.parseInt(text.substring(colon + 1));
          if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
          }
          if (port >= 0 && port <= 65_535) {
            return new Tcp(host.isEmpty() ? "0.0.0.0" : host, port);
          }
        }
      }
    } catch (NumberFormatException e) {
      // Falls through to the one message for all that is not an address.
    }
    throw new SluiceException(
        ServerError.ADDRESS_INVALID,
        "\"%s\" is no address to listen on. Write HOST:PORT, [IPV6]:PORT, unix:PATH or fd:N, for"
                .formatted(text)
            + " example 127.0.0.1:8000.");
  }
}
