package dev.sluice.server.files;

import dev.sluice.server.exchange.SharedBytes;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps contents in files that have no name and no disk, so that the system sends them without a
 * copy; used by the files' threads, since writing blocks.
 *
 * <p>Each is a file of its own that is written once: the system may still hold its pages for a slow
 * client long after they were given to a socket, so that they are never used again for something
 * else. A file goes when nobody holds its bytes. What was dropped while it is on its way still
 * counts, so there are limits here besides the cache's; beyond them, and where the system has no
 * such files, contents stay in the heap, where they cost a copy for each response.
 */
final class MemoryFiles {
  private static final Logger LOG = LoggerFactory.getLogger(MemoryFiles.class);
  private static final Path LINUX = Path.of("/dev/shm");
  private static final Path LIMITS = Path.of("/proc/self/limits");
  private static final String OPEN_FILES = "Max open files";

  /** Smaller contents are copied behind their heads faster than the system is called once more. */
  static final int LEAST = 16 * 1024 + 1;

  /** Each takes a descriptor, and most are the connections'. */
  private static final int MOST = 4096;

  private final @Nullable Path folder;
  private final long mostBytes;
  private final int mostFiles;
  private int files; // guarded by this
  private long bytes; // guarded by this

  /** Keeps up to so many bytes, if the system has such files. */
  MemoryFiles(long mostBytes) {
    this(Files.isWritable(LINUX) ? LINUX : null, mostBytes, Math.min(MOST, descriptors() / 8));
  }

  /**
   * Keeps files in a folder.
   *
   * @param folder of a file system in memory; null if there is none
   */
  MemoryFiles(@Nullable Path folder, long mostBytes, int mostFiles) {
    this.folder = folder;
    this.mostBytes = mostBytes;
    this.mostFiles = mostFiles;
  }

  /** How many descriptors this process may have; 0 if the system does not say. */
  private static int descriptors() {
    try (Stream<String> limits = Files.lines(LIMITS)) {
      return limits
          .filter(line -> line.startsWith(OPEN_FILES))
          .mapToInt(line ->
              Integer.parseInt(line.substring(OPEN_FILES.length()).strip().split(" ", 2)[0]))
          .findFirst()
          .orElse(0);
    } catch (IOException | UncheckedIOException | NumberFormatException e) {
      return 0;
    }
  }

  /**
   * Keeps what a file on the disk has, here or in the heap; here without its passing through the
   * heap, which a busy cache would fill with arrays that live just too long.
   *
   * @throws EOFException if it is not as long as when it was opened
   */
  SharedBytes keep(OpenedFile source) throws IOException {
    int size = Math.toIntExact(source.stamp().size());
    if (folder != null && size >= LEAST && reserve(size)) {
      try {
        return SharedBytes.of(store(folder, source), size, () -> free(size));
      } catch (IOException e) {
        LOG.debug("{} does not take {} bytes: {}", folder, size, e.toString());
        free(size);
      }
    }
    return SharedBytes.of(source.readAll());
  }

  private static FileChannel store(Path folder, OpenedFile source) throws IOException {
    FileChannel file =
        FileChannel.open(
            folder.resolve("sluice-" + UUID.randomUUID()),
            Set.of(
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.DELETE_ON_CLOSE), // its name goes at once
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      source.copyTo(file);
      return file;
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  private synchronized boolean reserve(int size) {
    if (files >= mostFiles || bytes + size > mostBytes) {
      return false;
    }
    files++;
    bytes += size;
    return true;
  }

  private synchronized void free(int size) {
    files--;
    bytes -= size;
  }

  /** How many bytes are in files. */
  synchronized long bytes() {
    return bytes;
  }
}
