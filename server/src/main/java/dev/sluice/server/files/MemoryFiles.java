package dev.sluice.server.files;

import dev.sluice.server.exchange.SharedBytes;
import java.io.IOException;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps contents in files that have no name and no disk, so that the system sends them without a
 * copy; used by the files' threads, since writing blocks.
 *
 * <p>Each is a file of its own that is written once: the system may still hold its pages for a slow
 * client long after they were given to a socket, so that they are never used again for something
 * else. What was dropped is freed when the collector finds it, and counts until then. So there are
 * limits here besides the cache's; beyond them, and where the system has no such files, contents
 * stay in the heap, where they cost a copy for each response.
 */
final class MemoryFiles {
  private static final Logger LOG = LoggerFactory.getLogger(MemoryFiles.class);
  private static final Path LINUX = Path.of("/dev/shm");

  /** Smaller contents are copied behind their heads faster than the system is called once more. */
  static final int LEAST = 16 * 1024 + 1;

  /** Each takes a descriptor. */
  static final int MOST = 512;

  private final @Nullable Path folder;
  private final long mostBytes;
  private final ReferenceQueue<SharedBytes> dropped = new ReferenceQueue<>();
  private final Set<Kept> kept = new HashSet<>(); // guarded by this
  private int files; // guarded by this
  private long bytes; // guarded by this

  private static final class Kept extends PhantomReference<SharedBytes> {
    final int size;

    Kept(SharedBytes bytes, ReferenceQueue<SharedBytes> dropped) {
      super(bytes, dropped);
      size = bytes.size();
    }
  }

  /** Keeps up to so many bytes in such files. */
  MemoryFiles(long mostBytes) {
    this(Files.isWritable(LINUX) ? LINUX : null, mostBytes);
  }

  /**
   * Keeps files in a folder.
   *
   * @param folder of a file system in memory; null if there is none
   */
  MemoryFiles(@Nullable Path folder, long mostBytes) {
    this.folder = folder;
    this.mostBytes = mostBytes;
  }

  /** Keeps an array, which nobody may change any more, here or in the heap. */
  SharedBytes keep(byte[] content) {
    if (folder == null || content.length < LEAST || !reserve(content.length)) {
      return SharedBytes.of(content);
    }
    SharedBytes stored = null;
    try {
      stored = store(folder, content);
    } catch (IOException e) {
      LOG.debug("{} has no room for {} bytes: {}", folder, content.length, e.toString());
    } finally {
      settle(content.length, stored);
    }
    return stored == null ? SharedBytes.of(content) : stored;
  }

  private static SharedBytes store(Path folder, byte[] content) throws IOException {
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
      // Written, not mapped first: a file system that is full is an exception, no signal.
      ByteBuffer source = ByteBuffer.wrap(content);
      while (source.hasRemaining()) {
        file.write(source);
      }
      return SharedBytes.of(file.map(FileChannel.MapMode.READ_ONLY, 0, content.length), file);
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  private synchronized boolean reserve(int size) {
    forgetDropped();
    if (files >= MOST || bytes + size > mostBytes) {
      return false;
    }
    files++;
    bytes += size;
    return true;
  }

  private synchronized void settle(int size, @Nullable SharedBytes stored) {
    if (stored != null) {
      kept.add(new Kept(stored, dropped));
    } else {
      files--;
      bytes -= size;
    }
  }

  private void forgetDropped() {
    for (Object next = dropped.poll(); next != null; next = dropped.poll()) {
      if (next instanceof Kept gone && kept.remove(gone)) {
        files--;
        bytes -= gone.size;
      }
    }
  }

  /** How many bytes are in files, or were so until the collector last ran. */
  synchronized long bytes() {
    forgetDropped();
    return bytes;
  }
}
