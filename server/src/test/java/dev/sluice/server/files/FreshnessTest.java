package dev.sluice.server.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is remembered of files, for how long, and what becomes of those that change. */
class FreshnessTest {
  /** Every request has the disk looked at. */
  private static final FilesOptions AT_ONCE = Site.fresh(FilesOptions.DEFAULT, 0);

  @TempDir Path folder;
  private Site site;

  @BeforeEach
  void open() {
    site = new Site(folder);
    site.write("a.txt", "one");
  }

  @AfterEach
  void close() {
    site.close();
  }

  @Test
  void whatIsRememberedIsNotLookedAt() throws IOException {
    assertThat(site.get("/static/a.txt").text()).isEqualTo("one");
    Files.delete(folder.resolve("a.txt"));
    assertThat(site.get("/static/a.txt").text()).isEqualTo("one");
    site.serve(Site.OPTIONS);
    assertThat(site.get("/static/a.txt").status()).isEqualTo(404);
    site.write("a.txt", "two");
    assertThat(site.get("/static/a.txt").status()).isEqualTo(404);
  }

  @Test
  void aChangeIsSeenWhenItIsLookedAt() throws IOException {
    site.serve(AT_ONCE);
    assertThat(site.get("/static/a.txt").text()).isEqualTo("one");
    String tag = site.get("/static/a.txt").tag();
    site.write("a.txt", "two-two".getBytes(StandardCharsets.UTF_8), Site.THEN);
    assertThat(site.get("/static/a.txt", "if-none-match", tag).text()).isEqualTo("two-two");
    Files.delete(folder.resolve("a.txt"));
    assertThat(site.get("/static/a.txt").status()).isEqualTo(404);
    site.write("a.txt/index.html", "three");
    assertThat(site.get("/static/a.txt").status()).isEqualTo(301);
    assertThat(site.get("/static/a.txt/").text()).isEqualTo("three");
  }

  @Test
  void aFileThatHasJustChangedIsReadAgain() throws IOException {
    site.serve(AT_ONCE);
    Path file = folder.resolve("a.txt");
    FileTime now = FileTime.from(Instant.now());
    Files.writeString(file, "two");
    Files.setLastModifiedTime(file, now);
    assertThat(site.get("/static/a.txt").text()).isEqualTo("two");
    Files.writeString(file, "six"); // as long, and within the same tick
    Files.setLastModifiedTime(file, now);
    assertThat(site.get("/static/a.txt").text()).isEqualTo("six");
  }

  @Test
  void anUnchangedFileIsNotReadAgain() throws IOException {
    site.serve(AT_ONCE);
    assertThat(site.get("/static/a.txt").text()).isEqualTo("one");
    Path file = folder.resolve("a.txt");
    Files.writeString(file, "two"); // which nothing but the content would show
    Files.setLastModifiedTime(file, FileTime.from(Site.THEN));
    assertThat(site.get("/static/a.txt").text()).isEqualTo("one");
  }

  @Test
  void aNewSiblingIsSeen() throws IOException {
    site.serve(AT_ONCE);
    site.write("a.js", "plain");
    assertThat(site.get("/static/a.js", "accept-encoding", "br").text()).isEqualTo("plain");
    site.write("a.js.br", "brotli");
    assertThat(site.get("/static/a.js", "accept-encoding", "br").text()).isEqualTo("brotli");
    Files.delete(folder.resolve("a.js.br"));
    assertThat(site.get("/static/a.js", "accept-encoding", "br").text()).isEqualTo("plain");
  }

  @Test
  void aNewFileIsSeenBelowAMissingTop() {
    site.serve(AT_ONCE, new Mount("", folder, true));
    assertThat(site.get("/new/a.txt").text()).isEqualTo("the application\n");
    site.write("new/a.txt", "content");
    assertThat(site.get("/new/a.txt").text()).isEqualTo("content");
  }

  /** With the second that users get: no sleeping and hoping, but a bound on how long it takes. */
  @Test
  void aChangeIsSeenWithinASecondAlsoUnderLoad() throws Exception {
    site.serve(FilesOptions.DEFAULT);
    site.get("/static/a.txt");
    int onThisThread = 0;
    int all = 0;
    long end = System.nanoTime() + 2_500_000_000L;
    while (System.nanoTime() < end) {
      all++;
      String by = site.get("/static/a.txt").answeredBy();
      onThisThread += by.equals(Thread.currentThread().getName()) ? 1 : 0;
    }
    assertThat(onThisThread).as("looks are made ahead: of %s", all).isGreaterThan(all - 3);
    site.write("a.txt", "changed");
    long changed = System.nanoTime();
    while (!site.get("/static/a.txt").text().equals("changed")) {
      assertThat(System.nanoTime() - changed).isLessThan(3_000_000_000L);
    }
    // A request that began a second after the change must see it, however slow the machine is.
    site.write("a.txt", "again");
    changed = System.nanoTime();
    while (true) {
      long asked = System.nanoTime();
      if (site.get("/static/a.txt").text().equals("again")) {
        break;
      }
      assertThat(asked - changed).isLessThanOrEqualTo(1_000_000_000L);
    }
  }

  @Test
  void aFileReplacedUnderLoadIsAlwaysOneOrTheOther() throws Exception {
    site.serve(new FilesOptions("no-cache", true, 0, 0, 0, 0, java.time.Duration.ZERO, 4, 1024));
    site.write("other.txt", "two-two");
    AtomicBoolean stop = new AtomicBoolean();
    Thread replacing =
        Thread.ofPlatform()
            .start(() -> {
              try {
                for (int i = 0; !stop.get(); i++) {
                  Path next = site.write("next", i % 2 == 0 ? "two-two" : "one");
                  Files.move(next, folder.resolve("a.txt"), StandardCopyOption.ATOMIC_MOVE);
                }
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });
    try {
      int found = 0;
      for (int i = 0; i < 2000; i++) {
        RecordingExchange answer = site.get("/static/a.txt");
        assertThat(answer.isAborted()).isFalse();
        if (answer.status() == 200) {
          assertThat(answer.text()).isIn("one", "two-two");
          found++;
        } else {
          assertThat(answer.status()).isEqualTo(503);
        }
      }
      assertThat(found).isGreaterThan(1000);
    } finally {
      stop.set(true);
      replacing.join();
    }
  }

  @Test
  void memoryIsBounded() {
    long most = 100_000;
    FilesOptions d = Site.OPTIONS;
    site.serve(new FilesOptions("", true, 1024, 1 << 20, 1 << 18, most, d.fresh(), 2, 1024));
    Library library = site.files().library();
    for (int i = 0; i < 200; i++) {
      site.write("f" + i + ".txt", ("file " + i + "\n").repeat(300));
      site.get("/static/f" + i + ".txt", "accept-encoding", "gzip");
      assertThat(library.weight()).isLessThanOrEqualTo(most);
    }
    assertThat(library.weight()).isGreaterThan(most / 2);
    assertThat(site.get("/static/f0.txt").text()).startsWith("file 0\n");
    for (int i = 0; i < 20_000; i++) {
      site.get("/static/none" + i);
    }
    assertThat(library.nothings()).isLessThan(3000);
    assertThat(library.weight()).as("inventing paths drives no file out").isGreaterThan(most / 2);
  }

  @Test
  @Timeout(60)
  void aFullQueueRefuses() throws Exception {
    CountDownLatch busy = new CountDownLatch(1);
    CountDownLatch entered = new CountDownLatch(1);
    FilesOptions one = new FilesOptions("", true, 0, 0, 0, 0, Site.OPTIONS.fresh(), 1, 2);
    List<RecordingExchange> asked = new ArrayList<>();
    try (StaticFiles files =
        new StaticFiles(
            List.of(new Mount("", folder, true)),
            one,
            exchange -> {
              entered.countDown();
              try {
                busy.await();
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
              PlainAnswers.notFound(exchange);
              return true;
            })) {
      for (int i = 0; i < 3; i++) {
        RecordingExchange exchange = new RecordingExchange("GET", "/none" + i);
        asked.add(exchange);
        assertThat(files.accept(exchange)).isTrue();
        entered.await();
      }
      assertThat(files.accept(new RecordingExchange("GET", "/more"))).isFalse();
      files.close();
      assertThat(asked.get(1).await().isAborted()).as("nothing vanishes").isTrue();
      assertThat(asked.get(2).await().isAborted()).isTrue();
      assertThat(files.accept(new RecordingExchange("GET", "/late"))).isFalse();
      busy.countDown();
      assertThat(asked.get(0).await().status()).isEqualTo(404);
    } finally {
      busy.countDown();
    }
  }
}
