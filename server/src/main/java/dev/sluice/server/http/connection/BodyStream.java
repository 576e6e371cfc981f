package dev.sluice.server.http.connection;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * A body that is read while it arrives: filled on the connection's IO thread, read by one other
 * thread, which waits, or by any thread that polls. At most about {@link #HIGH} bytes wait in
 * between; then the connection is not read.
 *
 * <p>A thread that waits does nothing else, so a client has to be worth it: the time of all waits
 * for one body is bounded by the time for bodies, and a second for each {@link #WORTH} bytes, or
 * for each as many as the least rate has, if that is more.
 */
public final class BodyStream implements IncomingBody {
  private static final int HIGH = 256 * 1024;
  private static final int LOW = 64 * 1024;
  private static final int WORTH = 16 * 1024;

  private final BodySource source;
  private final long length;
  private final Deque<ByteBuf> pieces = new ArrayDeque<>();
  private long received;
  private int waiting;
  private long waitedNanos;
  private long waitsSince;
  private boolean isWaitedFor;
  private boolean paused;
  private boolean wanted;
  private @Nullable Runnable readable;
  private boolean isSignalled;
  private @Nullable String failure;
  private volatile boolean complete;

  /**
   * Makes a stream.
   *
   * @param length what was declared, or -1
   */
  public BodyStream(BodySource source, long length) {
    this.source = source;
    this.length = length;
  }

  @Override
  public synchronized void add(ByteBuf piece) {
    received += piece.readableBytes();
    if (failure != null || !piece.isReadable()) {
      piece.release();
      return;
    }
    waiting += piece.readableBytes();
    ByteBuf last = pieces.peekLast();
    if (last != null && last.writableBytes() >= piece.readableBytes()) {
      // Small pieces share a buffer, if their owner has made it larger than the first of them.
      last.writeBytes(piece);
      piece.release();
    } else {
      pieces.add(piece);
    }
    if (waiting > HIGH && !paused) {
      paused = true;
      source.pauseReading();
    }
    changed();
  }

  /** Tells whoever waits, in either way. */
  private void changed() {
    notifyAll();
    if (readable != null && !isSignalled) {
      isSignalled = true;
      source.onIoThread(this::callBack);
    }
  }

  /** On the IO thread; what was to be told may have been taken meanwhile. */
  private void callBack() {
    Runnable action;
    synchronized (this) {
      isSignalled = false;
      if (isAwaited()) {
        return;
      }
      action = readable;
      readable = null;
    }
    if (action != null) {
      action.run();
    }
  }

  @Override
  public synchronized long received() {
    return received;
  }

  @Override
  public synchronized void complete(Runnable action) {
    complete = true;
    changed();
    action.run();
  }

  @Override
  public boolean isComplete() {
    return complete;
  }

  @Override
  public synchronized void fail(String why) {
    if (!complete && failure == null) {
      failure = why;
      changed();
    }
  }

  @Override
  public synchronized void discard() {
    if (failure == null) {
      failure = "the request has ended";
    }
    pieces.forEach(ByteBuf::release);
    pieces.clear();
    waiting = 0;
    if (paused) {
      // Also if it is complete: the connection has further requests.
      paused = false;
      source.resumeReading();
    }
    changed();
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public boolean isStream() {
    return true;
  }

  @Override
  public @Nullable Path file() {
    return null;
  }

  @Override
  public void copyTo(ByteBuffer target) {
    throw new IllegalStateException("this body is read while it arrives");
  }

  @Override
  public synchronized int read(ByteBuffer target) throws IOException, InterruptedException {
    want();
    awaitPiece();
    return takeOrEnd(target);
  }

  @Override
  public synchronized int poll(ByteBuffer target) throws IOException {
    want();
    return isAwaited() ? 0 : takeOrEnd(target);
  }

  @Override
  public synchronized int available() {
    return waiting;
  }

  @Override
  public synchronized void whenReadable(Runnable action) {
    want();
    readable = action;
    if (!isAwaited()) {
      changed();
    }
  }

  private void want() {
    if (!wanted) {
      wanted = true;
      if (!complete) {
        source.onIoThread(source::bodyWanted);
      }
    }
  }

  private int takeOrEnd(ByteBuffer target) throws IOException {
    if (pieces.isEmpty() && failure != null) {
      throw new IOException(failure);
    }
    return pieces.isEmpty() ? -1 : take(target);
  }

  private void awaitPiece() throws InterruptedException {
    if (isAwaited()) {
      isWaitedFor = true;
      waitsSince = System.nanoTime();
      try {
        while (isAwaited()) {
          wait();
        }
      } finally {
        waitedNanos += System.nanoTime() - waitsSince;
        isWaitedFor = false;
      }
    }
  }

  private boolean isAwaited() {
    return pieces.isEmpty() && !complete && failure == null;
  }

  @Override
  public synchronized boolean keepsReaderWaiting(HttpLimits limits) {
    if (limits.uploadRate() == 0 || limits.body().isZero()) {
      return false;
    }
    long waited = waitedNanos + (isWaitedFor ? System.nanoTime() - waitsSince : 0);
    double seconds = (double) received / Math.max(WORTH, limits.uploadRate());
    return waited > limits.body().toNanos() + seconds * 1e9;
  }

  private int take(ByteBuffer target) {
    int taken = 0;
    while (!pieces.isEmpty() && target.hasRemaining()) {
      ByteBuf first = pieces.element();
      int size = Math.min(first.readableBytes(), target.remaining());
      first.readBytes(target.slice(target.position(), size));
      target.position(target.position() + size);
      taken += size;
      if (!first.isReadable()) {
        pieces.remove().release();
      }
    }
    waiting -= taken;
    if (paused && waiting <= LOW) {
      paused = false;
      source.onIoThread(source::resumeReading);
    }
    return taken;
  }
}
