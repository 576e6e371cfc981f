package dev.sluice.server.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The request path on random input: no exception of ours, no hang, no leak, nothing read in two
 * ways. {@code -Dsluice.fuzz.seconds=600} says how long all targets run together.
 */
class FuzzTest {
  private static final Path MODULE = Path.of("").toAbsolutePath();

  private static int seconds() {
    String tier = System.getProperty("sluice.tier", "ci");
    return Integer.getInteger("sluice.fuzz.seconds", tier.equals("full") ? 600 : 60);
  }

  /** CI always goes the same way; whoever asks for a time wants to find something new. */
  private static int seed() {
    boolean ci = System.getProperty("sluice.tier", "ci").equals("ci");
    return ci && System.getProperty("sluice.fuzz.seconds") == null ? 1 : 0;
  }

  private static List<Path> inputs(FuzzTarget target) throws IOException {
    try (Stream<Path> files =
        Files.list(MODULE.resolve("src/test/fuzz").resolve(target.folder()))) {
      return files.sorted().toList();
    }
  }

  /** The files that the fuzzer begins with, those among them that have broken a rule once. */
  @TestFactory
  Stream<DynamicContainer> keptInputs() {
    return Stream.of(FuzzTarget.values())
        .map(target -> {
          try {
            return DynamicContainer.dynamicContainer(
                target.folder(),
                inputs(target).stream()
                    .map(file ->
                        DynamicTest.dynamicTest(
                            String.valueOf(file.getFileName()),
                            () -> target.run(Files.readAllBytes(file)))));
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource
  void randomInput(FuzzTarget target) throws Exception {
    String found = new Jazzer(target, MODULE).run(target.share(seconds()), seed());
    assertThat(found)
        .as(
            "%s: to run the input again, put the file that is named here into"
                + " server/src/test/fuzz/%s and run FuzzTest#keptInputs",
            target, target.folder())
        .isEmpty();
  }
}
