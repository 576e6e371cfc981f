package dev.sluice.server.files;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * A regular file open for reading, and its state when it was opened; used by one thread of the
 * files' pool, whose reads block.
 */
record OpenedFile(FileChannel channel, Stamp stamp) implements AutoCloseable {
  /**
   * Reads the whole file.
   *
   * @throws EOFException if it is not as long as when it was opened
   */
  byte[] readAll() throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(stamp.size()));
    if (!fill(bytes, 0) || channel.size() != stamp.size()) {
      throw new EOFException("the file has changed while it was read");
    }
    return bytes.array();
  }

  /**
   * Copies the whole file, within the system where that can be.
   *
   * @throws EOFException if it is not as long as when it was opened
   */
  void copyTo(FileChannel target) throws IOException {
    long done = 0;
    while (done < stamp.size()) {
      long more = channel.transferTo(done, stamp.size() - done, target);
      if (more <= 0) {
        throw new EOFException("the file has changed while it was read");
      }
      done += more;
    }
    if (channel.size() != stamp.size()) {
      throw new EOFException("the file has changed while it was read");
    }
  }

  /** Reads from a position on until the buffer is full; false if the file ends before that. */
  boolean fill(ByteBuffer target, long position) throws IOException {
    long at = position;
    int read = 0;
    while (target.hasRemaining() && read >= 0) {
      read = channel.read(target, at);
      at += read;
    }
    return !target.hasRemaining();
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // It was only read.
    }
  }
}
