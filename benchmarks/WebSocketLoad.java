import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Loads a WebSocket server from one thread, on which everything runs, and prints what came out.
 *
 * <pre>
 * java WebSocketLoad.java echo PORT CLIENTS SECONDS   each client sends a text of 32 bytes, waits for its echo, and again
 * java WebSocketLoad.java idle PORT CLIENTS           opens them, prints "open", waits for a line, checks that all are open
 * </pre>
 *
 * <p>An answer that is not what was sent ends the program with an error. Extensions are not offered.
 */
final class WebSocketLoad {
  private static final byte[] TEXT =
      "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] MASK = {0x12, 0x34, 0x56, 0x78};
  private static final int TEXT_FRAME = 0x81;
  private static final int PING = 0x89;
  private static final int MOST_LATENCIES = 4_000_000;

  private static long[] latencies = new long[MOST_LATENCIES];
  private static int count;

  /** One client. */
  private static final class Client {
    final SocketChannel channel;
    final ByteBuffer input = ByteBuffer.allocateDirect(256);
    final ByteBuffer output = ByteBuffer.allocateDirect(6 + TEXT.length);
    long sent;

    Client(int port) throws IOException {
      channel = SocketChannel.open(new InetSocketAddress("127.0.0.1", port));
      channel.socket().setTcpNoDelay(true);
      output.put((byte) TEXT_FRAME).put((byte) (0x80 | TEXT.length)).put(MASK);
      for (int i = 0; i < TEXT.length; i++) {
        output.put((byte) (TEXT[i] ^ MASK[i % 4]));
      }
      shakeHands();
    }

    private void shakeHands() throws IOException {
      String request =
          "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
      channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
      // Nothing follows the answer's head: the server speaks when it is spoken to.
      ByteBuffer answer = ByteBuffer.allocate(4096);
      String text = "";
      while (!text.endsWith("\r\n\r\n")) {
        if (channel.read(answer) < 0) {
          throw new IOException("the handshake's answer broke off after: " + text);
        }
        text = new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII);
      }
      if (!text.startsWith("HTTP/1.1 101 ")) {
        throw new IOException("the handshake was answered: " + text);
      }
    }

    void send() throws IOException {
      output.rewind();
      sent = System.nanoTime();
      if (channel.write(output) != output.capacity()) {
        throw new IOException("the socket does not take a frame");
      }
    }

    /** Reads; whether a whole echo has come. */
    boolean receive() throws IOException {
      if (channel.read(input) < 0) {
        throw new IOException("the server closed a connection");
      }
      input.flip();
      boolean whole = false;
      while (input.remaining() >= 2 && input.remaining() >= 2 + input.get(input.position() + 1)) {
        int first = input.get() & 0xff;
        byte[] payload = new byte[input.get()];
        input.get(payload);
        if (first == PING) {
          pong(payload);
        } else if (first == TEXT_FRAME && Arrays.equals(payload, TEXT) && !whole) {
          whole = true;
        } else {
          throw new IOException("the server sent something else than an echo");
        }
      }
      input.compact();
      return whole;
    }

    private void pong(byte[] payload) throws IOException {
      ByteBuffer frame = ByteBuffer.allocate(6 + payload.length);
      frame.put((byte) 0x8a).put((byte) (0x80 | payload.length)).putInt(0).put(payload).flip();
      channel.write(frame);
    }
  }

  private WebSocketLoad() {}

  /** Runs it. */
  public static void main(String[] arguments) throws IOException {
    int port = Integer.parseInt(arguments[1]);
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < Integer.parseInt(arguments[2]); i++) {
      clients.add(new Client(port));
    }
    if (arguments[0].equals("echo")) {
      echo(clients, Long.parseLong(arguments[3]));
    } else {
      idle(clients);
    }
  }

  private static void echo(List<Client> clients, long seconds) throws IOException {
    try (Selector selector = Selector.open()) {
      for (Client client : clients) {
        client.channel.configureBlocking(false);
        client.channel.register(selector, SelectionKey.OP_READ, client);
        client.send();
      }
      long start = System.nanoTime();
      long end = start + seconds * 1_000_000_000L;
      while (System.nanoTime() < end) {
        selector.select(WebSocketLoad::answered, 1000);
      }
      print((System.nanoTime() - start) / 1e9);
    }
  }

  private static void answered(SelectionKey key) {
    Client client = (Client) key.attachment();
    try {
      if (client.receive()) {
        latencies[count++ % MOST_LATENCIES] = System.nanoTime() - client.sent;
        client.send();
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void print(double seconds) {
    int kept = Math.min(count, MOST_LATENCIES);
    Arrays.sort(latencies, 0, kept);
    System.out.printf(
        "{\"messages\": %d, \"seconds\": %.6f, \"p50\": %.9f, \"p99\": %.9f}%n",
        count, seconds, latencies[kept / 2] / 1e9, latencies[(int) (kept * 0.99)] / 1e9);
  }

  private static void idle(List<Client> clients) throws IOException {
    System.out.println("open");
    System.in.read();
    for (Client client : clients) {
      client.channel.configureBlocking(false);
      if (client.receive()) {
        throw new IOException("the server sent something to an idle client");
      }
    }
    System.out.println("still open");
  }
}
