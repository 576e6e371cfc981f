package dev.sluice.server.reload;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the Python files below a folder every now and then, on its own thread {@code
 * sluice-reload}, and says when some have changed and stayed so for a moment.
 *
 * <p>It asks for times and sizes instead of listening to the system, which tells nothing of network
 * file systems and of many containers' mounts.
 */
public final class SourceWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SourceWatch.class);

  /** An application has fewer; a home folder that was given by mistake has more. */
  private static final int MOST_FILES = 20_000;

  private static final Set<String> SKIPPED = Set.of("__pycache__", "node_modules", "site-packages");

  private final Path folder;
  private final Duration every;
  private final Thread thread;
  private Map<Path, Stamp> known;
  private @Nullable Consumer<Path> changed;
  private volatile boolean closed;

  private record Stamp(long modified, long size) {}

  /** Looks once: what is there now is what later looks are compared with. */
  public SourceWatch(Path folder, Duration every) {
    this.folder = folder;
    this.every = every;
    known = look();
    thread = Thread.ofPlatform().name("sluice-reload").daemon(true).unstarted(this::run);
  }

  /**
   * Begins to look again and again.
   *
   * @param told is told of one of the files that have changed; on this watch's thread
   */
  public void start(Consumer<Path> told) {
    changed = told;
    thread.start();
  }

  private void run() {
    Consumer<Path> told = Objects.requireNonNull(changed);
    try {
      while (!closed) {
        Thread.sleep(every);
        Map<Path, Stamp> seen = look();
        Path first = difference(known, seen);
        if (first != null) {
          // Editors write in steps, and branches change many files: let it come to rest.
          Map<Path, Stamp> before;
          do {
            before = seen;
            Thread.sleep(every);
            seen = look();
          } while (!before.equals(seen));
          known = seen;
          told.accept(first);
        }
      }
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  private static @Nullable Path difference(Map<Path, Stamp> before, Map<Path, Stamp> after) {
    for (Map.Entry<Path, Stamp> entry : after.entrySet()) {
      if (!entry.getValue().equals(before.get(entry.getKey()))) {
        return entry.getKey();
      }
    }
    for (Path path : before.keySet()) {
      if (!after.containsKey(path)) {
        return path;
      }
    }
    return null;
  }

  private Map<Path, Stamp> look() {
    Map<Path, Stamp> seen = new HashMap<>();
    try {
      Files.walkFileTree(folder, new Visitor(seen));
    } catch (IOException e) {
      LOG.debug("{} cannot be looked at: {}", folder, e.toString());
    }
    return seen;
  }

  private final class Visitor extends SimpleFileVisitor<Path> {
    private final Map<Path, Stamp> seen;

    Visitor(Map<Path, Stamp> seen) {
      this.seen = seen;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
      String name = String.valueOf(directory.getFileName());
      boolean skipped =
          !directory.equals(folder)
              && (name.startsWith(".")
                  || SKIPPED.contains(name)
                  || Files.exists(directory.resolve("pyvenv.cfg")));
      return skipped ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      if (seen.size() >= MOST_FILES) {
        return FileVisitResult.TERMINATE;
      }
      if (file.toString().endsWith(".py")) {
        seen.put(file, new Stamp(attributes.lastModifiedTime().toMillis(), attributes.size()));
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) {
      return FileVisitResult.CONTINUE; // it has gone meanwhile, or is none of our business
    }
  }

  /** Looks no more. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
