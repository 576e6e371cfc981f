package dev.sluice.server.http.h1;

import dev.sluice.server.exchange.SharedBytes;
import io.netty.channel.DefaultFileRegion;
import java.nio.channels.FileChannel;

/**
 * Shared bytes on their way to one client, by sendfile from the file that has them; made on the
 * thread that answers, then used by the connection's IO thread. Leaves the file open, and holds the
 * bytes so that it stays so.
 */
final class SharedRegion extends DefaultFileRegion {
  private final SharedBytes bytes;

  /** The file is that of the bytes. */
  SharedRegion(SharedBytes bytes, FileChannel file) {
    super(file, 0, bytes.size());
    this.bytes = bytes;
  }

  @Override
  public long count() {
    return bytes.size();
  }

  @Override
  protected void deallocate() {}
}
