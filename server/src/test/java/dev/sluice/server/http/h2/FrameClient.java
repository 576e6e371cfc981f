package dev.sluice.server.http.h2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A client that sends whatever frames a test likes, over a socket. */
final class FrameClient implements AutoCloseable {
  static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int PATIENCE_MILLIS = 20_000;

  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;
  private final DefaultHttp2HeadersDecoder hpack = new DefaultHttp2HeadersDecoder(false, 1 << 20);

  /** What the server has answered on one stream. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Answer(
      List<Map.Entry<String, String>> headers,
      byte[] body,
      List<Map.Entry<String, String>> trailers,
      List<Integer> informational,
      int dataFrames,
      @Nullable Integer reset) {
    int status() {
      return Integer.parseInt(String.valueOf(header(":status")));
    }

    @Nullable String header(String name) {
      return headers.stream()
          .filter(header -> header.getKey().equals(name))
          .map(Map.Entry::getValue)
          .findFirst()
          .orElse(null);
    }

    String text() {
      return new String(body, StandardCharsets.ISO_8859_1);
    }
  }

  /** Opens a connection and sends nothing. */
  FrameClient(int port) throws IOException {
    socket = new Socket();
    socket.setReceiveBufferSize(64 * 1024);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.setTcpNoDelay(true);
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 65536));
    out = socket.getOutputStream();
  }

  /** A connection on which settings have been exchanged; settings as pairs of number and value. */
  static FrameClient open(int port, int... settings) throws IOException {
    FrameClient client = new FrameClient(port);
    client.raw(PREFACE);
    client.settings(settings);
    client.await(frame -> frame.type() == Frame.SETTINGS && !frame.has(Frame.ACK));
    client.frame(Frame.SETTINGS, Frame.ACK, 0);
    client.await(frame -> frame.type() == Frame.SETTINGS && frame.has(Frame.ACK));
    return client;
  }

  FrameClient settings(int... settings) throws IOException {
    ByteBuffer payload = ByteBuffer.allocate(settings.length / 2 * 6);
    for (int i = 0; i < settings.length; i += 2) {
      payload.putShort((short) settings[i]).putInt(settings[i + 1]);
    }
    return frame(Frame.SETTINGS, 0, 0, payload.array());
  }

  FrameClient raw(byte[] bytes) throws IOException {
    out.write(bytes);
    return this;
  }

  FrameClient frame(int type, int flags, int stream, byte... payload) throws IOException {
    return raw(bytes(type, flags, stream, payload));
  }

  static byte[] bytes(int type, int flags, int stream, byte... payload) {
    return ByteBuffer.allocate(9 + payload.length)
        .putInt((payload.length << 8) | type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }

  FrameClient number(int type, int stream, int value) throws IOException {
    return frame(type, 0, stream, ByteBuffer.allocate(4).putInt(value).array());
  }

  FrameClient windowUpdate(int stream, int increment) throws IOException {
    return number(Frame.WINDOW_UPDATE, stream, increment);
  }

  FrameClient reset(int stream) throws IOException {
    return number(Frame.RST_STREAM, stream, 8);
  }

  /** Header fields, each name before its value, and nothing added. */
  FrameClient headers(int stream, boolean end, String... fields) throws IOException {
    int flags = Frame.END_HEADERS | (end ? Frame.END_STREAM : 0);
    return frame(Frame.HEADERS, flags, stream, block(fields));
  }

  /** A GET, with more fields behind. */
  FrameClient get(int stream, String path, String... more) throws IOException {
    return headers(stream, true, request("GET", path, more));
  }

  /** A POST whose body follows. */
  FrameClient post(int stream, String path, String... more) throws IOException {
    return headers(stream, false, request("POST", path, more));
  }

  static String[] request(String method, String path, String... more) {
    List<String> fields =
        new ArrayList<>(
            List.of(":method", method, ":scheme", "http", ":authority", "test", ":path", path));
    fields.addAll(List.of(more));
    return fields.toArray(String[]::new);
  }

  FrameClient data(int stream, boolean end, byte... data) throws IOException {
    return frame(Frame.DATA, end ? Frame.END_STREAM : 0, stream, data);
  }

  /** HPACK without tables and Huffman: a literal for each name and value. */
  static byte[] block(String... fields) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    for (int i = 0; i < fields.length; i += 2) {
      block.write(0);
      literal(block, fields[i]);
      literal(block, fields[i + 1]);
    }
    return block.toByteArray();
  }

  private static void literal(ByteArrayOutputStream block, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    int length = bytes.length;
    if (length < 127) {
      block.write(length);
    } else {
      block.write(127);
      length -= 127;
      for (; length > 127; length >>>= 7) {
        block.write((length & 127) | 128);
      }
      block.write(length);
    }
    block.writeBytes(bytes);
  }

  /** The next frame, or null at the connection's end. */
  @Nullable Frame next() throws IOException {
    try {
      int length = (in.readUnsignedByte() << 16) | in.readUnsignedShort();
      int type = in.readUnsignedByte();
      int flags = in.readUnsignedByte();
      int stream = in.readInt();
      byte[] payload = new byte[length];
      in.readFully(payload);
      return new Frame(type, flags, stream, payload);
    } catch (EOFException | SocketException end) {
      return null;
    }
  }

  /** Skips frames up to one; those of headers are decoded, so that the table stays right. */
  Frame await(Predicate<Frame> wanted) throws IOException {
    for (Frame frame = next(); frame != null; frame = next()) {
      if (wanted.test(frame)) {
        return frame;
      }
      if (frame.type() == Frame.HEADERS) {
        decode(frame);
      }
    }
    throw new EOFException("the connection ended first");
  }

  Frame awaitType(int type) throws IOException {
    return await(frame -> frame.type() == type);
  }

  /** The next window for a stream, or the answer to a ping. */
  Frame awaitWindowOrPing(int stream) throws IOException {
    return await(frame ->
        frame.type() == Frame.PING
            || (frame.type() == Frame.WINDOW_UPDATE && frame.stream() == stream));
  }

  /** The error code of the GOAWAY that ends the connection. */
  int awaitGoAway() throws IOException {
    Frame frame = awaitType(Frame.GOAWAY);
    if (next() != null) {
      throw new AssertionError("frames behind GOAWAY");
    }
    return frame.goAwayCode();
  }

  /** Reads the answer of a stream, and gives window for what arrives. */
  Answer answer(int stream) throws IOException {
    return answer(stream, true);
  }

  Answer answer(int stream, boolean giveWindow) throws IOException {
    List<Map.Entry<String, String>> headers = new ArrayList<>();
    List<Map.Entry<String, String>> trailers = new ArrayList<>();
    List<Integer> informational = new ArrayList<>();
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    int dataFrames = 0;
    while (true) {
      Frame frame = await(f -> f.stream() == stream && f.type() != Frame.WINDOW_UPDATE);
      if (frame.type() == Frame.RST_STREAM) {
        return new Answer(
            headers, body.toByteArray(), trailers, informational, dataFrames, frame.resetCode());
      }
      if (frame.type() == Frame.DATA) {
        dataFrames++;
        body.write(frame.payload());
        if (giveWindow && frame.payload().length > 0) {
          windowUpdate(0, frame.payload().length);
          windowUpdate(stream, frame.payload().length);
        }
      } else {
        List<Map.Entry<String, String>> fields = decode(frame);
        String first = fields.isEmpty() ? "" : fields.getFirst().getValue();
        if (!headers.isEmpty()) {
          trailers = fields;
        } else if (first.startsWith("1")) {
          informational.add(Integer.parseInt(first));
        } else {
          headers = fields;
        }
      }
      if (frame.has(Frame.END_STREAM)) {
        return new Answer(headers, body.toByteArray(), trailers, informational, dataFrames, null);
      }
    }
  }

  List<Map.Entry<String, String>> decode(Frame frame) throws IOException {
    ByteBuf block = Unpooled.wrappedBuffer(frame.payload());
    try {
      List<Map.Entry<String, String>> fields = new ArrayList<>();
      Http2Headers decoded = hpack.decodeHeaders(frame.stream(), block);
      decoded.forEach(
          field -> fields.add(Map.entry(field.getKey().toString(), field.getValue().toString())));
      return fields;
    } catch (Http2Exception e) {
      throw new IOException(e);
    }
  }

  void endSending() throws IOException {
    socket.shutdownOutput();
  }

  void resetConnection() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
