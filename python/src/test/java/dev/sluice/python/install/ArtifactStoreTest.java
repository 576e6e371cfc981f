package dev.sluice.python.install;

import static dev.sluice.python.install.TestArtifacts.PLATFORM;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sluice.python.PythonError;
import dev.sluice.python.SluiceException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArtifactStoreTest {
  private static final String RELEASE = "3.14.3-1.5.13";

  @TempDir Path folder;
  private final List<String> progress = Collections.synchronizedList(new ArrayList<>());
  private Path lib = Path.of("");
  private Path cache = Path.of("");

  @BeforeEach
  void folders() {
    lib = folder.resolve("lib");
    cache = folder.resolve("cache");
  }

  private ArtifactStore store() {
    return TestArtifacts.store(cache, lib, progress);
  }

  private Path unpack() {
    return store().unpacked(store().shipped());
  }

  private List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void unpacksWhatIsNeededAndSaysSoOnce() throws IOException {
    TestArtifacts.jar(lib, RELEASE);

    Path root = unpack();
    Path again = unpack();

    assertThat(root).isEqualTo(again).hasFileName(RELEASE + "-" + PLATFORM.classifier());
    assertThat(progress).containsExactly("unpacking CPython 3.14.3 (once)...");
    assertThat(root.resolve("lib/python/os.py")).hasContent("import sys\n").isRegularFile();
    assertThat(root.resolve("bin/python3.14")).isExecutable();
    assertThat(root.resolve("lib/python/lib-dynload/math.so")).isExecutable();
    assertThat(Files.isExecutable(root.resolve("lib/python/os.py"))).isFalse();
    // Not the glue for another Java library, nor scripts for the machine that built the artifact.
    assertThat(root.resolve("libjnipython.so")).doesNotExist();
    assertThat(names(root.resolve("bin"))).containsExactly("python3.14");
    assertThat(names(cache.resolve("cpython")))
        .containsExactly(root.getFileName().toString(), root.getFileName() + ".lock");
  }

  @Test
  void recoversFromAnUnpackThatWasKilled() throws IOException {
    TestArtifacts.jar(lib, RELEASE);
    Path partial = cache.resolve("cpython/" + RELEASE + "-" + PLATFORM.classifier() + ".partial");
    Files.createDirectories(partial.resolve("lib"));
    Files.writeString(partial.resolve("lib/half"), "half");

    Path root = unpack();

    assertThat(partial).doesNotExist();
    assertThat(root.resolve("lib/half")).doesNotExist();
    assertThat(root.resolve("lib/python/os.py")).exists();
  }

  @Test
  void unpacksAgainWhenTheFolderWasDamaged() throws IOException {
    TestArtifacts.jar(lib, RELEASE);
    Path root = unpack();
    Files.delete(root.resolve(PLATFORM.library(new PythonVersion(3, 14, 3))));

    unpack();

    assertThat(progress).hasSize(2);
    assertThat(root.resolve(PLATFORM.library(new PythonVersion(3, 14, 3)))).exists();
  }

  @Test
  void manyThreadsUnpackOnce() throws Exception {
    TestArtifacts.jar(lib, RELEASE);
    Callable<Path> unpack = this::unpack;

    try (ExecutorService executor = Executors.newFixedThreadPool(8)) {
      List<Future<Path>> roots = executor.invokeAll(Collections.nCopies(8, unpack));
      for (Future<Path> root : roots) {
        assertThat(root.get().resolve("lib/python/os.py")).exists();
      }
    }

    assertThat(progress).containsExactly("unpacking CPython 3.14.3 (once)...");
  }

  @Test
  void twoProcessesUnpackOnce() throws Exception {
    TestArtifacts.jar(lib, RELEASE);
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      processes.add(
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  UnpackOnce.class.getName(),
                  cache.toString(),
                  lib.toString())
              .redirectErrorStream(true)
              .start());
    }

    StringBuilder output = new StringBuilder();
    for (Process process : processes) {
      output.append(new String(process.getInputStream().readAllBytes(), UTF_8));
      assertThat(process.waitFor()).describedAs("%s", output).isZero();
    }

    assertThat(output.toString().lines().filter(line -> line.startsWith("unpacking"))).hasSize(1);
    assertThat(output.toString().lines().filter(line -> line.equals("complete"))).hasSize(3);
  }

  /** One of several processes that want the same artifact. */
  static final class UnpackOnce {
    public static void main(String[] arguments) {
      List<String> progress = new ArrayList<>();
      ArtifactStore store =
          TestArtifacts.store(Path.of(arguments[0]), Path.of(arguments[1]), progress);
      Path root = store.unpacked(store.shipped());
      progress.forEach(System.out::println);
      System.out.println(Files.exists(root.resolve("lib/python/os.py")) ? "complete" : "half");
    }
  }

  @Test
  void aDamagedJarIsNamedAndLeavesNothing() throws IOException {
    Path jar = TestArtifacts.jar(lib, RELEASE, Map.of("lib/big", "x".repeat(100_000)));
    try (RandomAccessFile file = new RandomAccessFile(jar.toFile(), "rw")) {
      file.setLength(file.length() / 2);
    }

    assertThatExceptionOfType(SluiceException.class)
        .isThrownBy(this::unpack)
        .withMessageContaining("cannot unpack CPython 3.14.3 into " + cache)
        .withMessageContaining("archive is damaged")
        .extracting(SluiceException::code)
        .isEqualTo(PythonError.CACHE_UNUSABLE);
    assertThat(names(cache.resolve("cpython"))).allMatch(name -> name.endsWith(".lock"));
  }

  @Test
  void aCacheThatCannotBeWrittenIsNamed() throws IOException {
    TestArtifacts.jar(lib, RELEASE);
    Files.writeString(cache, "a file where the folder should be");

    assertThatExceptionOfType(SluiceException.class)
        .isThrownBy(this::unpack)
        .withMessageContaining(cache.toString())
        .withMessageContaining("SLUICE_CACHE")
        .extracting(SluiceException::code)
        .isEqualTo(PythonError.CACHE_UNUSABLE);
  }

  @Test
  void thereMayBeNoArtifactForThisPlatform() throws IOException {
    Files.createDirectories(lib);
    Files.writeString(lib.resolve("cpython-3.14.3-1.5.13-plan9-sparc.jar"), "");

    assertThatExceptionOfType(SluiceException.class)
        .isThrownBy(() -> store().shipped())
        .withMessageContaining(PLATFORM.classifier())
        .withMessageContaining(lib.toString())
        .extracting(SluiceException::code)
        .isEqualTo(PythonError.NO_EMBEDDED_PYTHON);
  }

  @Test
  void theNewestSupportedArtifactIsTheEmbeddedOne() throws IOException {
    for (String release :
        List.of("3.9.6-1.5.6", "3.11.3-1.5.9", "3.14.3-1.5.13", "3.15.0-1.5.14")) {
      TestArtifacts.jar(lib, release);
    }

    assertThat(store().shipped().release()).isEqualTo("3.14.3-1.5.13");
    assertThat(store().sameMinor(new PythonVersion(3, 11, 9)).release()).isEqualTo("3.11.3-1.5.9");
    // Not shipped: the last release of that minor version, to be had from Maven.
    assertThat(store().sameMinor(new PythonVersion(3, 13, 0)).release()).isEqualTo("3.13.5-1.5.12");
  }

  @Test
  void aRenamedJarIsReadInside() throws IOException {
    Path jar = TestArtifacts.jar(lib, RELEASE);
    Path renamed = lib.resolve("all-in-one.jar");
    Files.move(jar, renamed);

    assertThat(Artifact.ofJar(renamed, PLATFORM)).isEmpty(); // It does not say what it holds.
    assertThat(Artifact.ofJar(realJar(), PLATFORM)).isPresent();
    Path copy = folder.resolve("renamed.jar");
    Files.copy(realJar(), copy);
    assertThat(Artifact.ofJar(copy, PLATFORM).orElseThrow().version().supported()).isTrue();
  }

  private static Path realJar() {
    return Objects.requireNonNull(TestArtifacts.realStore().shipped().jar());
  }
}
