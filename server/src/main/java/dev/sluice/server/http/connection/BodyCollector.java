package dev.sluice.server.http.connection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives a body on the connection's IO thread, in memory until it grows too large, or the bodies
 * of all requests do, and in a {@link Spool} from then on; complete, it is read by whoever answers.
 */
public final class BodyCollector implements IncomingBody {
  private static final Logger LOG = LoggerFactory.getLogger(BodyCollector.class);

  /** Larger ones that fill the memory they are in are kept as they came, instead of copied. */
  private static final int KEPT = 4096;

  /** Smaller pieces are gathered before they go to the file: each costs a task and a write. */
  private static final int GATHERED = 16 * 1024;

  /** The smallest body takes as much: its buffer is no smaller. */
  private static final int LEAST = 2048;

  private final int mostInMemory;
  private final BodyAllowance allowance;
  private final BodySource source;
  private final List<ByteBuf> before = new ArrayList<>();
  private ByteBuf memory = Unpooled.EMPTY_BUFFER;
  private @Nullable Spool spool;
  private long length;
  private long taken;
  private long polled;
  private @Nullable FileChannel polledFile;
  private boolean discarded;

  /**
   * Makes a collector.
   *
   * @param allowance of the connection
   */
  public BodyCollector(int mostInMemory, BodyAllowance allowance, BodySource source) {
    this.mostInMemory = mostInMemory;
    this.allowance = allowance;
    this.source = source;
  }

  @Override
  public void add(ByteBuf piece) {
    int size = piece.readableBytes();
    if (size == 0) {
      piece.release();
      return;
    }
    length += size;
    if (spool != null) {
      gather(spool, piece);
    } else if (!fits()) {
      giveBack();
      spool = new Spool(source);
      keep();
      before.forEach(spool::write);
      before.clear();
      spool.write(piece);
    } else if (size >= KEPT && isDense(piece)) {
      keep();
      before.add(piece);
    } else if (!memory.isReadable()) {
      memory = piece;
    } else {
      append(piece);
    }
  }

  /** What is in memory gets no more. */
  private void keep() {
    if (memory.isReadable()) {
      before.add(memory);
      memory = Unpooled.EMPTY_BUFFER;
    }
  }

  /** Whether keeping a piece keeps little else: it may be a slice of what was read at once. */
  private static boolean isDense(ByteBuf piece) {
    ByteBuf all = piece.unwrap() == null ? piece : piece.unwrap();
    return piece.readableBytes() >= all.capacity() / 2;
  }

  private boolean fits() {
    if (length > mostInMemory) {
      return false;
    }
    long more = Math.max(length, LEAST) - taken;
    if (!allowance.take(more)) {
      return false;
    }
    taken += more;
    return true;
  }

  private void giveBack() {
    allowance.giveBack(taken);
    taken = 0;
  }

  private void gather(Spool file, ByteBuf piece) {
    if (memory.isReadable()) {
      append(piece);
    } else {
      memory = piece;
    }
    if (memory.readableBytes() >= GATHERED) {
      file.write(memory);
      memory = Unpooled.EMPTY_BUFFER;
    }
  }

  private void append(ByteBuf piece) {
    int needed = memory.readableBytes() + piece.readableBytes();
    ByteBuf whole = memory;
    if (memory.refCnt() != 1 || memory.writableBytes() < piece.readableBytes()) {
      whole = piece.alloc().directBuffer(Math.max(needed * 2, 4096));
      whole.writeBytes(memory);
      memory.release();
    }
    whole.writeBytes(piece);
    piece.release();
    memory = whole;
  }

  @Override
  public long received() {
    return length;
  }

  @Override
  public void complete(Runnable action) {
    if (spool == null) {
      action.run();
    } else {
      if (memory.isReadable()) {
        spool.write(memory);
        memory = Unpooled.EMPTY_BUFFER;
      }
      spool.finish(action);
    }
  }

  /** Nobody reads it before it is complete. */
  @Override
  public boolean keepsReaderWaiting(HttpLimits limits) {
    return false;
  }

  /** Whoever is given a collected body is given all of it. */
  @Override
  public boolean isComplete() {
    return true;
  }

  /** Nobody reads it before it is complete. */
  @Override
  public void fail(String why) {}

  @Override
  public long length() {
    return length;
  }

  @Override
  public boolean isStream() {
    return false;
  }

  @Override
  public int read(ByteBuffer target) {
    throw new IllegalStateException("this body is there as a whole");
  }

  @Override
  public @Nullable Path file() {
    return spool == null ? null : spool.file();
  }

  @Override
  public synchronized void copyTo(ByteBuffer target) {
    if (discarded) {
      throw new IllegalStateException("the request has ended");
    }
    ByteBuffer to = target.duplicate();
    for (ByteBuf piece : before) {
      copy(piece, to);
    }
    copy(memory, to);
  }

  private static void copy(ByteBuf from, ByteBuffer to) {
    copy(from, 0, from.readableBytes(), to);
  }

  private static void copy(ByteBuf from, int offset, int size, ByteBuffer to) {
    int end = to.position() + size;
    from.getBytes(from.readerIndex() + offset, to.duplicate().limit(end));
    to.position(end);
  }

  @Override
  public synchronized int poll(ByteBuffer target) throws IOException {
    if (discarded) {
      throw new IOException("the request has ended");
    }
    if (polled == length) {
      return -1;
    }
    Path stored = file();
    int size = stored == null ? pollMemory(target) : pollFile(stored, target);
    polled += size;
    return size;
  }

  private int pollMemory(ByteBuffer target) {
    int begin = target.position();
    long passed = 0; // bytes of the pieces that have been looked at
    for (ByteBuf piece : before) {
      pollPiece(piece, passed, target);
      passed += piece.readableBytes();
    }
    pollPiece(memory, passed, target);
    return target.position() - begin;
  }

  /** What of a piece has not been polled, and what room is left. */
  private void pollPiece(ByteBuf piece, long start, ByteBuffer target) {
    long offset = Math.max(0, polled - start);
    long left = piece.readableBytes() - offset;
    if (left > 0 && target.hasRemaining()) {
      copy(piece, (int) offset, (int) Math.min(left, target.remaining()), target);
    }
  }

  private int pollFile(Path stored, ByteBuffer target) throws IOException {
    FileChannel open = polledFile;
    if (open == null) {
      open = FileChannel.open(stored);
      polledFile = open;
    }
    int size = open.read(target, polled);
    if (size < 0) {
      throw new IOException("the stored body has become shorter");
    }
    return size;
  }

  private void closePolledFile() {
    try (FileChannel open = polledFile) {
      polledFile = null;
    } catch (IOException e) {
      LOG.warn("a stored body cannot be closed: {}", e.toString());
    }
  }

  @Override
  public synchronized int available() {
    return discarded ? 0 : (int) Math.min(length - polled, Integer.MAX_VALUE);
  }

  /** All of it is there, or nothing any more. */
  @Override
  public void whenReadable(Runnable action) {
    source.onIoThread(action);
  }

  @Override
  public synchronized void discard() {
    discarded = true;
    giveBack();
    before.forEach(ByteBuf::release);
    before.clear();
    memory.release();
    memory = Unpooled.EMPTY_BUFFER;
    closePolledFile();
    if (spool != null) {
      spool.discard();
    }
  }
}
