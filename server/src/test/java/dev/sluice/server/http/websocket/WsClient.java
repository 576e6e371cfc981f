package dev.sluice.server.http.websocket;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A client of WebSockets over HTTP/1.1 that sends whatever frames a test likes. */
final class WsClient implements Closeable {
  static final int FIN = 0x80;
  static final int RSV1 = 0x40;
  private static final int PATIENCE_MILLIS = 20_000;
  private static final byte[] MASK = {0x12, (byte) 0xf3, 0x45, (byte) 0x80};

  private final Socket socket;
  private final DataInputStream in;

  /** A frame of the server's. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Frame(int first, byte[] payload) {
    int opcode() {
      return first & 0xf;
    }

    boolean isCompressed() {
      return (first & RSV1) != 0;
    }

    String text() {
      return new String(payload, StandardCharsets.UTF_8);
    }

    /** What a close frame says: the code, or 0, and the reason. */
    String closing() {
      return opcode() != 8 ? "no close frame: " + this : payload.length == 0 ? "0" : code();
    }

    private String code() {
      String reason = new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8);
      return (ByteBuffer.wrap(payload).getShort() & 0xffff)
          + (reason.isEmpty() ? "" : " " + reason);
    }

    @Override
    public String toString() {
      return "%x %s".formatted(first, text());
    }
  }

  WsClient(Socket socket) throws IOException {
    this.socket = socket;
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.setTcpNoDelay(true);
    in = new DataInputStream(socket.getInputStream());
  }

  WsClient(int port) throws IOException {
    this(new Socket(InetAddress.getLoopbackAddress(), port));
  }

  /** An open socket. */
  static WsClient open(int port, String path, String... headers) throws IOException {
    WsClient client = new WsClient(port);
    client.shake(path, headers);
    String head = client.readHead();
    if (!head.startsWith("HTTP/1.1 101 ")) {
      throw new IOException(head);
    }
    return client;
  }

  /** A good handshake, with more header lines. */
  WsClient shake(String path, String... headers) throws IOException {
    return raw(handshake(path, headers).getBytes(StandardCharsets.ISO_8859_1));
  }

  static String handshake(String path, String... headers) {
    return "GET "
        + path
        + " HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        + String.join("", java.util.Arrays.stream(headers).map(h -> h + "\r\n").toList())
        + "\r\n";
  }

  WsClient raw(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
    return this;
  }

  WsClient frame(int first, byte... payload) throws IOException {
    return raw(bytes(first, payload));
  }

  WsClient text(String text) throws IOException {
    return frame(FIN | 1, text.getBytes(StandardCharsets.UTF_8));
  }

  WsClient close(int code) throws IOException {
    return frame(FIN | 8, (byte) (code >> 8), (byte) code);
  }

  /** A masked frame. */
  static byte[] bytes(int first, byte... payload) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(first);
    if (payload.length < 126) {
      out.write(0x80 | payload.length);
    } else if (payload.length < 65536) {
      out.write(0x80 | 126);
      out.writeBytes(ByteBuffer.allocate(2).putShort((short) payload.length).array());
    } else {
      out.write(0x80 | 127);
      out.writeBytes(ByteBuffer.allocate(8).putLong(payload.length).array());
    }
    out.writeBytes(MASK);
    for (int i = 0; i < payload.length; i++) {
      out.write(payload[i] ^ MASK[i % 4]);
    }
    return out.toByteArray();
  }

  /** The head of an answer. */
  String readHead() throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.readUnsignedByte());
    }
    return head.toString();
  }

  /** An answer whose length is declared, head and all. */
  String readAnswer() throws IOException {
    String head = readHead();
    int at = head.toLowerCase(java.util.Locale.ROOT).indexOf("content-length: ");
    int length = Integer.parseInt(head.substring(at + 16, head.indexOf("\r\n", at)));
    return head + new String(in.readNBytes(length), StandardCharsets.ISO_8859_1);
  }

  /** So many bytes. */
  byte[] read(int size) throws IOException {
    return in.readNBytes(size);
  }

  /** The next frame; null at the end, however it comes. */
  @Nullable Frame next() throws IOException {
    try {
      int first = in.readUnsignedByte();
      int second = in.readUnsignedByte();
      long length = second == 126 ? in.readUnsignedShort() : second == 127 ? in.readLong() : second;
      byte[] payload = new byte[(int) length];
      in.readFully(payload);
      return new Frame(first, payload);
    } catch (EOFException | SocketException e) {
      return null;
    }
  }

  Frame expect() throws IOException {
    Frame frame = next();
    if (frame == null) {
      throw new EOFException("the connection ended");
    }
    return frame;
  }

  /** The rest: nothing may come but the end. */
  String end() throws IOException {
    Frame frame = next();
    return frame == null ? "" : frame.toString();
  }

  Socket socket() {
    return socket;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
