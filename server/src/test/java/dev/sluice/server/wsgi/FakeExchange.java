package dev.sluice.server.wsgi;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.FilePart;
import dev.sluice.server.exchange.HeaderName;
import dev.sluice.server.exchange.Peer;
import dev.sluice.server.exchange.RequestBody;
import dev.sluice.server.exchange.RequestHead;
import dev.sluice.server.exchange.ResponseHead;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;

/** A request that came over no wire. */
@NullUnmarked
final class FakeExchange implements Exchange {
  private final RequestHead head;
  private final byte[] body;
  private Peer peer = new Peer("192.0.2.1", 4711, "192.0.2.2", 80, "http", null);

  FakeExchange(String method, String target, String... headers) {
    this(new byte[0], method, target, headers);
  }

  FakeExchange(byte[] body, String method, String target, String... headers) {
    this.body = body;
    head = new RequestHead(method, target, "HTTP/1.1");
    for (int i = 0; i < headers.length; i += 2) {
      head.add(HeaderName.of(headers[i]), headers[i + 1]);
    }
  }

  FakeExchange from(Peer other) {
    peer = other;
    return this;
  }

  @Override
  public RequestHead request() {
    return head;
  }

  @Override
  public RequestBody body() {
    return new RequestBody() {
      @Override
      public long length() {
        return body.length;
      }

      @Override
      public boolean isStream() {
        return false;
      }

      @Override
      public int read(ByteBuffer target) {
        throw new IllegalStateException();
      }

      @Override
      public @Nullable Path file() {
        return null;
      }

      @Override
      public void copyTo(ByteBuffer target) {
        target.put(body);
      }

      @Override
      public int poll(ByteBuffer target) {
        throw new UnsupportedOperationException("not needed by whoever was tested so far");
      }

      @Override
      public int available() {
        return body.length;
      }

      @Override
      public void whenReadable(Runnable action) {
        throw new UnsupportedOperationException("not needed by whoever was tested so far");
      }
    };
  }

  @Override
  public Peer peer() {
    return peer;
  }

  @Override
  public long number() {
    return 1;
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public void respond(ResponseHead responseHead, ByteBuffer whole) {}

  @Override
  public void inform(ResponseHead responseHead) {}

  @Override
  public void begin(ResponseHead responseHead) {}

  @Override
  public void write(ByteBuffer piece) {}

  @Override
  public void write(FilePart part) {
    part.close();
  }

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
  public void end() {}

  @Override
  public void end(ResponseHead trailers) {}

  @Override
  public boolean takeOver(int status, String why) {
    return true;
  }

  @Override
  public void abort() {}
}
