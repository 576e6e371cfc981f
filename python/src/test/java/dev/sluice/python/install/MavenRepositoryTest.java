package dev.sluice.python.install;

import static dev.sluice.python.install.TestArtifacts.PLATFORM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sluice.python.PythonError;
import dev.sluice.python.SluiceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MavenRepositoryTest {
  private static final Artifact ARTIFACT =
      Artifact.lastOf(new PythonVersion(3, 13, 0), PLATFORM).orElseThrow();

  @TempDir Path folder;
  private final List<String> progress = new ArrayList<>();

  private MavenRepository repository(String searchPath) {
    return new MavenRepository(folder.resolve("repository"), searchPath, progress::add);
  }

  private Path mvn(String script) throws IOException {
    TestArtifacts.script(folder.resolve("bin/mvn"), "#!/bin/sh\n" + script);
    return folder.resolve("bin");
  }

  @Test
  void theLocalRepositoryIsMavensOwn() throws IOException {
    Path maven = folder.resolve("home/.m2");
    Files.createDirectories(maven);
    assertThat(MavenRepository.local(null, maven)).isEqualTo(maven.resolve("repository"));

    Files.writeString(
        maven.resolve("settings.xml"),
        "<settings><!-- <localRepository>/comment</localRepository> --></settings>");
    assertThat(MavenRepository.local(null, maven)).isEqualTo(maven.resolve("repository"));

    Files.writeString(
        maven.resolve("settings.xml"),
        "<settings><localRepository> ${user.home}/jars </localRepository></settings>");
    assertThat(MavenRepository.local(null, maven)).isEqualTo(folder.resolve("home/jars"));
    assertThat(MavenRepository.local("/given", maven)).isEqualTo(Path.of("/given"));
  }

  @Test
  void anArtifactThatMavenHasIsNotFetched() throws IOException {
    Path place = folder.resolve("repository/org/bytedeco/cpython/" + ARTIFACT.release());
    assertThat(repository("").find(ARTIFACT)).isEmpty();

    Path jar = TestArtifacts.jar(place, ARTIFACT.release());

    assertThat(repository("").find(ARTIFACT)).contains(jar);
  }

  @Test
  void mvnFetchesWhatIsMissing() throws IOException {
    Path bin =
        mvn(
            """
            for argument; do
              case $argument in
                -DoutputDirectory=*) folder=${argument#*=} ;;
                -Dartifact=*) echo "$argument" > %1$s/asked ;;
              esac
            done
            echo jar > "$folder/%2$s"
            """
                .formatted(folder, ARTIFACT.jarName()));

    Path jar = repository("/nowhere:" + bin).fetch(ARTIFACT, folder.resolve("download"));

    assertThat(jar).hasContent("jar").hasFileName(ARTIFACT.jarName());
    assertThat(folder.resolve("asked"))
        .hasContent("-Dartifact=org.bytedeco:cpython:3.13.5-1.5.12:jar:" + PLATFORM.classifier());
    assertThat(progress).containsExactly("fetching CPython 3.13.5 with mvn (once)...");
  }

  @Test
  void whyMvnFailedIsTold() throws IOException {
    Path bin =
        mvn(
            "echo '[ERROR] Could not transfer it: no network -> [Help 1]'; echo '[ERROR] '; exit 1\n");

    assertThatExceptionOfType(SluiceException.class)
        .isThrownBy(() -> repository(bin.toString()).fetch(ARTIFACT, folder.resolve("download")))
        .withMessageContaining(
            "mvn could not fetch CPython 3.13.5 (Could not transfer it: no network)")
        .withMessageContaining(ARTIFACT.jarName())
        .extracting(SluiceException::code)
        .isEqualTo(PythonError.NO_SHARED_LIBRARY);
  }

  @Test
  void withoutMvnTheErrorSaysSo() {
    assertThatExceptionOfType(SluiceException.class)
        .isThrownBy(() -> repository("/nowhere").fetch(ARTIFACT, folder.resolve("download")))
        .withMessageContaining("no mvn on the PATH")
        .withMessageContaining("neither in %s nor".formatted(folder.resolve("repository")));
  }
}
