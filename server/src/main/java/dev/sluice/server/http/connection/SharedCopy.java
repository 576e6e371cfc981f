package dev.sluice.server.http.connection;

import dev.sluice.server.exchange.SharedBytes;
import io.netty.buffer.ByteBuf;
import java.io.UncheckedIOException;

/** Copies shared bytes where they cannot be sent as they are; no state, any thread. */
public final class SharedCopy {
  private SharedCopy() {}

  /**
   * Appends all the bytes, which are held, to a buffer that has room for them.
   *
   * @return the buffer
   * @throws UncheckedIOException if the system does not give them; the buffer is released
   */
  public static ByteBuf append(ByteBuf out, SharedBytes bytes) {
    int at = out.writerIndex();
    try {
      bytes.copyTo(0, out.nioBuffer(at, bytes.size()));
    } catch (UncheckedIOException e) {
      out.release();
      throw e;
    }
    return out.writerIndex(at + bytes.size());
  }
}
