package dev.sluice.server.files;

import java.time.Duration;

/**
 * How files are served; immutable, any thread. Sizes are in bytes.
 *
 * @param cacheControl the Cache-Control header; an empty string for none
 * @param immutableFingerprints whether files with a fingerprint in their name ({@code
 *     app.3f2a9c1d.js}) are sent with {@code public, max-age=31536000, immutable} instead
 * @param smallestGzip the least size of files that are compressed on the fly
 * @param largestGzip the greatest; 0 for no compression on the fly
 * @param largestInMemory files up to this size are kept in memory; larger ones are sent from the
 *     disk, but for what was compressed on the fly
 * @param memory how much may be kept in memory in all, in the heap and in files in memory; what was
 *     dropped and is on its way to clients in the latter is as much again at most
 * @param fresh how long what is known of a file counts without a look at the disk: a change is seen
 *     within this time
 * @param threads how many threads touch the disk
 * @param queue how many requests may wait for them; beyond it 503
 */
public record FilesOptions(
    String cacheControl,
    boolean immutableFingerprints,
    int smallestGzip,
    int largestGzip,
    int largestInMemory,
    long memory,
    Duration fresh,
    int threads,
    int queue) {

  public static final FilesOptions DEFAULT =
      new FilesOptions(
          "no-cache",
          true,
          1024,
          1024 * 1024,
          256 * 1024,
          64L * 1024 * 1024,
          Duration.ofSeconds(1),
          4,
          1024);

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one makes no sense; its message names it
   */
  public FilesOptions {
    for (int i = 0; i < cacheControl.length(); i++) {
      char c = cacheControl.charAt(i);
      check(c >= ' ' && c < 0x7f, "the cache rule has a character that no header may have");
    }
    check(smallestGzip >= 0, "the least size to compress is negative");
    check(largestGzip >= 0 && largestGzip <= 1 << 28, "the greatest size to compress is no size");
    check(largestInMemory >= 0 && largestInMemory <= 1 << 28, "the size in memory is no size");
    check(memory >= 0, "the memory for files is negative");
    check(!fresh.isNegative() && fresh.toDays() < 1, "what is known counts for less than a day");
    check(threads > 0 && threads <= 1024, "there are 1 to 1024 threads for files");
    check(queue > 0, "the queue for files has no room");
  }

  private static void check(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }

  /** The same with another Cache-Control header. */
  public FilesOptions withCacheControl(String value) {
    return new FilesOptions(
        value,
        immutableFingerprints,
        smallestGzip,
        largestGzip,
        largestInMemory,
        memory,
        fresh,
        threads,
        queue);
  }
}
