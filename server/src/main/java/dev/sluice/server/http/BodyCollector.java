package dev.sluice.server.http;

import dev.sluice.server.exchange.RequestBody;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Receives a body on the connection's IO thread, in memory until it grows too large and in a {@link
 * Spool} from then on; complete, it is read by whoever answers.
 */
final class BodyCollector implements RequestBody {
  static final BodyCollector EMPTY = new BodyCollector(0, null);

  private final int mostInMemory;
  private final Spool.@Nullable Owner spoolOwner;
  private ByteBuf memory = Unpooled.EMPTY_BUFFER;
  private @Nullable Spool spool;
  private long length;

  BodyCollector(int mostInMemory, Spool.@Nullable Owner spoolOwner) {
    this.mostInMemory = mostInMemory;
    this.spoolOwner = spoolOwner;
  }

  /** Takes a piece over, which is released later. */
  void add(ByteBuf piece) {
    int size = piece.readableBytes();
    if (size == 0) {
      piece.release();
      return;
    }
    length += size;
    if (spool != null) {
      spool.write(piece);
    } else if (length > mostInMemory && spoolOwner != null) {
      spool = new Spool(spoolOwner);
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

  /** Calls back on the IO thread when all of it can be read. */
  void whenComplete(Runnable action) {
    if (spool == null) {
      action.run();
    } else {
      spool.finish(action);
    }
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public @Nullable Path file() {
    return spool == null ? null : spool.file();
  }

  @Override
  public void copyTo(ByteBuffer target) {
    ByteBuffer limited = target.duplicate().limit(target.position() + memory.readableBytes());
    memory.getBytes(memory.readerIndex(), limited);
  }

  /** Frees the memory or the file; on the IO thread, once nobody reads any more. */
  void discard() {
    if (this != EMPTY) {
      memory.release();
      memory = Unpooled.EMPTY_BUFFER;
      if (spool != null) {
        spool.discard();
      }
    }
  }
}
