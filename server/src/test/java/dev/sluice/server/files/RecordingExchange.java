package dev.sluice.server.files;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.FilePart;
import dev.sluice.server.exchange.HeaderName;
import dev.sluice.server.exchange.Peer;
import dev.sluice.server.exchange.RequestBody;
import dev.sluice.server.exchange.RequestHead;
import dev.sluice.server.exchange.ResponseHead;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A request that came over no wire, and a record of what it was answered, on which thread. */
final class RecordingExchange implements Exchange {
  private final RequestHead head;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
  private final List<String> headers = new ArrayList<>();
  private volatile @Nullable Thread answeredBy;
  private int status;
  private boolean begun;
  private boolean aborted;
  private int fileParts;
  private long declared = -1;

  RecordingExchange(String method, String target, String... headers) {
    head = new RequestHead(method, target, "HTTP/1.1");
    for (int i = 0; i < headers.length; i += 2) {
      head.add(HeaderName.of(headers[i]), headers[i + 1]);
    }
  }

  /** Waits for the answer's end. */
  RecordingExchange await() {
    try {
      if (!ended.await(20, TimeUnit.SECONDS)) {
        throw new AssertionError("no answer came to " + head.target());
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return this;
  }

  boolean isAnswered() {
    return ended.getCount() == 0;
  }

  int status() {
    return status;
  }

  boolean isAborted() {
    return aborted;
  }

  /** How many parts of files were written. */
  int fileParts() {
    return fileParts;
  }

  /** The name of the thread that began the answer. */
  String answeredBy() {
    Thread thread = answeredBy;
    return thread == null ? "nobody" : thread.getName();
  }

  byte[] bytes() {
    return sent.toByteArray();
  }

  String text() {
    return sent.toString(StandardCharsets.UTF_8);
  }

  /** The value of the header, or null; two of the same name are an error. */
  @Nullable String header(String name) {
    List<String> found =
        headers.stream()
            .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
            .toList();
    if (found.size() > 1) {
      throw new AssertionError("twice: " + found);
    }
    return found.isEmpty() ? null : found.getFirst().substring(name.length() + 1).strip();
  }

  /** The entity tag, which is there. */
  String tag() {
    return Objects.requireNonNull(header("etag"));
  }

  List<String> headers() {
    return headers;
  }

  private void take(ResponseHead answer) {
    if (begun) {
      throw new IllegalStateException("the response has begun");
    }
    begun = true;
    answeredBy = Thread.currentThread();
    status = answer.status();
    declared = answer.contentLength();
    String text = new String(answer.bytes(), 0, answer.length(), StandardCharsets.ISO_8859_1);
    List<String> lines = List.of(text.split("\r\n", -1));
    headers.addAll(lines.subList(1, lines.size() - 1));
  }

  private void close() {
    boolean bodiless = head.method().equals("HEAD") || status == 204 || status == 304;
    if (bodiless) {
      sent.reset();
    } else if (declared >= 0 && declared != sent.size()) {
      aborted = true;
      sent.reset();
      sent.writeBytes(("declared " + declared).getBytes(StandardCharsets.UTF_8));
    }
    ended.countDown();
  }

  @Override
  public synchronized void respond(ResponseHead answer, ByteBuffer whole) {
    take(answer);
    add(whole);
    close();
  }

  @Override
  public synchronized void begin(ResponseHead answer) {
    take(answer);
  }

  @Override
  public synchronized void write(ByteBuffer piece) {
    add(piece);
  }

  private void add(ByteBuffer piece) {
    byte[] bytes = new byte[piece.remaining()];
    piece.get(bytes);
    sent.writeBytes(bytes);
  }

  @Override
  public synchronized void write(FilePart part) {
    fileParts++;
    try (part) {
      ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(part.count()));
      int read = 0;
      while (bytes.hasRemaining() && read >= 0) {
        read = part.channel().read(bytes, part.position() + bytes.position());
      }
      add(bytes.flip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public synchronized void end() {
    close();
  }

  @Override
  public void end(ResponseHead trailers) {
    end();
  }

  @Override
  public synchronized void abort() {
    aborted = true;
    ended.countDown();
  }

  @Override
  public RequestHead request() {
    return head;
  }

  @Override
  public RequestBody body() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Peer peer() {
    return Peer.UNKNOWN;
  }

  @Override
  public long number() {
    return 1;
  }

  @Override
  public boolean isOpen() {
    return !isAnswered();
  }

  @Override
  public void inform(ResponseHead answer) {}

  @Override
  public boolean isCongested() {
    return false;
  }

  @Override
  public void whenWritable(Runnable action) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void whenGone(Runnable action) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void whenInputEnded(Runnable action) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void awaitWritable() {}

  @Override
  public boolean takeOver(int newStatus, String why) {
    return false;
  }
}
