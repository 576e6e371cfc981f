package dev.sluice.conformance.harness;

import dev.sluice.conformance.harness.Response.Framing;
import dev.sluice.conformance.harness.Response.Header;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A connection that sends whatever bytes a test likes, and reads responses strictly: a line that
 * does not end in CRLF, or framing that contradicts itself, fails the test.
 */
public final class Connection implements AutoCloseable {
  private final InputStream in;
  private final OutputStream out;
  private final Closeable socket;
  private final AtomicLong sentAside = new AtomicLong();
  private boolean reset;
  private List<Header> trailers = List.of();

  /** Over any pair of streams. */
  public Connection(InputStream in, OutputStream out, Closeable socket) {
    this.in = new BufferedInputStream(in, 65536);
    this.out = out;
    this.socket = socket;
  }

  /** To a port of this machine. */
  public static Connection to(int port) {
    try {
      var socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setSoTimeout((int) Limits.ANSWER.toMillis());
      socket.setTcpNoDelay(true);
      return new Connection(socket.getInputStream(), socket.getOutputStream(), socket);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** This side's port. */
  public int localPort() {
    return ((Socket) socket).getLocalPort();
  }

  /** Sends a whole request head: the request line, Host, and these header lines. */
  public Connection request(String requestLine, String... headerLines) {
    var lines = new ArrayList<>(List.of(requestLine, "Host: 127.0.0.1"));
    lines.addAll(List.of(headerLines));
    return send(String.join("\r\n", lines) + "\r\n\r\n");
  }

  /** A GET on a kept connection. */
  public Connection get(String path) {
    return request("GET " + path + " HTTP/1.1");
  }

  /** Sends characters as latin-1 bytes. */
  public Connection send(String text) {
    return send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  public Connection send(byte[] bytes) {
    try {
      out.write(bytes);
      out.flush();
      return this;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /**
   * Sends so many bytes on a thread of its own, since the server may leave some of it unread for
   * long; it may also end the connection before all is sent.
   */
  public void sendAside(long bytes) {
    sendAside(bytes, new byte[65536]);
  }

  /** The same of a block, over and over. */
  public void sendAside(long bytes, byte[] block) {
    Thread.ofVirtual()
        .start(() -> {
          try {
            while (sentAside.get() < bytes) {
              int size = (int) Math.min(block.length, bytes - sentAside.get());
              out.write(block, 0, size);
              sentAside.addAndGet(size);
            }
          } catch (IOException ended) {
            // What has come back tells the test whether that was right.
          }
        });
  }

  /** How many bytes of that are on their way. */
  public long sentAside() {
    return sentAside.get();
  }

  /** Whether something has come that was not read yet. */
  public boolean hasInput() {
    try {
      return in.available() > 0;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Ends the sending side only. */
  public Connection halfClose() {
    try {
      ((Socket) socket).shutdownOutput();
      return this;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Goes away as a crashed client does: with a reset. */
  public void reset() {
    try {
      ((Socket) socket).setSoLinger(true, 0);
      socket.close();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Reads a response to anything but HEAD. */
  public Response read() {
    return read(true);
  }

  /** Reads a response to HEAD. */
  public Response readHead() {
    return read(false);
  }

  private Response read(boolean mayHaveBody) {
    try {
      String[] first = line("a status line").split(" ", 3);
      if (first.length != 3 || !first[0].matches("HTTP/1\\.[01]") || !first[1].matches("\\d{3}")) {
        throw new AssertionError("not a status line: " + String.join(" ", first));
      }
      int status = Integer.parseInt(first[1]);
      List<Header> headers = headers();
      var head = new Response(first[0], status, first[2], headers, "", Framing.NONE, true);
      if (!mayHaveBody || status < 200 || status == 204 || status == 304) {
        return head;
      }
      return withBody(head);
    } catch (SocketTimeoutException late) {
      throw new AssertionError("no whole response within " + Limits.ANSWER, late);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private Response withBody(Response head) throws IOException {
    String length = head.header("Content-Length");
    String coding = head.header("Transfer-Encoding");
    if (!length.isEmpty() && !coding.isEmpty()) {
      throw new AssertionError("both Content-Length and Transfer-Encoding: " + head);
    }
    var body = new ByteArrayOutputStream();
    Framing framing;
    boolean complete;
    if (!coding.isEmpty()) {
      if (!coding.equals("chunked") || !head.version().equals("HTTP/1.1")) {
        throw new AssertionError("a coding that no client asked for: " + head);
      }
      framing = Framing.CHUNKED;
      complete = readChunks(body);
    } else if (!length.isEmpty()) {
      framing = Framing.LENGTH;
      int wanted = Integer.parseInt(length);
      complete = readExactly(body, wanted);
    } else {
      framing = Framing.CLOSE;
      readExactly(body, Integer.MAX_VALUE);
      complete = !reset;
    }
    return new Response(
        head.version(),
        head.status(),
        head.reason(),
        head.headers(),
        body.toString(StandardCharsets.ISO_8859_1),
        framing,
        complete);
  }

  /** What stood behind the last chunk of the last response. */
  public List<Header> trailers() {
    return trailers;
  }

  /** Expects the head and the first chunk of a response whose end the application holds back. */
  public void expectFirstChunk(String text) {
    try {
      String status = line("a status line");
      headers();
      String size = line("a chunk's size");
      String chunk = line("the end of a chunk");
      if (!status.equals("HTTP/1.1 200 OK")
          || Integer.parseInt(size, 16) != text.length()
          || !chunk.equals(text)) {
        throw new AssertionError(status + ", first chunk of " + size + " bytes: " + chunk);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Expects the last chunk of such a response, and its end. */
  public void expectLastChunk(String text) {
    var body = new ByteArrayOutputStream();
    try {
      if (!readChunks(body) || !body.toString(StandardCharsets.ISO_8859_1).equals(text)) {
        throw new AssertionError("the rest of the chunks: " + body);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Whether the peer ends the connection without another byte; one that comes is left unread. */
  public boolean closedByPeer() {
    try {
      in.mark(1);
      if (in.read() < 0) {
        return true;
      }
      in.reset();
      return false;
    } catch (SocketTimeoutException open) {
      return false;
    } catch (SocketException peerReset) {
      return true;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Reads some of what has come, without looking at it; the number of bytes, or -1. */
  public int skim(int atMost) {
    return skim(new byte[atMost]);
  }

  /** The same into an array. */
  public int skim(byte[] into) {
    try {
      return in.read(into);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private boolean readChunks(ByteArrayOutputStream body) throws IOException {
    while (true) {
      String size;
      try {
        size = line("a chunk's size");
      } catch (CutException cut) {
        return false;
      }
      if (!size.matches("[0-9a-fA-F]{1,8}")) {
        throw new AssertionError("not a chunk size: " + size);
      }
      int wanted = Integer.parseInt(size, 16);
      if (wanted == 0) {
        trailers = headers();
        return true;
      }
      if (!readExactly(body, wanted)) {
        return false;
      }
      if (!line("the end of a chunk").isEmpty()) {
        throw new AssertionError("a chunk is longer than its size");
      }
    }
  }

  /** Reads so many bytes; false when the connection ended before. */
  private boolean readExactly(ByteArrayOutputStream body, int wanted) throws IOException {
    byte[] buffer = new byte[65536];
    int left = wanted;
    while (left > 0) {
      int count;
      try {
        count = in.read(buffer, 0, Math.min(buffer.length, left));
      } catch (SocketException peerReset) {
        reset = true;
        return false;
      }
      if (count < 0) {
        return false;
      }
      body.write(buffer, 0, count);
      left -= count;
    }
    return true;
  }

  private List<Header> headers() throws IOException {
    var headers = new ArrayList<Header>();
    for (String line = line("a header"); !line.isEmpty(); line = line("a header")) {
      int colon = line.indexOf(':');
      if (colon < 1 || line.substring(0, colon).contains(" ")) {
        throw new AssertionError("not a header: " + line);
      }
      headers.add(new Header(line.substring(0, colon), line.substring(colon + 1).strip()));
    }
    return headers;
  }

  private String line(String what) throws IOException {
    var line = new ByteArrayOutputStream();
    while (true) {
      int next;
      try {
        next = in.read();
      } catch (SocketException peerReset) {
        next = -1;
      }
      if (next < 0) {
        throw new CutException("the connection ended instead of " + what + "; before: " + line);
      }
      if (next == '\r') {
        if (in.read() != '\n') {
          throw new AssertionError("a CR without LF in " + what + ": " + line);
        }
        return line.toString(StandardCharsets.ISO_8859_1);
      }
      if (next == '\n') {
        throw new AssertionError("an LF without CR in " + what + ": " + line);
      }
      line.write(next);
    }
  }

  /** The peer ended the connection where more had to come. */
  public static final class CutException extends IOException {
    CutException(String message) {
      super(message);
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
