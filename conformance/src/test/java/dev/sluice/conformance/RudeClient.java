package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Server;
import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.Deflater;

/**
 * A client that opens WebSockets and sends requests, and breaks off at random places; used by one
 * thread. What it does follows from its seed; when the server sees it does not.
 */
final class RudeClient {
  private static final String[] SOCKETS = {"/echo", "/ticks", "/floods", "/leaves"};
  private static final String[] REQUESTS = {"GET /streams", "GET /waits", "POST /reads"};
  private static final int TEXT = 1;
  private static final int BINARY = 2;
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int FIN = 0x80;
  private static final int COMPRESSED = 0x40;

  /** Frames of the server's, after a head. */
  private static final String ECHO = "\r\n\r\n\u0081\u0004fine";

  private static final String CLOSED = "\u0088\u0002\u0003\u00e8";

  private final Server server;
  private final Random random;
  private int conversations;

  RudeClient(Server server, long seed) {
    this.server = server;
    random = new Random(seed);
  }

  /** Talks until that moment of System.nanoTime(); the number of conversations. */
  int talkUntil(long end) {
    while (System.nanoTime() - end < 0) {
      talk();
      conversations++;
    }
    return conversations;
  }

  private void talk() {
    switch (random.nextInt(8)) {
      case 0 -> server.ask("/left");
      case 1 -> agree();
      case 2, 3 -> breakOff(request());
      default -> breakOff(socket(SOCKETS[random.nextInt(SOCKETS.length)]));
    }
  }

  /** An echo that is used as it should be: it must go well beside the others. */
  private void agree() {
    try (Connection connection = server.connect()) {
      connection.send(handshake("/echo", false));
      connection.send(frame(FIN | TEXT, "fine".getBytes(StandardCharsets.US_ASCII)));
      String received = read(connection, "", ECHO);
      // Only now: whoever has been told that this is the end sends no more messages.
      connection.send(frame(FIN | CLOSE, new byte[] {3, (byte) 232}));
      assertThat(read(connection, received, ECHO + CLOSED)).startsWith("HTTP/1.1 101 ");
      assertThat(connection.closedByPeer()).as("the server ends the connection").isTrue();
    }
  }

  /** Reads on until all that has come ends so. */
  private static String read(Connection connection, String before, String end) {
    var received = new StringBuilder(before);
    byte[] some = new byte[4096];
    while (!received.toString().endsWith(end)) {
      int size = connection.skim(some);
      assertThat(size).as("bytes behind %s", received).isPositive();
      received.append(new String(some, 0, size, StandardCharsets.ISO_8859_1));
    }
    return received.toString();
  }

  private void breakOff(byte[] conversation) {
    boolean cut = random.nextInt(3) > 0;
    int size = cut ? random.nextInt(conversation.length + 1) : conversation.length;
    try (Connection connection = server.connect()) {
      int sent = 0;
      while (sent < size) {
        int next = Math.min(size, sent + 1 + random.nextInt(40_000));
        connection.send(Arrays.copyOfRange(conversation, sent, next));
        sent = next;
        LockSupport.parkNanos(random.nextInt(2_000_000));
        if (connection.hasInput() && random.nextBoolean()) {
          connection.skim(new byte[65536]);
        }
      }
      switch (random.nextInt(3)) {
        case 0 -> connection.reset();
        case 1 -> connection.halfClose();
        default -> LockSupport.parkNanos(random.nextInt(10_000_000));
      }
    } catch (UncheckedIOException ended) {
      // The server is the first to end it after a frame that is none, or while it is still sent to.
      if (!(ended.getCause() instanceof SocketException)) {
        throw ended;
      }
    }
  }

  private byte[] request() {
    String line = REQUESTS[random.nextInt(REQUESTS.length)];
    byte[] body = line.startsWith("POST") ? bytes(200_000) : new byte[0];
    String head =
        "%s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n".formatted(line, body.length);
    var whole = new ByteArrayOutputStream();
    whole.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
    whole.writeBytes(body);
    return whole.toByteArray();
  }

  /** A handshake, and frames of all kinds. */
  private byte[] socket(String path) {
    boolean compressed = random.nextBoolean();
    var whole = new ByteArrayOutputStream();
    whole.writeBytes(handshake(path, compressed));
    for (int n = random.nextInt(6); n > 0; n--) {
      switch (random.nextInt(6)) {
        case 0 -> whole.writeBytes(frame(FIN | PING, bytes(125)));
        case 1 -> whole.writeBytes(bytes(30)); // most likely not a frame
        case 2 -> {
          whole.writeBytes(frame(BINARY, bytes(1000)));
          whole.writeBytes(frame(FIN, bytes(70_000)));
        }
        case 3 -> whole.writeBytes(frame(FIN | TEXT, "some text".getBytes(StandardCharsets.UTF_8)));
        default ->
            whole.writeBytes(
                compressed
                    ? frame(FIN | COMPRESSED | BINARY, deflated(bytes(70_000)))
                    : frame(FIN | BINARY, bytes(70_000)));
      }
    }
    if (random.nextInt(3) == 0) {
      whole.writeBytes(frame(FIN | CLOSE, new byte[] {3, (byte) 232}));
    }
    return whole.toByteArray();
  }

  private byte[] bytes(int atMost) {
    byte[] made = new byte[random.nextInt(atMost + 1)];
    random.nextBytes(made);
    return made;
  }

  private static byte[] handshake(String path, boolean compressed) {
    String offer = compressed ? "Sec-WebSocket-Extensions: permessage-deflate\r\n" : "";
    return """
    GET %s HTTP/1.1\r
    Host: 127.0.0.1\r
    Upgrade: websocket\r
    Connection: Upgrade\r
    Sec-WebSocket-Version: 13\r
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
    %s\r
    """
        .formatted(path, offer)
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** As a client sends it: masked. */
  private byte[] frame(int first, byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(14 + payload.length).put((byte) first);
    if (payload.length < 126) {
      frame.put((byte) (0x80 | payload.length));
    } else if (payload.length < 65536) {
      frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
    } else {
      frame.put((byte) (0x80 | 127)).putLong(payload.length);
    }
    byte[] mask = new byte[4];
    random.nextBytes(mask);
    frame.put(mask);
    for (int i = 0; i < payload.length; i++) {
      frame.put((byte) (payload[i] ^ mask[i & 3]));
    }
    return Arrays.copyOf(frame.array(), frame.position());
  }

  private static byte[] deflated(byte[] payload) {
    try (Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true)) {
      deflater.setInput(payload);
      byte[] space = new byte[payload.length + 1000];
      int size = deflater.deflate(space, 0, space.length, Deflater.SYNC_FLUSH);
      return Arrays.copyOf(space, size - 4); // the end of each flush is left away
    }
  }
}
