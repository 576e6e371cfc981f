package dev.sluice.python.install;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Held by whichever thread, of whichever process, changes one part of the cache. The operating
 * system takes it back when a process dies, so nothing is ever left locked.
 */
final class CacheLock {
  /** File locks belong to the process, so threads of this one need a lock between themselves. */
  private static final ReentrantLock THREADS = new ReentrantLock();

  private CacheLock() {}

  /** A change to the cache. */
  interface Change {
    void make() throws IOException;
  }

  /** Makes a change alone; says so once when it must wait for another process. */
  static void alone(Path lockFile, Consumer<String> progress, Change change) throws IOException {
    THREADS.lock();
    try {
      Files.createDirectories(lockFile.getParent());
      try (FileChannel channel =
          FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        FileLock lock = channel.tryLock();
        if (lock == null) {
          progress.accept("waiting for another sluice that is writing the cache...");
          lock = channel.lock();
        }
        change.make();
      }
    } finally {
      THREADS.unlock();
    }
  }
}
