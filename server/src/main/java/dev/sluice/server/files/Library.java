package dev.sluice.server.files;

import dev.sluice.server.exchange.SharedBytes;
import dev.sluice.server.files.MediaTypes.MediaType;
import dev.sluice.server.files.Representation.Source;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of files: {@link #known} is for any thread and touches no disk, everything else is
 * for the files' threads.
 */
final class Library {
  /** What is known of paths without a file, which clients could invent any number of. */
  private static final long MOST_NOTHINGS = 2L * 1024 * 1024;

  /** A file that changed so shortly before it was read is read again at the next look. */
  private static final long UNSETTLED_NANOS = 2_000_000_000L;

  private static final int ATTEMPTS = 3;

  private final FilesOptions options;
  private final long fresh;
  private final ClockCache files;
  private final MemoryFiles memory;
  private final ClockCache nothings = new ClockCache(MOST_NOTHINGS);

  Library(FilesOptions options) {
    this.options = options;
    fresh = options.fresh().toNanos();
    files = new ClockCache(options.memory());
    memory = new MemoryFiles(2 * Math.min(options.memory(), Long.MAX_VALUE / 2));
  }

  /** A folder that is served, and the door into it. */
  record Shelf(Mount mount, Jail jail) {
    /** The part of a path that lies within the folder. */
    String below(String path) {
      return path.substring(mount.prefix().length());
    }

    /** The path of the topmost thing that another path goes through, or null if that is itself. */
    @Nullable String top(String path) {
      int slash = path.indexOf('/', mount.prefix().length() + 1);
      return slash < 0 ? null : path.substring(0, slash);
    }
  }

  /** What is known of a path and counts still; null if the disk has to be asked. */
  @Nullable Entry known(Shelf shelf, String path, long now) {
    Entry entry = files.get(path);
    if (entry == null) {
      entry = nothings.get(path);
    }
    if (entry == null && shelf.mount().fallThrough()) {
      String top = shelf.top(path);
      entry = top == null ? null : nothings.get(top);
      if (!(entry instanceof Entry.Nothing nothing && nothing.isNothingBelow())) {
        return null;
      }
    }
    return entry != null && entry.age(now) < fresh ? entry : null;
  }

  /** Whether the caller is to have this entry checked ahead. */
  boolean wantsCheck(Entry entry, long now) {
    return entry.age(now) > fresh / 2 && entry.claim();
  }

  /**
   * Looks at the disk, unless another thread has just done so.
   *
   * @throws IOException if there is a file that cannot be read now
   */
  Entry look(Shelf shelf, String path) throws IOException {
    Entry known = known(shelf, path, System.nanoTime());
    return known != null ? known : check(shelf, path);
  }

  /** Looks at the disk, and reads what has changed. */
  Entry check(Shelf shelf, String path) throws IOException {
    long now = System.nanoTime();
    String below = shelf.below(path);
    if (files.get(path) instanceof Entry.File file && isSame(shelf.jail(), below, file)) {
      file.confirm(now);
      return file;
    }
    return reload(shelf, path);
  }

  /** Reads the file anew, whatever is known of it. */
  Entry reload(Shelf shelf, String path) throws IOException {
    long now = System.nanoTime();
    Entry entry = load(shelf, path, now);
    if (entry instanceof Entry.Nothing) {
      files.remove(path);
      String top = shelf.mount().fallThrough() ? shelf.top(path) : null;
      if (top != null && !shelf.jail().hasEntry(shelf.below(top).substring(1))) {
        nothings.put(top, new Entry.Nothing(now, true));
      } else {
        nothings.put(path, entry);
      }
    } else {
      files.put(path, entry);
    }
    return entry;
  }

  private static boolean isSame(Jail jail, String below, Entry.File file) {
    return file.variants().isTrusted() && stamps(jail, below).equals(file.variants().stamps());
  }

  /** The states of a file and its siblings, in the order of {@link Coding}. */
  private static Stamps stamps(Jail jail, String below) {
    List<@Nullable Stamp> found = new ArrayList<>(Coding.ALL.size());
    for (Coding coding : Coding.ALL) {
      Jail.Place place = jail.find(below + coding.suffix);
      found.add(place == null ? null : Jail.stamp(place));
    }
    return new Stamps(found);
  }

  private Entry load(Shelf shelf, String path, long now) throws IOException {
    String below = shelf.below(path);
    if (below.isEmpty() || FileNames.allowsAll(below)) {
      for (int attempt = 1; !below.isEmpty(); attempt++) {
        try (OpenedFile file = shelf.jail().open(below)) {
          if (file == null) {
            break;
          }
          return new Entry.File(now, variants(shelf.jail(), below, file));
        } catch (EOFException e) {
          if (attempt == ATTEMPTS) {
            throw e;
          }
        }
      }
      if (isFolderWithIndex(shelf.jail(), below)) {
        return new Entry.Folder(now);
      }
    }
    return new Entry.Nothing(now, false);
  }

  private static boolean isFolderWithIndex(Jail jail, String below) {
    Jail.Place folder = jail.find(below.isEmpty() ? "/" : below);
    if (folder == null || !jail.isFolder(folder)) {
      return false;
    }
    Jail.Place index = jail.find(below + StaticFiles.INDEX);
    return index != null && Jail.stamp(index) != null;
  }

  private Variants variants(Jail jail, String below, OpenedFile file) throws IOException {
    Instant clock = Instant.now();
    long seconds = clock.getEpochSecond();
    Stamps stamps = stamps(jail, below).with(Coding.IDENTITY, file.stamp());
    MediaType type = MediaTypes.of(below);
    boolean sibling = false;
    for (Coding coding : Coding.ALL) {
      sibling |= coding != Coding.IDENTITY && stamps.isUsable(coding);
    }
    long size = file.stamp().size();
    boolean canGzip =
        type.compressible()
            && !stamps.isUsable(Coding.GZIP)
            && size >= options.smallestGzip()
            && size <= options.largestGzip();
    @Nullable Representation[] ready = new @Nullable Representation[Coding.ALL.size()];
    Source gzip = source(below, Coding.GZIP, type, true);
    for (Coding coding : Coding.ALL) {
      Source source = source(below + coding.suffix, coding, type, sibling || canGzip);
      if (coding == Coding.IDENTITY) {
        ready[coding.index] = representation(source, file, seconds);
      } else if (stamps.isUsable(coding)) {
        try (OpenedFile opened = jail.open(below + coding.suffix)) {
          if (opened == null || !opened.stamp().equals(stamps.get(coding))) {
            throw new EOFException("a compressed sibling has changed while it was read");
          }
          ready[coding.index] = representation(source, opened, seconds);
        }
      }
    }
    boolean trusted = stamps.youngest() < nanos(clock) - UNSETTLED_NANOS;
    return new Variants(stamps, trusted, ready, gzip, canGzip, seconds);
  }

  private static long nanos(Instant clock) {
    return clock.getEpochSecond() * 1_000_000_000L + clock.getNano();
  }

  private Source source(String below, Coding coding, MediaType type, boolean varies) {
    boolean lasting = options.immutableFingerprints() && CacheRules.isFingerprinted(below);
    String cacheControl = lasting ? CacheRules.IMMUTABLE : options.cacheControl();
    return new Source(below, coding, type.header(), cacheControl, varies);
  }

  private Representation representation(Source source, OpenedFile file, long now)
      throws IOException {
    long size = file.stamp().size();
    SharedBytes content = size <= options.largestInMemory() ? memory.keep(file) : null;
    return new Representation(source, file.stamp(), content, size, now);
  }

  /**
   * The file in this coding, compressed now if it has to be. Takes the memory for that into
   * account.
   *
   * @return null if the file has changed meanwhile
   */
  @Nullable Representation representation(Shelf shelf, String path, Entry.File entry, Coding coding)
      throws IOException {
    Representation found = entry.variants().get(coding);
    if (found != null) {
      return found;
    }
    Representation identity = entry.variants().identity();
    SharedBytes kept = identity.content();
    byte[] content;
    if (kept != null && kept.hold()) {
      content = new byte[kept.size()];
      try {
        kept.copyTo(0, ByteBuffer.wrap(content));
      } finally {
        kept.release();
      }
    } else {
      try (OpenedFile file = open(shelf, identity)) {
        if (file == null) {
          return null;
        }
        content = file.readAll();
      }
    }
    Representation made = entry.variants().makeGzip(content);
    files.weighAgain(path, entry);
    return made;
  }

  /** Opens a representation's file; null if it has changed since the representation was made. */
  @Nullable OpenedFile open(Shelf shelf, Representation representation) throws IOException {
    OpenedFile file = shelf.jail().open(representation.below());
    if (file != null && !file.stamp().equals(representation.stamp())) {
      file.close();
      return null;
    }
    return file;
  }

  /** How many bytes of memory the files take up, about. */
  long weight() {
    return files.weight();
  }

  /** Forgets the files. */
  void close() {
    files.clear();
  }

  /** How many bytes are in files in memory. */
  long inFiles() {
    return memory.bytes();
  }

  /** Of how many paths it is remembered that there is nothing. */
  int nothings() {
    return nothings.size();
  }

  /** The states of a file and its siblings at one time. */
  record Stamps(List<@Nullable Stamp> byCoding) {
    @Nullable Stamp get(Coding coding) {
      return byCoding.get(coding.index);
    }

    Stamps with(Coding coding, Stamp stamp) {
      List<@Nullable Stamp> changed = new ArrayList<>(byCoding);
      changed.set(coding.index, stamp);
      return new Stamps(changed);
    }

    /** Whether there is such a sibling, and it is not older than the file. */
    boolean isUsable(Coding coding) {
      Stamp stamp = get(coding);
      Stamp file = get(Coding.IDENTITY);
      return stamp != null && file != null && stamp.modified().compareTo(file.modified()) >= 0;
    }

    /** The latest change of any, in nanoseconds since 1970. */
    long youngest() {
      long youngest = Long.MIN_VALUE;
      for (Stamp stamp : byCoding) {
        youngest = stamp == null ? youngest : Math.max(youngest, stamp.modifiedNanos());
      }
      return youngest;
    }
  }
}
