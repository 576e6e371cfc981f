package dev.sluice.server.exchange;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A part of an open file on its way to a client. Made by any thread; whoever takes it over closes
 * it, once.
 */
public final class FilePart implements AutoCloseable {
  private final FileChannel channel;
  private final long position;
  private final long count;

  /**
   * Makes a part.
   *
   * @param channel open for reading; belongs to the part from now on
   */
  public FilePart(FileChannel channel, long position, long count) {
    this.channel = channel;
    this.position = position;
    this.count = count;
  }

  /**
   * Opens the file behind a descriptor of this process once more, so that neither its position nor
   * its end touches the part; up to {@code most} bytes from a position on, or as many as there are.
   * May block.
   *
   * @throws IOException if it is not a regular file, or the system does not let us
   */
  public static FilePart ofDescriptor(int descriptor, long position, long most) throws IOException {
    Path path = Path.of("/proc/self/fd/" + descriptor);
    if (!Files.isRegularFile(path)) {
      throw new IOException("no regular file");
    }
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
    try {
      long rest = Math.max(0, channel.size() - position);
      return new FilePart(channel, position, Math.min(rest, most));
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * A whole file. May block.
   *
   * @throws IOException if there is none of that name, it is not a regular one, or cannot be read
   */
  public static FilePart ofFile(String name) throws IOException {
    Path path = Path.of(name);
    if (!Files.isRegularFile(path)) {
      throw new FileNotFoundException(name + " is no file");
    }
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
    try {
      return new FilePart(channel, 0, channel.size());
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  public FileChannel channel() {
    return channel;
  }

  /** Where the part begins in the file. */
  public long position() {
    return position;
  }

  /** How many bytes it has. */
  public long count() {
    return count;
  }

  /** The same file from the same position on, with fewer bytes; stands in for this part. */
  public FilePart first(long bytes) {
    return new FilePart(channel, position, Math.min(count, bytes));
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
