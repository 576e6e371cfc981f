package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sluice's own Python files in the cache. */
class PythonSourcesTest {
  @TempDir private Path cache;

  private final PythonSources sources = new PythonSources(getClass().getClassLoader());

  @Test
  void theyAreUnpackedOnce() throws Exception {
    Path folder = sources.unpack(cache);
    assertThat(folder.resolve("sluice/__init__.py")).isRegularFile();
    Path own = Files.createFile(folder.resolve("still-there"));
    assertThat(sources.unpack(cache)).isEqualTo(folder);
    assertThat(own).exists();
  }

  @RepeatedTest(20)
  void severalMayBeTheFirst() throws Exception {
    int count = 8;
    CyclicBarrier start = new CyclicBarrier(count);
    List<Future<Path>> unpacked = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(count)) {
      for (int i = 0; i < count; i++) {
        unpacked.add(
            threads.submit(() -> {
              start.await();
              return sources.unpack(cache);
            }));
      }
    }
    Path folder = unpacked.getFirst().get();
    for (Future<Path> each : unpacked) {
      assertThat(each.get()).isEqualTo(folder);
    }
    assertThat(folder.resolve("sluice/__init__.py")).isRegularFile();
    assertThat(left()).containsExactly(folder);
  }

  private List<Path> left() throws IOException {
    try (Stream<Path> files = Files.list(cache.resolve("python"))) {
      return files.toList();
    }
  }
}
