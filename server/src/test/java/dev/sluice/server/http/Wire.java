package dev.sluice.server.http;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** A client's end of a connection, plain or encrypted, that sends what it is told to. */
final class Wire implements Closeable {
  private static final int LIMIT_MILLIS = 15_000;

  private final Socket socket;

  private Wire(Socket socket) throws IOException {
    this.socket = socket;
    socket.setSoTimeout(LIMIT_MILLIS);
  }

  static Wire plain(int port) throws IOException {
    return new Wire(new Socket(InetAddress.getLoopbackAddress(), port));
  }

  static Wire plain(String host, int port) throws IOException {
    return new Wire(new Socket(host, port));
  }

  /** A connection that is there. */
  static Wire over(Socket socket) throws IOException {
    return new Wire(socket);
  }

  /** How a client wants its TLS; the handshake is done. */
  static Wire tls(SSLContext context, int port, TlsWish wish) throws IOException {
    Socket below = new Socket(InetAddress.getLoopbackAddress(), port);
    below.setSoTimeout(LIMIT_MILLIS);
    return tls(context, below, wish);
  }

  /** TLS over a connection that has been used for something else first. */
  static Wire tls(SSLContext context, Socket below, TlsWish wish) throws IOException {
    SSLSocket socket =
        (SSLSocket)
            context.getSocketFactory().createSocket(below, "localhost", below.getPort(), true);
    SSLParameters parameters = socket.getSSLParameters();
    if (!wish.name().isEmpty()) {
      parameters.setServerNames(List.of(new SNIHostName(wish.name())));
    }
    if (!wish.version().isEmpty()) {
      parameters.setProtocols(new String[] {wish.version()});
    }
    parameters.setApplicationProtocols(wish.alpn().toArray(new String[0]));
    socket.setSSLParameters(parameters);
    try {
      socket.startHandshake();
    } catch (IOException e) {
      socket.close();
      throw e;
    }
    return new Wire(socket);
  }

  /**
   * What a client asks for in its first message.
   *
   * @param name of the server; empty for none
   * @param version such as TLSv1.2; empty for what both like best
   */
  record TlsWish(String name, String version, List<String> alpn) {
    static final TlsWish NOTHING = new TlsWish("", "", List.of());

    TlsWish name(String wanted) {
      return new TlsWish(wanted, version, alpn);
    }

    TlsWish version(String wanted) {
      return new TlsWish(name, wanted, alpn);
    }

    TlsWish alpn(String... wanted) {
      return new TlsWish(name, version, List.of(wanted));
    }
  }

  Socket socket() {
    return socket;
  }

  SSLSocket tls() {
    return (SSLSocket) socket;
  }

  Wire send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
    return this;
  }

  /** Characters stand for bytes. */
  Wire send(String text) throws IOException {
    return send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  Wire get(String target) throws IOException {
    return send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }

  /** Everything up to the end, which has to come. */
  String readAll() throws IOException {
    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
  }

  /** Everything up to the end or to a reset, which both end a connection. */
  String readUntilClosed() throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try {
      socket.getInputStream().transferTo(all);
    } catch (java.net.SocketTimeoutException e) {
      throw e;
    } catch (IOException e) {
      // A reset, or TLS that was cut off.
    }
    return all.toString(StandardCharsets.ISO_8859_1);
  }

  /** Reads the head of an answer. */
  String readHead() throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException("the connection ended after: " + head);
      }
      head.append((char) next);
    }
    return head.toString();
  }

  /** Reads an answer whose length is declared; gives its body. */
  String readBody() throws IOException {
    String head = readHead();
    int at = head.toLowerCase(java.util.Locale.ROOT).indexOf("content-length: ");
    int end = head.indexOf("\r\n", at);
    int length = Integer.parseInt(head.substring(at + 16, end));
    return new String(socket.getInputStream().readNBytes(length), StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
