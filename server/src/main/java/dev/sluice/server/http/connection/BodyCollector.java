package dev.sluice.server.http.connection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Receives a body on the connection's IO thread, in memory until it grows too large and in a {@link
 * Spool} from then on; complete, it is read by whoever answers.
 */
public final class BodyCollector implements IncomingBody {
  /** Smaller pieces are gathered before they go to the file: each costs a task and a write. */
  private static final int GATHERED = 16 * 1024;

  public static final BodyCollector EMPTY = new BodyCollector(0, null);

  private final int mostInMemory;
  private final @Nullable BodySource source;
  private ByteBuf memory = Unpooled.EMPTY_BUFFER;
  private @Nullable Spool spool;
  private long length;
  private boolean discarded;

  public BodyCollector(int mostInMemory, @Nullable BodySource source) {
    this.mostInMemory = mostInMemory;
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
    } else if (length > mostInMemory && source != null) {
      spool = new Spool(source);
      if (memory.isReadable()) {
        spool.write(memory);
      }
      memory = Unpooled.EMPTY_BUFFER;
      spool.write(piece);
    } else if (!memory.isReadable()) {
      memory = piece;
    } else {
      append(piece);
    }
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
    ByteBuffer limited = target.duplicate().limit(target.position() + memory.readableBytes());
    memory.getBytes(memory.readerIndex(), limited);
  }

  @Override
  public synchronized void discard() {
    if (this != EMPTY) {
      discarded = true;
      memory.release();
      memory = Unpooled.EMPTY_BUFFER;
      if (spool != null) {
        spool.discard();
      }
    }
  }
}
