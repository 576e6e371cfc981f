package dev.sluice.server.files;

import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What tells one state of a file from the next, without reading it; immutable, any thread.
 *
 * @param path where the file really is
 * @param key device and inode, where the system has them
 * @param size in bytes
 */
record Stamp(Path path, @Nullable Object key, long size, FileTime modified) {
  static Stamp of(Path path, BasicFileAttributes attributes) {
    return new Stamp(path, attributes.fileKey(), attributes.size(), attributes.lastModifiedTime());
  }

  long modifiedNanos() {
    return modified.to(TimeUnit.NANOSECONDS);
  }

  /** In seconds since 1970. */
  long modifiedSeconds() {
    return modified.to(TimeUnit.SECONDS);
  }
}
