package dev.sluice.server.files;

import dev.sluice.server.exchange.Exchange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A folder in a temporary place, served at /static, or as the test says. */
final class Site implements AutoCloseable {
  /** When the site's files were last modified, unless the test says otherwise. */
  static final Instant THEN = Instant.parse("2024-05-06T07:08:09.123456789Z");

  private final Path folder;
  private final AtomicInteger passedOn = new AtomicInteger();
  private StaticFiles files;

  /** A site whose files are the given ones, by default options. */
  Site(Path folder) {
    this.folder = folder;
    files = new StaticFiles(List.of(new Mount("/static", folder, false)), OPTIONS, this::next);
  }

  /** Does not look twice within a test, however slow the machine is. */
  static final FilesOptions OPTIONS = fresh(FilesOptions.DEFAULT, 600_000);

  static FilesOptions fresh(FilesOptions options, long millis) {
    return new FilesOptions(
        options.cacheControl(),
        options.immutableFingerprints(),
        options.smallestGzip(),
        options.largestGzip(),
        options.largestInMemory(),
        options.memory(),
        java.time.Duration.ofMillis(millis),
        options.threads(),
        options.queue());
  }

  /** Serves in another way from now on, with nothing remembered. */
  Site serve(FilesOptions options, Mount... mounts) {
    files.close();
    files = new StaticFiles(List.of(mounts), options, this::next);
    return this;
  }

  Site serve(FilesOptions options) {
    return serve(options, new Mount("/static", folder, false));
  }

  private boolean next(Exchange exchange) {
    passedOn.incrementAndGet();
    PlainAnswers.respond(exchange, 503, "the application");
    return true;
  }

  /** How many requests the application has got. */
  int passedOn() {
    return passedOn.get();
  }

  StaticFiles files() {
    return files;
  }

  Path write(String name, String content) {
    return write(name, content.getBytes(StandardCharsets.UTF_8), THEN);
  }

  Path write(String name, byte[] content, Instant modified) {
    try {
      Path file = folder.resolve(name);
      Files.createDirectories(file.getParent());
      Files.write(file, content);
      Files.setLastModifiedTime(file, FileTime.from(modified));
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Asks, and waits for the answer. */
  RecordingExchange ask(String method, String target, String... headers) {
    RecordingExchange exchange = new RecordingExchange(method, target, headers);
    if (!files.accept(exchange)) {
      throw new AssertionError("refused: " + target);
    }
    return exchange.await();
  }

  RecordingExchange get(String target, String... headers) {
    return ask("GET", target, headers);
  }

  @Override
  public void close() {
    files.close();
  }
}
