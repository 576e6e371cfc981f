package dev.sluice.conformance.harness;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Tests written in Python, run as programs by `sluice run`. */
public final class PythonTests {
  private PythonTests() {}

  /** A module of tests on one Python; null is the embedded one. */
  public record Part(@Nullable String minor, String module) {
    @Override
    public String toString() {
      return module + " on " + (minor == null ? "the embedded Python" : minor);
    }
  }

  /** The Pythons of this tier of tests. */
  public static Stream<@Nullable String> minors() {
    boolean full = Project.TIER.equals("full");
    Stream<String> minors = full ? Stream.of("3.11", "3.12", "3.13", "") : Stream.of("3.11", "");
    return minors.map(each -> each.isEmpty() ? null : each);
  }

  /** Every module on each of them. */
  public static Stream<Part> parts(List<String> modules) {
    return minors().flatMap(minor -> modules.stream().map(module -> new Part(minor, module)));
  }

  /** What a program did, without input. */
  public static Child.Ended run(
      @Nullable String minor, Map<String, String> changes, Duration limit, String... arguments) {
    var command = new ArrayList<>(List.of("run"));
    if (minor != null) {
      command.addAll(List.of("--python", Pythons.executable(minor).toString()));
    }
    command.addAll(List.of(arguments));
    try (Child child = Child.sluice(Project.TARGET, changes, command)) {
      child.input("");
      return child.ended(limit);
    }
  }
}
