package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.sluice.conformance.harness.Certificates;
import dev.sluice.conformance.harness.Child;
import dev.sluice.conformance.harness.Limits;
import dev.sluice.conformance.harness.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each configuration file of the guide is served with, on free ports. */
class DeployingGuideTest {
  private static final Pattern FILE =
      Pattern.compile("^```toml\n(.*?)^```\n", Pattern.MULTILINE | Pattern.DOTALL);

  @TempDir private Path directory;

  static Stream<Arguments> files() throws IOException {
    String text = Files.readString(Project.ROOT.resolve("docs/guide/deploying.md"));
    return FILE.matcher(text)
        .results()
        .map(found ->
            argumentSet(
                "line " + (text.substring(0, found.start()).lines().count() + 1), found.group(1)));
  }

  @ParameterizedTest
  @MethodSource("files")
  void isServedWith(String file) throws IOException {
    Certificates certificates = new Certificates(Files.createDirectory(directory.resolve("certs")));
    certificates.issue("site");
    Files.createDirectory(directory.resolve("public"));
    Files.createDirectories(directory.resolve("run/mysite"));
    Files.writeString(
        directory.resolve("sluice.toml"),
        file.replaceAll("\\.\\d+:\\d+\"", ".1:0\"")
            .replace("0.0.0.1", "127.0.0.1")
            .replace("unix:/run", "unix:" + directory.resolve("run")));
    try (Child child =
        Child.sluice(
            directory,
            Map.of("SLUICE_APP_DIR", Project.EXAMPLES.resolve("wsgi").toString()),
            List.of("serve", "hello:app"))) {
      assertThat(child.stdout().await(line -> line.startsWith("Sluice "), Limits.START))
          .contains(file.contains("certfile") ? "https://" : "unix:");
      child.signal("TERM");
      assertThat(child.ended(Limits.ANSWER).code()).isZero();
    }
  }
}
