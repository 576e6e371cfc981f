package dev.sluice.server.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Somebody puts links that leave the folder in the place of what is being opened. */
class SymlinkRaceTest {
  private static final long NANOS = 3_000_000_000L;

  @TempDir Path above;

  private Path build() throws IOException {
    Path folder = Files.createDirectory(above.resolve("www"));
    for (String name : new String[] {"www/good", "outside"}) {
      Files.createDirectories(above.resolve(name));
      Files.writeString(
          above.resolve(name).resolve("x.txt"), name.equals("outside") ? "SECRET" : "public");
    }
    Files.createSymbolicLink(above.resolve("leave"), above.resolve("outside"));
    Files.createSymbolicLink(above.resolve("leave.txt"), above.resolve("outside/x.txt"));
    Files.writeString(folder.resolve("y.txt"), "public");
    return folder;
  }

  /** Swaps a name between a file or folder and a link that leaves, as fast as it can. */
  private static Thread attacker(
      Path name, Path good, Path link, AtomicBoolean stop, AtomicLong n) {
    return Thread.ofPlatform()
        .daemon(true)
        .start(() -> {
          try {
            while (!stop.get()) {
              Files.move(name, good, StandardCopyOption.ATOMIC_MOVE);
              Files.move(link, name, StandardCopyOption.ATOMIC_MOVE);
              Files.move(name, link, StandardCopyOption.ATOMIC_MOVE);
              Files.move(good, name, StandardCopyOption.ATOMIC_MOVE);
              n.incrementAndGet();
            }
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });
  }

  /** Opens again and again; says how often what was opened was the public file. */
  private static long attack(Jail jail, String path) throws IOException {
    long end = System.nanoTime() + NANOS;
    long opened = 0;
    while (System.nanoTime() < end) {
      try (OpenedFile file = jail.open(path)) {
        if (file != null) {
          assertThat(new String(file.readAll(), StandardCharsets.UTF_8)).isEqualTo("public");
          opened++;
        }
      } catch (IOException e) {
        // a link was in the way, three times in a row
      }
    }
    return opened;
  }

  @Test
  void aFolderThatTurnsIntoALinkLeadsNowhere() throws Exception {
    Path folder = build();
    AtomicBoolean stop = new AtomicBoolean();
    AtomicLong swaps = new AtomicLong();
    Thread attacker =
        attacker(
            folder.resolve("good"), above.resolve("kept"), above.resolve("leave"), stop, swaps);
    try {
      assertThat(attack(new Jail(folder), "/good/x.txt")).isGreaterThan(10);
    } finally {
      stop.set(true);
      attacker.join();
    }
    assertThat(swaps.get()).isGreaterThan(100);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aFileThatTurnsIntoALinkLeadsNowhere(boolean bySegment) throws Exception {
    Path folder = build();
    AtomicBoolean stop = new AtomicBoolean();
    AtomicLong swaps = new AtomicLong();
    Thread attacker =
        attacker(
            folder.resolve("y.txt"),
            above.resolve("kept"),
            above.resolve("leave.txt"),
            stop,
            swaps);
    try {
      assertThat(attack(new Jail(folder, bySegment), "/y.txt")).isGreaterThan(10);
    } finally {
      stop.set(true);
      attacker.join();
    }
    assertThat(swaps.get()).isGreaterThan(100);
  }

  /** The race is real: whoever checks first and opens then is caught by it. */
  @Test
  void theAttackWouldSucceedAgainstCheckingFirst() throws Exception {
    Path folder = build();
    AtomicBoolean stop = new AtomicBoolean();
    AtomicLong swaps = new AtomicLong();
    Thread attacker =
        attacker(
            folder.resolve("good"), above.resolve("kept"), above.resolve("leave"), stop, swaps);
    boolean caught = false;
    try {
      Path real = folder.toRealPath();
      long end = System.nanoTime() + 20 * NANOS;
      while (!caught && System.nanoTime() < end) {
        try {
          Path path = folder.resolve("good/x.txt");
          if (path.toRealPath().startsWith(real)) {
            caught = Files.readString(path).equals("SECRET");
          }
        } catch (IOException e) {
          // not there at this moment
        }
      }
    } finally {
      stop.set(true);
      attacker.join();
    }
    assertThat(caught).isTrue();
  }
}
