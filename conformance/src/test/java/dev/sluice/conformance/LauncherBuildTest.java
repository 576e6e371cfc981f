package dev.sluice.conformance;

import static dev.sluice.conformance.LauncherSandbox.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.LauncherSandbox.Ended;
import dev.sluice.conformance.LauncherSandbox.Running;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When ./sluice builds, and that a build disturbs nobody. */
final class LauncherBuildTest {
  @TempDir Path temporary;
  private LauncherSandbox sandbox;
  private Path state;

  @BeforeEach
  void open() throws IOException {
    sandbox = new LauncherSandbox(temporary);
    sandbox.jdk("25.0.3");
    state = sandbox.tree.resolve("target/sluice");
  }

  @AfterEach
  void close() {
    sandbox.close();
  }

  @Test
  void buildsOnFirstUseAndNotAgain() throws Exception {
    Ended first = sandbox.run();
    assertThat(first.code()).isZero();
    assertThat(first.err())
        .startsWith("sluice: building (first use, about a minute)...")
        .containsPattern("sluice: built in \\d+ s\n$");

    Ended second = sandbox.run();
    assertThat(second.code()).isZero();
    assertThat(second.err()).isEmpty();
    assertThat(sandbox.mavenRuns()).hasSize(1);
  }

  @Test
  void buildsAgainWhenSourcesHaveChanged() throws Exception {
    sandbox.run();
    int builds = 1;

    sandbox.write("python/src/main/java/One.java", "edited");
    assertThat(sandbox.run().err()).startsWith("sluice: building (sources have changed)...");
    assertThat(sandbox.mavenRuns()).as("edited").hasSize(++builds);

    sandbox.write("server/src/main/java/Added.java", "added");
    sandbox.run();
    assertThat(sandbox.mavenRuns()).as("added").hasSize(++builds);

    Files.delete(sandbox.tree.resolve("python/src/main/python/sluice/one.py"));
    sandbox.run();
    assertThat(sandbox.mavenRuns()).as("deleted").hasSize(++builds);

    sandbox.write("pom.xml", "<project>edited</project>");
    sandbox.run();
    assertThat(sandbox.mavenRuns()).as("build file").hasSize(++builds);
  }

  @Test
  void whatTheProductIsNotMadeFromDoesNotMatter() throws Exception {
    sandbox.run();

    sandbox.write("python/src/test/java/OneTest.java", "edited");
    sandbox.write("conformance/src/main/java/Any.java", "added");
    sandbox.write("conformance/pom.xml", "<project/>");
    sandbox.write("python/target/any", "added");
    sandbox.write("python/src/main/python/sluice/__pycache__/one.pyc", "added");
    sandbox.write("python/src/main/java/.One.java.swp", "an editor's");
    touch(sandbox.tree.resolve("python/src/main/java/One.java"));

    assertThat(sandbox.run().err()).isEmpty();
    assertThat(sandbox.mavenRuns()).hasSize(1);
  }

  @Test
  void sourcesThatWereBuiltBeforeNeedNoSecondBuild() throws Exception {
    String before = home(sandbox.run());
    sandbox.write("python/src/main/java/One.java", "another branch");
    assertThat(home(sandbox.run())).isNotEqualTo(before);
    sandbox.write("python/src/main/java/One.java", "one");

    Ended back = sandbox.run();

    assertThat(home(back)).isEqualTo(before);
    assertThat(back.err()).isEmpty();
    assertThat(sandbox.mavenRuns()).hasSize(2);
  }

  @Test
  void noBuildRunsWhatIsThereAndShowDoesNothing() throws Exception {
    sandbox.environment.put("SLUICE_LAUNCHER", "show");
    Ended shown = sandbox.run("serve", "hello");
    assertThat(shown.out().getFirst()).isEqualTo("build  needed: first use, about a minute");
    assertThat(sandbox.mavenRuns()).isEmpty();

    sandbox.environment.put("SLUICE_LAUNCHER", "build-only");
    assertThat(sandbox.run("serve").out()).isEmpty();
    assertThat(sandbox.mavenRuns()).hasSize(1);

    sandbox.environment.put("SLUICE_LAUNCHER", "no-build");
    sandbox.write("python/src/main/java/One.java", "edited");
    assertThat(sandbox.run("serve").out()).endsWith("<serve>");
    assertThat(sandbox.mavenRuns()).hasSize(1);

    sandbox.environment.put("SLUICE_LAUNCHER", "show");
    assertThat(sandbox.run("serve").out())
        .contains(
            "build  needed: sources have changed",
            "jdk    25.0.3 " + sandbox.jdks.resolve("jdk-25.0.3"))
        .last()
        .asString()
        .startsWith("run    ")
        .endsWith(" 'serve'");
  }

  @Test
  void theJarsOfARunningServerStayAsTheyAre() throws Exception {
    sandbox.flag("serve", true);
    Running server = sandbox.start("serve");
    await("the server", () -> server.says("<serve>"));
    Path jar = currentBuild().resolve("lib/sluice-cli-1.jar");
    sandbox.environment.put("SLUICE_LAUNCHER", "build-only");

    Path idle = null;
    for (int edit = 1; edit <= 4; edit++) {
      sandbox.write("python/src/main/java/One.java", "edit " + edit);
      assertThat(sandbox.run().code()).isZero();
      if (edit == 1) {
        idle = currentBuild();
      }
    }

    assertThat(jar).content().isEqualTo("one");
    assertThat(currentBuild().resolve("lib/sluice-cli-1.jar")).content().isEqualTo("edit 4");
    assertThat(idle).as("neither run, nor the one before").doesNotExist();
    assertThat(builds()).as("run now, the one before, and the server's").hasSize(3);
    sandbox.flag("serve", false);
    assertThat(server.end().code()).isZero();
  }

  @Test
  void twoAtOnceBuildOnce() throws Exception {
    sandbox.flag("hold", true);
    Running first = sandbox.start("first");
    await("mvn", () -> mavenRuns() == 1);
    Running second = sandbox.start("second");
    await(
        "the second to wait",
        () -> second.says("waiting for process " + first.process().pid() + ", which is building"));
    sandbox.flag("hold", false);

    assertThat(first.end().out()).endsWith("<first>");
    assertThat(second.end().out()).endsWith("<second>");
    assertThat(mavenRuns()).isEqualTo(1);
    assertThat(state.resolve("lock")).doesNotExist();
  }

  @Test
  void aLockLeftBehindIsTakenOver() throws Exception {
    Process ended = new ProcessBuilder("true").start();
    ended.waitFor();
    Files.createDirectories(state.resolve("lock"));
    Files.writeString(
        state.resolve("lock").resolve(Long.toString(ended.pid())), ended.pid() + "\n");

    assertThat(sandbox.run().code()).isZero();
    assertThat(state.resolve("lock")).doesNotExist();
  }

  @Test
  void aLauncherKilledWhileItBuildsLeavesItsMavenToWaitFor() throws Exception {
    sandbox.flag("hold", true);
    Running killed = sandbox.start("killed");
    await("mvn", () -> mavenRuns() == 1);
    Path held = state.resolve("lock").resolve(Long.toString(killed.process().pid()));
    await("the pid of mvn", () -> !read(held).isEmpty());
    killed.process().destroyForcibly().waitFor();
    Running next = sandbox.start("next");
    await("the next to wait", () -> next.says("waiting for process"));
    assertThat(mavenRuns()).isEqualTo(1);
    sandbox.flag("hold", false);

    assertThat(next.end().out()).endsWith("<next>");
  }

  @Test
  @Tag("slow") // it waits for five seconds before it takes a lock away
  void aLockWhoseTakerDiedAtOnceIsTakenOver() throws Exception {
    Files.createDirectories(state.resolve("lock"));
    assertThat(sandbox.run().code()).isZero();
    assertThat(state.resolve("lock")).doesNotExist();
  }

  @Test
  void aSignalEndsTheBuildAndGivesTheLockBack() throws Exception {
    sandbox.flag("hold", true);
    Running running = sandbox.start("serve");
    Path held = state.resolve("lock").resolve(Long.toString(running.process().pid()));
    await("the pid of mvn", () -> Files.exists(held) && !read(held).isEmpty());
    ProcessHandle mvn = ProcessHandle.of(Long.parseLong(read(held).strip())).orElseThrow();
    running.process().destroy();

    assertThat(running.end().code()).isEqualTo(143);
    assertThat(mvn.isAlive()).isFalse();
    assertThat(state.resolve("lock")).doesNotExist();
  }

  @Test
  void aFailedBuildShowsTheEndOfItsLog() throws Exception {
    sandbox.flag("break", true);
    Ended failed = sandbox.run("serve");
    assertThat(failed.code()).isEqualTo(1);
    assertThat(failed.out()).isEmpty();
    assertThat(failed.err())
        .contains("[ERROR] the sources are broken\n")
        .contains("sluice: error[SL455]: the build failed (mvn's exit code: 7)")
        .contains(state.resolve("build.log").toString());
    assertThat(state.resolve("lock")).doesNotExist();

    sandbox.flag("break", false);
    assertThat(sandbox.run("serve").out()).endsWith("<serve>");
  }

  @Test
  void withoutMavenItSaysSo() throws Exception {
    Files.delete(sandbox.path.resolve("mvn"));
    Ended failed = sandbox.run("serve");
    assertThat(failed.code()).isEqualTo(2);
    assertThat(failed.err().lines()).singleElement().asString().contains("error[SL454]");
  }

  @Test
  void sourcesEditedDuringABuildAreBuiltAgain() throws Exception {
    Files.writeString(sandbox.base.resolve("edit"), "edited");
    assertThat(sandbox.run().code()).isZero();
    assertThat(mavenRuns()).isEqualTo(2);
    assertThat(currentBuild().resolve("lib/sluice-cli-1.jar")).content().contains("edited");
    assertThat(builds()).hasSize(1);
  }

  @Test
  void theTrialRunsCacheIsUsedByTheJdkThatMadeItOnly() throws Exception {
    sandbox.environment.put("SLUICE_BIND", "the user's own, which must not reach the trial run");
    Ended ended = sandbox.run("serve");
    assertThat(ended.out()).contains("<-XX:AOTCache=" + currentBuild().resolve("jvm.aot") + ">");
    assertThat(currentBuild().resolve("jvm.aot")).content().isEqualTo("cached\n");

    sandbox.jdk("25.0.4");
    assertThat(sandbox.run("serve").out())
        .contains("jdk=25.0.4", "<serve>")
        .noneMatch(line -> line.contains("AOTCache"));
  }

  @Test
  void withoutTheTrialRunsCacheAllWorks() throws Exception {
    sandbox.flag("break-trial", true);
    Ended ended = sandbox.run("serve");
    assertThat(ended.code()).isZero();
    assertThat(ended.out()).endsWith("<serve>").noneMatch(line -> line.contains("AOTCache"));
  }

  private static String home(Ended ended) {
    return ended.out().stream()
        .filter(line -> line.startsWith("<-Dsluice.home="))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no JVM was run: " + ended));
  }

  private Path currentBuild() throws IOException {
    return state.resolve("builds").resolve(Files.readString(state.resolve("current")).strip());
  }

  private List<Path> builds() throws IOException {
    try (Stream<Path> builds = Files.list(state.resolve("builds"))) {
      return builds.toList();
    }
  }

  private int mavenRuns() {
    try {
      return sandbox.mavenRuns().size();
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }

  private static void touch(Path file) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
  }
}
