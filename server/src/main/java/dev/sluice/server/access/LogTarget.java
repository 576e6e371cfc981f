package dev.sluice.server.access;

import dev.sluice.python.SluiceException;
import dev.sluice.server.ServerError;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the log goes: a file that lines are appended to, or stdout. Used by {@code sluice-log} once
 * it has been opened; may block.
 *
 * <p>A file that was moved away or removed, as logrotate does it, is noticed before the next line
 * that is written at least a second after the last look, and made anew.
 */
final class LogTarget implements LogWriter.Sink, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LogTarget.class);

  /** How long to wait for a pipe that is full, and whose owner has made it non-blocking. */
  private static final long FULL_NANOS = 1_000_000;

  private final @Nullable Path path;
  private final long lookEveryNanos;
  private FileChannel channel;
  private @Nullable Object identity;
  private long lastLook = System.nanoTime();
  private boolean refused;

  private LogTarget(@Nullable Path path, FileChannel channel, long lookEveryNanos) {
    this.path = path;
    this.channel = channel;
    this.lookEveryNanos = lookEveryNanos;
  }

  static LogTarget stdout() {
    FileChannel channel = new FileOutputStream(FileDescriptor.out).getChannel();
    return new LogTarget(null, channel, 0);
  }

  /**
   * Opens a file, and makes it if it is not there.
   *
   * @throws SluiceException (SL321) if that is not possible
   */
  static LogTarget file(Path path, long lookEveryNanos) {
    try {
      LogTarget target = new LogTarget(path, open(path), lookEveryNanos);
      target.identity = identity(path);
      return target;
    } catch (IOException e) {
      throw new SluiceException(
          ServerError.ACCESS_LOG_NOT_OPENED,
          "the access log %s cannot be opened for writing: %s. Make its folder, and let this user"
                  .formatted(path, e)
              + " write there.",
          e);
    }
  }

  private static FileChannel open(Path path) throws IOException {
    return FileChannel.open(
        path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
  }

  /** Device and inode; null where there is no such thing. */
  private static @Nullable Object identity(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
  }

  @Override
  public void write(ByteBuffer bytes) throws IOException {
    if (path != null && System.nanoTime() - lastLook >= lookEveryNanos) {
      lastLook = System.nanoTime();
      reopenIfMoved(path);
    }
    while (bytes.hasRemaining()) {
      if (channel.write(bytes) == 0) {
        LockSupport.parkNanos(FULL_NANOS);
      }
    }
  }

  private void reopenIfMoved(Path file) {
    try {
      Object now = Files.exists(file) ? identity(file) : null;
      if (now != null && now.equals(identity)) {
        return;
      }
      if (now == null && identity == null && Files.exists(file)) {
        return; // a system without inodes
      }
      FileChannel fresh = open(file);
      FileChannel old = channel;
      channel = fresh;
      identity = identity(file);
      refused = false;
      old.close();
    } catch (IOException e) {
      if (!refused) {
        refused = true;
        LOG.warn("the access log was moved, and {} cannot be made anew: {}", file, e.toString());
      }
    }
  }

  /** Closes a file; stdout stays open. */
  @Override
  public void close() {
    if (path != null) {
      try {
        channel.close();
      } catch (IOException e) {
        LOG.warn("the access log {} could not be closed: {}", path, e.toString());
      }
    }
  }
}
