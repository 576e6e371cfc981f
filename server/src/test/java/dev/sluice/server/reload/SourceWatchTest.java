package dev.sluice.server.reload;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What counts as a change. */
@Timeout(30)
class SourceWatchTest {
  private static final Duration EVERY = Duration.ofMillis(20);

  @TempDir private Path folder;
  private final BlockingQueue<Path> changes = new LinkedBlockingQueue<>();

  private SourceWatch watch() {
    SourceWatch watch = new SourceWatch(folder, EVERY);
    watch.start(changes::add);
    return watch;
  }

  private Path write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private void assertNothingChanges() throws InterruptedException {
    assertThat(changes.poll(20 * EVERY.toMillis(), TimeUnit.MILLISECONDS)).isNull();
  }

  @Test
  void changedNewAndDeletedSourcesCount() throws Exception {
    Path known = write("a.py", "1");
    try (SourceWatch watch = watch()) {
      write("a.py", "22");
      assertThat(changes.take()).isEqualTo(known);
      Path added = write("package/b.py", "3");
      assertThat(changes.take()).isEqualTo(added);
      Files.delete(added);
      assertThat(changes.take()).isEqualTo(added);
    }
  }

  @Test
  void manyChangesAtOnceAreOne() throws Exception {
    try (SourceWatch watch = watch()) {
      for (int i = 0; i < 50; i++) {
        write("m" + i + ".py", "x");
      }
      assertThat(changes.take()).isNotNull();
      assertNothingChanges();
    }
  }

  @Test
  void whatIsNoSourceOfTheApplicationDoesNotCount() throws Exception {
    write("venv/pyvenv.cfg", "");
    try (SourceWatch watch = watch()) {
      write("notes.txt", "x");
      write("venv/lib/a.py", "x");
      write(".git/a.py", "x");
      write("__pycache__/a.py", "x");
      write("node_modules/a.py", "x");
      assertNothingChanges();
    }
  }

  @Test
  void aWatchThatIsClosedLooksNoMore() throws Exception {
    watch().close();
    write("a.py", "x");
    assertNothingChanges();
  }
}
