package dev.sluice.server.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.sluice.server.exchange.SharedBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is kept in files that have no name, and within which limits. */
@Timeout(60)
class MemoryFilesTest {
  private static final long PLENTY = 1 << 30;

  @TempDir private Path folder;

  private static byte[] content(int size) {
    byte[] content = new byte[size];
    new Random(size).nextBytes(content);
    return content;
  }

  private static byte[] read(ByteBuffer buffer) {
    byte[] read = new byte[buffer.remaining()];
    buffer.get(read);
    return read;
  }

  @ParameterizedTest
  @ValueSource(ints = {MemoryFiles.LEAST, 50_000, 1_000_001})
  void theFileHasTheSameBytesAsTheBuffer(int size) throws IOException {
    byte[] content = content(size);
    SharedBytes kept = new MemoryFiles(folder, PLENTY).keep(content.clone());
    FileChannel file = Objects.requireNonNull(kept.file());
    ByteBuffer fromFile = ByteBuffer.allocate(size + 1);
    assertThat(file.read(fromFile, 0)).isEqualTo(size);
    assertThat(read(fromFile.flip())).isEqualTo(content);
    assertThat(kept.size()).isEqualTo(size);
    assertThat(read(kept.bytes())).as("the buffer").isEqualTo(content);
    assertThat(read(kept.bytes())).as("once more").isEqualTo(content);
    assertThat(kept.bytes().isReadOnly()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, MemoryFiles.LEAST - 1})
  void whatIsSmallStaysInTheHeap(int size) {
    MemoryFiles memory = new MemoryFiles(folder, PLENTY);
    SharedBytes kept = memory.keep(content(size));
    assertThat(kept.file()).isNull();
    assertThat(read(kept.bytes())).isEqualTo(content(size));
    assertThat(memory.bytes()).isZero();
  }

  @Test
  void noNameStays() throws IOException {
    SharedBytes kept = new MemoryFiles(folder, PLENTY).keep(content(50_000));
    try (Stream<Path> names = Files.list(folder)) {
      assertThat(names).isEmpty();
    }
    assertThat(kept.file()).isNotNull();
  }

  @Test
  void whatDoesNotFitTheLimitStaysInTheHeap() {
    MemoryFiles memory = new MemoryFiles(folder, 100_000);
    List<SharedBytes> kept = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      kept.add(memory.keep(content(40_000)));
    }
    assertThat(kept).extracting(each -> each.file() != null).containsExactly(true, true, false);
    assertThat(read(kept.getLast().bytes())).isEqualTo(content(40_000));
    assertThat(memory.bytes()).isEqualTo(80_000);
  }

  @Test
  void thereAreOnlySoManyFiles() {
    MemoryFiles memory = new MemoryFiles(folder, PLENTY);
    List<SharedBytes> kept = new ArrayList<>();
    for (int i = 0; i <= MemoryFiles.MOST; i++) {
      kept.add(memory.keep(new byte[MemoryFiles.LEAST]));
    }
    assertThat(kept.removeLast().file()).isNull();
    assertThat(kept).allSatisfy(each -> assertThat(each.file()).isNotNull());
  }

  @Test
  void whatIsDroppedMakesRoom() throws InterruptedException {
    MemoryFiles memory = new MemoryFiles(folder, 50_000);
    assertThat(memory.keep(content(50_000)).file()).isNotNull();
    while (memory.bytes() > 0) { // the time limit of the test is that of this loop
      System.gc();
      Thread.sleep(10);
    }
    assertThat(memory.keep(content(50_000)).file()).isNotNull();
  }

  @Test
  void withoutAFolderEverythingStaysInTheHeap() {
    MemoryFiles memory = new MemoryFiles(null, PLENTY);
    assertThat(memory.keep(content(50_000)).file()).isNull();
  }

  @Test
  void aFolderThatTakesNothingCostsNoContentAndNoRoom() {
    MemoryFiles memory = new MemoryFiles(folder.resolve("missing"), PLENTY);
    SharedBytes kept = memory.keep(content(50_000));
    assertThat(kept.file()).isNull();
    assertThat(read(kept.bytes())).isEqualTo(content(50_000));
    assertThat(memory.bytes()).isZero();
  }

  @Test
  void filesOfASiteAreKeptSo() {
    assumeThat(Path.of("/dev/shm")).isWritable();
    try (Site site = new Site(folder)) {
      site.write("a.bin", content(50_000), Site.THEN);
      assertThat(site.ask("GET", "/static/a.bin").bytes()).isEqualTo(content(50_000));
      assertThat(site.files().library().inFiles()).isEqualTo(50_000);
      assertThat(site.files().library().weight()).isBetween(50_000L, 60_000L);
    }
  }
}
