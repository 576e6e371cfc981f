package dev.sluice.server.http.h1;

import dev.sluice.server.exchange.SharedBytes;
import io.netty.channel.DefaultFileRegion;
import java.nio.channels.FileChannel;

/**
 * Shared bytes on their way to one client, by sendfile from the file that has them; made on the
 * thread that answers, then used by the connection's IO thread. Netty releases it when all was sent
 * or cannot be.
 */
final class SharedRegion extends DefaultFileRegion {
  private final SharedBytes bytes;

  /**
   * Makes a region of all the bytes.
   *
   * @param bytes held; released with the region
   * @param file theirs
   */
  SharedRegion(SharedBytes bytes, FileChannel file) {
    super(file, 0, bytes.size());
    this.bytes = bytes;
  }

  @Override
  public long count() {
    return bytes.size();
  }

  @Override
  protected void deallocate() {
    bytes.release();
  }
}
