package dev.sluice.server.files;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.HeaderName;
import dev.sluice.server.exchange.LogText;
import dev.sluice.server.exchange.RequestHandler;
import dev.sluice.server.files.Library.Shelf;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers requests below certain paths from folders, and hands all others on. {@link #accept} runs
 * on the IO threads and touches no disk; what has to, runs on {@code sluice-files-N}.
 *
 * <p>A file in demand is answered from memory by the IO thread itself. What is known of a file
 * counts for a second; in the second half of it the next request has it looked at again, and is
 * answered without waiting for that.
 */
public final class StaticFiles implements RequestHandler, AutoCloseable {
  static final String INDEX = "/index.html";

  private static final Logger LOG = LoggerFactory.getLogger(StaticFiles.class);
  private static final HeaderName ACCEPT_ENCODING = HeaderName.of("accept-encoding");

  /** How often an answer is begun anew because the file has just changed. */
  private static final int ATTEMPTS = 3;

  private final List<Shelf> shelves;
  private final Library library;
  private final FilePool pool;
  private final RequestHandler next;

  /**
   * Makes a handler; no thread is started before the first request needs one.
   *
   * @param mounts where several have a path, the one with the longest prefix answers
   * @param next takes what no folder answers. It is called by the IO threads, and by {@code
   *     sluice-files-N} for mounts that fall through.
   */
  public StaticFiles(List<Mount> mounts, FilesOptions options, RequestHandler next) {
    shelves =
        mounts.stream()
            .sorted(Comparator.comparingInt((Mount mount) -> -mount.prefix().length()))
            .map(mount -> new Shelf(mount, new Jail(mount.folder())))
            .toList();
    library = new Library(options);
    pool = new FilePool(options.threads(), options.queue());
    this.next = next;
  }

  @Override
  public boolean accept(Exchange exchange) {
    String target = exchange.request().target();
    String path = UrlPath.decode(target);
    Shelf shelf = shelf(path == null ? UrlPath.raw(target) : path);
    if (shelf == null) {
      return next.accept(exchange);
    }
    String method = exchange.request().method();
    if (!method.equals("GET") && !method.equals("HEAD")) {
      if (shelf.mount().fallThrough()) {
        return next.accept(exchange);
      }
      PlainAnswers.otherMethod(exchange);
      return true;
    }
    if (path == null) {
      return answerNothing(exchange, shelf);
    }
    String name = path.endsWith("/") ? path.substring(0, path.length() - 1) + INDEX : path;
    return answer(exchange, shelf, name);
  }

  private @Nullable Shelf shelf(String path) {
    for (Shelf shelf : shelves) {
      if (shelf.mount().has(path)) {
        return shelf;
      }
    }
    return null;
  }

  private boolean answer(Exchange exchange, Shelf shelf, String name) {
    long now = System.nanoTime();
    Entry entry = library.known(shelf, name, now);
    if (entry instanceof Entry.File file) {
      if (library.wantsCheck(entry, now) && !pool.offer(new Check(shelf, name, entry))) {
        entry.disclaim();
      }
      Coding coding = file.variants().select(accepted(exchange));
      Representation found = file.variants().get(coding);
      return (found != null && Sender.send(exchange, found))
          || pool.offer(new Answer(exchange, shelf, name));
    }
    if (entry instanceof Entry.Folder) {
      answerFolder(exchange, name);
      return true;
    }
    return entry != null
        ? answerNothing(exchange, shelf)
        : pool.offer(new Answer(exchange, shelf, name));
  }

  private static List<String> accepted(Exchange exchange) {
    return Conditions.all(exchange.request(), ACCEPT_ENCODING);
  }

  private boolean answerNothing(Exchange exchange, Shelf shelf) {
    if (shelf.mount().fallThrough()) {
      return next.accept(exchange);
    }
    PlainAnswers.notFound(exchange);
    return true;
  }

  private static void answerFolder(Exchange exchange, String name) {
    String location = UrlPath.encode(name) + "/" + UrlPath.query(exchange.request().target());
    PlainAnswers.redirect(exchange, location);
  }

  /** For tests. */
  Library library() {
    return library;
  }

  /** Ends the threads; what waits for them is broken off. */
  @Override
  public void close() {
    pool.close();
    library.close();
  }

  /** A look at the disk ahead of the time; on {@code sluice-files-N}. */
  private final class Check implements FilePool.Task {
    private final Shelf shelf;
    private final String name;
    private final Entry entry;

    Check(Shelf shelf, String name, Entry entry) {
      this.shelf = shelf;
      this.name = name;
      this.entry = entry;
    }

    @Override
    public void run() {
      try {
        library.check(shelf, name);
      } catch (IOException | RuntimeException | OutOfMemoryError e) {
        // The next request that waits for a look is told.
        LOG.debug("{} cannot be read ahead: {}", LogText.of(name), e.toString());
      } finally {
        entry.disclaim();
      }
    }

    @Override
    public void abandon() {}
  }

  /** An answer that needs the disk; on {@code sluice-files-N}. */
  private final class Answer implements FilePool.Task {
    private final Exchange exchange;
    private final Shelf shelf;
    private final String name;

    Answer(Exchange exchange, Shelf shelf, String name) {
      this.exchange = exchange;
      this.shelf = shelf;
      this.name = name;
    }

    @Override
    public void run() {
      try {
        if (!exchange.isOpen()) {
          exchange.abort();
        } else if (!answer()) {
          PlainAnswers.respond(exchange, 503, "too many requests are waiting here: try again soon");
        }
      } catch (IOException e) {
        LOG.warn("{} cannot be read: {}", LogText.of(name), LogText.of(e.toString()));
        fail();
      } catch (RuntimeException | OutOfMemoryError e) {
        LOG.error("{} cannot be sent: {}", LogText.of(name), LogText.of(e.toString()));
        exchange.abort();
      }
    }

    private void fail() {
      try {
        PlainAnswers.respond(exchange, 503, "the file cannot be read now: try again soon");
      } catch (IllegalStateException e) {
        exchange.abort(); // it had begun
      }
    }

    /** Returns false if the next handler is too busy. */
    private boolean answer() throws IOException {
      Entry entry = library.look(shelf, name);
      for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
        if (entry instanceof Entry.Folder) {
          answerFolder(exchange, name);
          return true;
        }
        if (!(entry instanceof Entry.File file)) {
          return answerNothing(exchange, shelf);
        }
        Coding coding = file.variants().select(accepted(exchange));
        Representation found = library.representation(shelf, name, file, coding);
        if (found != null && Sender.send(exchange, found, () -> library.open(shelf, found))) {
          return true;
        }
        entry = library.reload(shelf, name);
      }
      throw new IOException("the file does not stop changing");
    }

    @Override
    public void abandon() {
      exchange.abort();
    }
  }
}
