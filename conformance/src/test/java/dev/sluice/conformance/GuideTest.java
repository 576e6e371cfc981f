package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.sluice.conformance.harness.Child;
import dev.sluice.conformance.harness.Limits;
import dev.sluice.conformance.harness.Project;
import dev.sluice.conformance.harness.Pythons;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every piece of code in the guides is run, and prints what stands below it. */
class GuideTest {
  private static final Path GUIDES = Project.ROOT.resolve("docs/guide");

  /** A block of code, and the block of text that follows it at once, if one does. */
  private static final Pattern SNIPPET =
      Pattern.compile(
          "^```(java|python)\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?",
          Pattern.MULTILINE | Pattern.DOTALL);

  private static final String IMPORTS =
      """
      import dev.sluice.bridge.*;
      import dev.sluice.python.*;
      import java.math.*;
      import java.nio.*;
      import java.nio.file.*;
      import java.time.*;
      import java.util.*;
      import java.util.concurrent.*;
      import java.util.function.*;

      """;

  @TempDir private static Path directory;

  static Stream<Arguments> snippets() throws IOException {
    try (Stream<Path> guides = Files.list(GUIDES)) {
      return guides.filter(guide -> guide.toString().endsWith(".md")).sorted().toList().stream()
          .flatMap(GuideTest::snippets);
    }
  }

  private static Stream<Arguments> snippets(Path guide) {
    String text;
    try {
      text = Files.readString(guide);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    Matcher snippets = SNIPPET.matcher(text);
    return snippets
        .results()
        .map(found -> {
          long line = text.substring(0, found.start()).lines().count() + 1;
          String output = found.group(3) == null ? "" : found.group(3);
          return argumentSet(
              guide.getFileName() + ", line " + line, found.group(1), found.group(2), output);
        });
  }

  @ParameterizedTest
  @MethodSource("snippets")
  void printsWhatIsSaid(String language, String code, String output) throws IOException {
    List<String> command = language.equals("java") ? java(code) : python(code);
    try (Child child = Child.start(directory, Map.of(), command)) {
      child.input("");
      Child.Ended ended = child.ended(Limits.TOOL);
      assertThat(ended.code()).as(ended.stderr()).isZero();
      assertThat(ended.stdout()).isEqualTo(output.strip());
    }
  }

  private static List<String> java(String code) throws IOException {
    String body =
        code.contains("Python.open(")
            ? code
            : "try (Python python = Python.open(PythonOptions.embedded())) {\n"
                + "Interpreter main = python.main();\n"
                + code
                + "}\n";
    String whole =
        IMPORTS
            + "public final class Snippet {\n"
            + "public static void main(String[] arguments) throws Exception {\n"
            + body
            + "}\n}\n";
    Path file = Files.writeString(directory.resolve("Snippet.java"), whole);
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String classPath =
        Child.run(directory, Map.of(), List.of(Project.LAUNCHER.toString(), "classpath")).strip();
    return List.of(java, "--enable-native-access=ALL-UNNAMED", "-cp", classPath, file.toString());
  }

  private static List<String> python(String code) throws IOException {
    Path file = Files.writeString(directory.resolve("snippet.py"), code);
    String launcher = Project.LAUNCHER.toString();
    if (!code.contains("microthread")) {
      return List.of(launcher, "run", file.toString());
    }
    Path venv =
        Pythons.environment(
            "microthreads-3.14", "3.14", Project.PYTHON.resolve("microthread-requirements.txt"));
    return List.of(launcher, "run", "--venv", venv.toString(), file.toString());
  }
}
