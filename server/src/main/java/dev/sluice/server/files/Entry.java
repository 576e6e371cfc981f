package dev.sluice.server.files;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What is known of a path; made and checked by the files' threads, read by any.
 *
 * <p>It counts for a while after it was last checked against the disk. Requests that come later
 * wait for a check; one that comes shortly before has it made ahead, so that those for a file in
 * demand never wait.
 */
abstract sealed class Entry {
  /** What an entry costs besides its contents, in bytes: a round number on the safe side. */
  static final int OVERHEAD = 1024;

  private volatile long checked;
  private final AtomicBoolean claimed = new AtomicBoolean();

  /**
   * Makes an entry.
   *
   * @param checked when the disk was looked at, as {@link System#nanoTime} counts
   */
  Entry(long checked) {
    this.checked = checked;
  }

  /** How long ago it was checked, in nanoseconds. */
  final long age(long now) {
    return now - checked;
  }

  /** Whether the caller is the one to have it checked ahead. */
  final boolean claim() {
    return !claimed.get() && claimed.compareAndSet(false, true);
  }

  /** Gives a claim back whose check could not be made. */
  final void disclaim() {
    claimed.set(false);
  }

  /** The disk, looked at at this time, still says the same. */
  final void confirm(long now) {
    checked = now;
    claimed.set(false);
  }

  /** How many bytes of memory it takes up, about. */
  long weight() {
    return OVERHEAD;
  }

  /** It is not in the cache any more, or never was; whoever has it may still use it. */
  void dropped() {}

  /** There is nothing to be served. */
  static final class Nothing extends Entry {
    private final boolean below;

    /**
     * Makes an entry.
     *
     * @param below whether there is nothing under any path below this one either
     */
    Nothing(long checked, boolean below) {
      super(checked);
      this.below = below;
    }

    boolean isNothingBelow() {
      return below;
    }
  }

  /** A folder with an index, which is reached by the path with a slash. */
  static final class Folder extends Entry {
    Folder(long checked) {
      super(checked);
    }
  }

  /** A regular file in its representations. */
  static final class File extends Entry {
    private final Variants variants;

    File(long checked, Variants variants) {
      super(checked);
      this.variants = variants;
    }

    Variants variants() {
      return variants;
    }

    @Override
    void dropped() {
      variants.release();
    }

    @Override
    long weight() {
      return OVERHEAD + variants.weight();
    }
  }
}
