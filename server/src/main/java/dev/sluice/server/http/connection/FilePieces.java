package dev.sluice.server.http.connection;

import dev.sluice.server.exchange.FilePart;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.stream.ChunkedInput;
import java.io.EOFException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A part of a file whose bytes have to pass through this process, read as fast as the client takes
 * them; on the connection's IO thread. Netty's own would read for ever from a file that has become
 * shorter meanwhile: here that is an exception.
 */
public final class FilePieces implements ChunkedInput<ByteBuf> {
  private static final int PIECE = 64 * 1024;

  private final FilePart part;
  private long done;

  /** Whoever has the part closes it. */
  public FilePieces(FilePart part) {
    this.part = part;
  }

  @Override
  public boolean isEndOfInput() {
    return done >= part.count();
  }

  @Override
  public void close() {}

  @Override
  @SuppressWarnings("deprecation") // the interface has it still
  public @Nullable ByteBuf readChunk(ChannelHandlerContext context) throws IOException {
    return readChunk(context.alloc());
  }

  @Override
  public @Nullable ByteBuf readChunk(ByteBufAllocator allocator) throws IOException {
    int wanted = (int) Math.min(PIECE, part.count() - done);
    if (wanted <= 0) {
      return null;
    }
    ByteBuf piece = allocator.directBuffer(wanted);
    boolean whole = false;
    try {
      while (piece.isWritable()) {
        long at = part.position() + done + piece.readableBytes();
        if (piece.writeBytes(part.channel(), at, piece.writableBytes()) < 0) {
          throw new EOFException("the file has become shorter");
        }
      }
      whole = true;
    } finally {
      if (!whole) {
        piece.release();
      }
    }
    done += wanted;
    return piece;
  }

  @Override
  public long length() {
    return part.count();
  }

  @Override
  public long progress() {
    return done;
  }
}
