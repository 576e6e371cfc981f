package dev.sluice.server.exchange;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A request that came over no wire, and whose response goes nowhere but is kept. */
public final class RecordedExchange implements Exchange {
  private final RequestHead head;
  private Peer peer = new Peer("192.0.2.1", 4711, "192.0.2.2", 80, "http", null);
  private long number = 1;
  private @Nullable String response;
  private byte[] sent = new byte[0];

  public RecordedExchange(String method, String target, String... headers) {
    head = new RequestHead(method, target, "HTTP/1.1");
    for (int i = 0; i < headers.length; i += 2) {
      head.add(HeaderName.of(headers[i]), headers[i + 1]);
    }
  }

  public RecordedExchange from(Peer another) {
    peer = another;
    return this;
  }

  public RecordedExchange numbered(long another) {
    number = another;
    return this;
  }

  /** The head of the response; null while there is none. */
  public @Nullable String response() {
    return response;
  }

  public String text() {
    return new String(sent, StandardCharsets.UTF_8);
  }

  @Override
  public RequestHead request() {
    return head;
  }

  @Override
  public Peer peer() {
    return peer;
  }

  @Override
  public long number() {
    return number;
  }

  @Override
  public void respond(ResponseHead responseHead, ByteBuffer body) {
    if (response != null) {
      throw new IllegalStateException("the response has begun");
    }
    response =
        new String(responseHead.bytes(), 0, responseHead.length(), StandardCharsets.ISO_8859_1);
    sent = new byte[body.remaining()];
    body.get(sent);
  }

  @Override
  public boolean isOpen() {
    return response == null;
  }

  @Override
  public RequestBody body() {
    throw unexpected();
  }

  @Override
  public void inform(ResponseHead responseHead) {
    throw unexpected();
  }

  @Override
  public void begin(ResponseHead responseHead) {
    throw unexpected();
  }

  @Override
  public void write(ByteBuffer piece) {
    throw unexpected();
  }

  @Override
  public void write(FilePart part) {
    throw unexpected();
  }

  @Override
  public boolean isCongested() {
    throw unexpected();
  }

  @Override
  public void whenWritable(Runnable action) {
    throw unexpected();
  }

  @Override
  public void whenGone(Runnable action) {
    throw unexpected();
  }

  @Override
  public void whenInputEnded(Runnable action) {
    throw unexpected();
  }

  @Override
  public void awaitWritable() {
    throw unexpected();
  }

  @Override
  public void end() {
    throw unexpected();
  }

  @Override
  public void end(ResponseHead trailers) {
    throw unexpected();
  }

  @Override
  public boolean takeOver(int status, String why) {
    throw unexpected();
  }

  @Override
  public void abort() {
    throw unexpected();
  }

  private static UnsupportedOperationException unexpected() {
    return new UnsupportedOperationException("not needed by whoever was tested so far");
  }
}
