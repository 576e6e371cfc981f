package dev.sluice.server.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.sluice.server.exchange.SharedBytes;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
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
  private static final int FEW = 5;

  @TempDir private Path folder;
  @TempDir private Path disk;

  private static byte[] content(int size) {
    byte[] content = new byte[size];
    new Random(size).nextBytes(content);
    return content;
  }

  private SharedBytes keep(MemoryFiles memory, byte[] content) {
    try (OpenedFile file = open(content)) {
      return memory.keep(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private OpenedFile open(byte[] content) throws IOException {
    Path path = Files.write(disk.resolve("content"), content);
    BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
    return new OpenedFile(FileChannel.open(path), Stamp.of(path, attributes));
  }

  private static byte[] read(SharedBytes bytes) {
    ByteBuffer copy = ByteBuffer.allocate(bytes.size());
    bytes.copyTo(0, copy);
    assertThat(bytes.part(0, bytes.size())).isEqualTo(copy.flip());
    return copy.array();
  }

  @ParameterizedTest
  @ValueSource(ints = {MemoryFiles.LEAST, 50_000, 1_000_001})
  void theFileHasTheSameBytesAsTheBuffer(int size) throws IOException {
    byte[] content = content(size);
    SharedBytes kept = keep(new MemoryFiles(folder, PLENTY, FEW), content);
    FileChannel file = Objects.requireNonNull(kept.file());
    ByteBuffer fromFile = ByteBuffer.allocate(size + 1);
    assertThat(file.read(fromFile, 0)).isEqualTo(size);
    assertThat(Arrays.copyOf(fromFile.array(), size)).isEqualTo(content);
    assertThat(kept.size()).isEqualTo(size);
    assertThat(read(kept)).isEqualTo(content);
    assertThat(kept.part(7, 20).compareTo(ByteBuffer.wrap(content, 7, 20))).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, MemoryFiles.LEAST - 1})
  void whatIsSmallStaysInTheHeap(int size) {
    MemoryFiles memory = new MemoryFiles(folder, PLENTY, FEW);
    SharedBytes kept = keep(memory, content(size));
    assertThat(kept.file()).isNull();
    assertThat(read(kept)).isEqualTo(content(size));
    assertThat(memory.bytes()).isZero();
  }

  @Test
  void noNameStays() throws IOException {
    SharedBytes kept = keep(new MemoryFiles(folder, PLENTY, FEW), content(50_000));
    try (Stream<Path> names = Files.list(folder)) {
      assertThat(names).isEmpty();
    }
    assertThat(kept.file()).isNotNull();
  }

  @Test
  void whatDoesNotFitTheLimitStaysInTheHeap() {
    MemoryFiles memory = new MemoryFiles(folder, 100_000, FEW);
    List<SharedBytes> kept = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      kept.add(keep(memory, content(40_000)));
    }
    assertThat(kept).extracting(each -> each.file() != null).containsExactly(true, true, false);
    assertThat(read(kept.getLast())).isEqualTo(content(40_000));
    assertThat(memory.bytes()).isEqualTo(80_000);
  }

  @Test
  void thereAreOnlySoManyFiles() {
    MemoryFiles memory = new MemoryFiles(folder, PLENTY, FEW);
    List<SharedBytes> kept = new ArrayList<>();
    for (int i = 0; i <= FEW; i++) {
      kept.add(keep(memory, new byte[MemoryFiles.LEAST]));
    }
    assertThat(kept.removeLast().file()).isNull();
    assertThat(kept).allSatisfy(each -> assertThat(each.file()).isNotNull());
  }

  @Test
  void whatNobodyHoldsIsClosedAndMakesRoom() {
    MemoryFiles memory = new MemoryFiles(folder, 50_000, FEW);
    SharedBytes kept = keep(memory, content(50_000));
    FileChannel file = Objects.requireNonNull(kept.file());
    assertThat(kept.hold()).isTrue();
    kept.release();
    assertThat(read(kept)).as("its maker holds it").isEqualTo(content(50_000));
    assertThat(keep(memory, content(50_000)).file()).as("no room").isNull();
    kept.release();
    assertThat(file.isOpen()).isFalse();
    assertThat(kept.hold()).isFalse();
    assertThat(memory.bytes()).isZero();
    assertThat(keep(memory, content(50_000)).file()).isNotNull();
  }

  @Test
  void whatIsInTheHeapNeverGoes() {
    SharedBytes kept = keep(new MemoryFiles(null, PLENTY, FEW), content(50_000));
    kept.release();
    assertThat(kept.hold()).isTrue();
    kept.release();
    assertThat(read(kept)).isEqualTo(content(50_000));
  }

  @ParameterizedTest
  @ValueSource(ints = {30_000, 70_000})
  void aFileThatChangesItsLengthMeanwhileIsNotKept(int length) throws IOException {
    MemoryFiles memory = new MemoryFiles(folder, PLENTY, FEW);
    try (OpenedFile file = open(content(50_000))) {
      Files.write(disk.resolve("content"), content(length));
      assertThatThrownBy(() -> memory.keep(file)).isInstanceOf(EOFException.class);
    }
    assertThat(memory.bytes()).isZero();
  }

  @Test
  void withoutAFolderEverythingStaysInTheHeap() {
    MemoryFiles memory = new MemoryFiles(null, PLENTY, FEW);
    assertThat(keep(memory, content(50_000)).file()).isNull();
  }

  @Test
  void aFolderThatTakesNothingCostsNoContentAndNoRoom() {
    MemoryFiles memory = new MemoryFiles(folder.resolve("missing"), PLENTY, FEW);
    SharedBytes kept = keep(memory, content(50_000));
    assertThat(kept.file()).isNull();
    assertThat(read(kept)).isEqualTo(content(50_000));
    assertThat(memory.bytes()).isZero();
  }

  private static FilesOptions twoFiles() {
    FilesOptions d = Site.OPTIONS;
    return new FilesOptions(
        d.cacheControl(),
        d.immutableFingerprints(),
        d.smallestGzip(),
        d.largestGzip(),
        d.largestInMemory(),
        110_000,
        d.fresh(),
        d.threads(),
        d.queue());
  }

  @Test
  void theCacheCountsThemAndEndsThem() throws InterruptedException {
    assumeThat(Path.of("/dev/shm")).isWritable();
    Library library;
    try (Site site = new Site(folder)) {
      site.serve(twoFiles());
      library = site.files().library();
      for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 10; i++) {
          site.write(i + ".bin", content(50_000 + i), Site.THEN);
          RecordingExchange answer = site.ask("GET", "/static/" + i + ".bin");
          assertThat(answer.bytes()).as("file %s", i).isEqualTo(content(50_000 + i));
          while (library.inFiles() > library.weight()) {
            Thread.sleep(1); // the last answer ends before its thread lets go of the bytes
          }
          assertThat(library.inFiles()).isPositive();
          assertThat(library.weight()).isLessThanOrEqualTo(110_000);
        }
      }
    }
    while (library.inFiles() > 0) {
      Thread.sleep(1);
    }
    assertThat(library.weight()).isZero();
  }

  @Test
  void whatTheCacheDoesNotTakeIsSentFromTheDisk() throws InterruptedException {
    try (Site site = new Site(folder)) {
      site.serve(twoFiles());
      site.write("large.bin", content(200_000), Site.THEN);
      for (int i = 0; i < 3; i++) {
        RecordingExchange answer = site.ask("GET", "/static/large.bin");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.bytes()).isEqualTo(content(200_000));
        assertThat(site.ask("GET", "/static/large.bin", "Range", "bytes=5-8").bytes())
            .isEqualTo(Arrays.copyOfRange(content(200_000), 5, 9));
        assertThat(site.ask("GET", "/static/large.bin", "Range", "bytes=5-8,20-30").status())
            .isEqualTo(206);
        while (site.files().library().inFiles() > 0) {
          Thread.sleep(1);
        }
      }
    }
  }

  /** Compressed on the fly, it is on no disk from where it could be sent. */
  @Test
  void whatIsCompressedHereOutlivesTheCache() {
    try (Site site = new Site(folder)) {
      site.serve(twoFiles());
      String text = "0123456789".repeat(20_000);
      site.write("large.txt", text);
      for (int i = 0; i < 3; i++) {
        RecordingExchange answer = site.ask("GET", "/static/large.txt", "Accept-Encoding", "gzip");
        assertThat(answer.bytes()).hasSizeLessThan(10_000).startsWith(0x1f, 0x8b);
      }
    }
  }
}
