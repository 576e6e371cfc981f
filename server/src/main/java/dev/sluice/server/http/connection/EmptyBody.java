package dev.sluice.server.http.connection;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The body of a request without one: immutable, any thread. */
public record EmptyBody(BodySource source) implements IncomingBody {
  @Override
  public void add(ByteBuf piece) {
    piece.release();
  }

  @Override
  public long received() {
    return 0;
  }

  @Override
  public void complete(Runnable action) {
    action.run();
  }

  @Override
  public boolean isComplete() {
    return true;
  }

  @Override
  public boolean keepsReaderWaiting(HttpLimits limits) {
    return false;
  }

  @Override
  public void fail(String why) {}

  @Override
  public void discard() {}

  @Override
  public long length() {
    return 0;
  }

  @Override
  public boolean isStream() {
    return false;
  }

  @Override
  public @Nullable Path file() {
    return null;
  }

  @Override
  public void copyTo(ByteBuffer target) {}

  @Override
  public int read(ByteBuffer target) {
    throw new IllegalStateException("this body is there as a whole");
  }

  @Override
  public int poll(ByteBuffer target) {
    return -1;
  }

  @Override
  public int available() {
    return 0;
  }

  @Override
  public void whenReadable(Runnable action) {
    source.onIoThread(action);
  }
}
