package dev.sluice.conformance;

import static dev.sluice.conformance.LauncherSandbox.script;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.LauncherSandbox.Ended;
import dev.sluice.conformance.LauncherSandbox.Running;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which JDK ./sluice takes, and how it becomes the JVM. */
final class LauncherTest {
  @TempDir Path temporary;
  private LauncherSandbox sandbox;

  @BeforeEach
  void open() throws IOException {
    sandbox = new LauncherSandbox(temporary);
  }

  @AfterEach
  void close() {
    sandbox.close();
  }

  @Test
  void anOlderJavaFirstOnThePathIsPassedOver() throws Exception {
    Path old = sandbox.jdkAt(sandbox.base.resolve("old"), "17.0.15");
    script(old.resolve("bin/java"), "#!/bin/sh\n: >\"$SANDBOX/started\"\n");
    Files.createSymbolicLink(sandbox.path.resolve("java"), old.resolve("bin/java"));
    sandbox.jdk("21.0.7");
    Path suitable = sandbox.jdk("25.0.3");

    Ended ended = sandbox.run("serve");

    assertThat(ended.code()).isZero();
    assertThat(ended.said("jdk")).isEqualTo("25.0.3");
    assertThat(sandbox.mavenRuns()).containsExactly(suitable.toString());
    assertThat(sandbox.base.resolve("started")).as("java 17 was started").doesNotExist();
  }

  @Test
  void javaHomeComesFirst() throws Exception {
    sandbox.jdk("26.0.1");
    Path chosen = sandbox.jdkAt(sandbox.base.resolve("my jdk"), "25");
    sandbox.environment.put("JAVA_HOME", chosen.toString());

    assertThat(sandbox.run().said("jdk")).isEqualTo("25");
  }

  @Test
  void thenComesTheFirstSuitableJavaOnThePath() throws Exception {
    sandbox.jdk("26.0.1");
    Path old = sandbox.jdkAt(sandbox.base.resolve("old"), "1.8.0_402");
    Path chosen = sandbox.jdkAt(sandbox.base.resolve("chosen"), "25.0.1");
    // Links upon links, as the alternatives of Debian are.
    Path links = Files.createDirectories(sandbox.base.resolve("links"));
    Files.createSymbolicLink(links.resolve("target"), chosen.resolve("bin/java"));
    Files.createSymbolicLink(links.resolve("java"), Path.of("target"));
    sandbox.environment.put("JAVA_HOME", old.toString());
    sandbox.environment.put("PATH", old.resolve("bin") + ":" + sandbox.path + ":" + links);

    assertThat(sandbox.run().said("jdk")).isEqualTo("25.0.1");
  }

  @Test
  void elseTheNewestInTheUsualFolders() throws Exception {
    sandbox.jdk("25.0.9");
    sandbox.jdk("25.0.10");
    sandbox.jdk("25");
    assertThat(sandbox.run().said("jdk")).isEqualTo("25.0.10");

    sandbox.jdkAt(sandbox.jdks.resolve("mac.jdk/Contents/Home"), "26-ea");
    assertThat(sandbox.run().said("jdk")).isEqualTo("26-ea");
  }

  @Test
  void aShimWithoutReleaseFileIsAsked() throws Exception {
    Path real = sandbox.jdkAt(sandbox.base.resolve("hidden"), "25.0.2");
    script(
        sandbox.path.resolve("java"),
        """
        #!/bin/sh
        echo '    java.home = %s' >&2
        echo '    java.version = 25.0.2' >&2
        """
            .formatted(real));

    assertThat(sandbox.run().said("jdk")).isEqualTo("25.0.2");
  }

  @Test
  void withoutAnyJdkOneLineSaysWhatWasLookedForWhereAndHowToGetIt() throws Exception {
    Path old = sandbox.jdkAt(sandbox.base.resolve("old"), "17.0.15");
    Files.createSymbolicLink(sandbox.path.resolve("java"), old.resolve("bin/java"));
    sandbox.environment.put("JAVA_HOME", "/nowhere");

    Ended ended = sandbox.run("serve");

    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.err().lines())
        .singleElement()
        .asString()
        .startsWith("sluice: error[SL451]: no JDK 25 or later")
        .contains("JAVA_HOME (/nowhere) has no bin/java")
        .contains("java on the PATH is 17.0.15 (" + old + ")")
        .contains("none in " + sandbox.jdks)
        .contains("Install one")
        .contains("or set JAVA_HOME");
  }

  @Test
  void buildingNeedsACompilerAndRunningDoesNot() throws Exception {
    Path runtime = sandbox.jdk("25.0.3");
    Files.delete(runtime.resolve("bin/javac"));
    Ended failed = sandbox.run();
    assertThat(failed.code()).isEqualTo(2);
    assertThat(failed.err()).contains("error[SL451]").contains("with bin/javac");

    Path compiler = sandbox.jdk("25.0.1");
    assertThat(sandbox.run().said("jdk")).isEqualTo("25.0.3");
    assertThat(sandbox.mavenRuns()).containsExactly(compiler.toString());
  }

  @Test
  void becomesTheJvm() throws Exception {
    sandbox.jdk("25.0.3");
    Running running = sandbox.start("serve");
    assertThat(running.end().said("pid")).isEqualTo(Long.toString(running.process().pid()));
  }

  @Test
  void argumentsInputAndFolderReachTheProgramUntouched() throws Exception {
    sandbox.jdk("25.0.3");
    sandbox.environment.put("SLUICE_JAVA_OPTS", "-Xmx1g  -Dglob=/*");
    List<String> command =
        List.of(sandbox.launcher.toString(), "read-input", "a b", "", "*", "-c", "'\"$HOME\\");

    // The first run builds, which must not swallow the input.
    Ended ended = sandbox.start(sandbox.tree.resolve("python"), "typed\n", command).end();

    assertThat(ended.said("folder")).isEqualTo(sandbox.tree.resolve("python").toString());
    assertThat(ended.out())
        .containsSequence("<-Xmx1g>", "<-Dglob=/*>", "<-cp>")
        .endsWith(
            "<dev.sluice.cli.Main>",
            "<read-input>",
            "<a b>",
            "<>",
            "<*>",
            "<-c>",
            "<'\"$HOME\\>",
            "typed");
  }

  @Test
  void isFoundThroughLinks() throws Exception {
    sandbox.jdk("25.0.3");
    Path links = Files.createDirectories(sandbox.base.resolve("links"));
    Files.createSymbolicLink(links.resolve("indirect"), Path.of("..", "tree", "sluice"));
    Files.createSymbolicLink(links.resolve("sluice-link"), Path.of("indirect"));
    sandbox.environment.put("PATH", sandbox.path + ":" + links);

    for (String shell : List.of("sh", "bash")) {
      Ended ended =
          sandbox
              .start(
                  sandbox.jdks,
                  "",
                  List.of(LauncherSandbox.find(shell).toString(), "-c", "sluice-link version"))
              .end();
      assertThat(ended.out())
          .contains("<-Dsluice.launcher=" + sandbox.launcher + ">", "<version>")
          .anyMatch(line -> line.startsWith("<-Dsluice.home=" + sandbox.tree + "/target/"));
    }
  }

  @Test
  void bashRunsTheScriptToo() throws Exception {
    sandbox.jdk("25.0.3");
    List<String> command =
        List.of(
            LauncherSandbox.find("bash").toString(), "--posix", sandbox.launcher.toString(), "x");
    Running running = sandbox.start(sandbox.base, "", command);
    Ended ended = running.end();
    assertThat(ended.code()).as(ended.err()).isZero();
    assertThat(ended.said("pid")).isEqualTo(Long.toString(running.process().pid()));
  }

  @Test
  void anInstalledCopyJustRuns() throws Exception {
    sandbox.jdk("25.0.3");
    Files.delete(sandbox.tree.resolve("pom.xml"));
    sandbox.write("lib/cpython-1-here.jar", "");
    sandbox.write("lib/a-library.jar", "");
    sandbox.write("lib/sluice-cli.jar", "");

    Ended ended = sandbox.run("serve");

    String lib = sandbox.tree.resolve("lib").toString();
    assertThat(ended.err()).isEmpty();
    assertThat(ended.out())
        .contains("<-Dsluice.home=" + sandbox.tree + ">")
        .as("ours first, Python's files last")
        .contains(
            "<%1$s/sluice-cli.jar:%1$s/a-library.jar:%1$s/cpython-1-here.jar>".formatted(lib));
    assertThat(sandbox.mavenRuns()).isEmpty();
  }

  @Test
  void withoutALocaleFileNamesAreUtf8() throws Exception {
    sandbox.jdk("25.0.3");
    var expected =
        Map.of(
            Map.of(), "/C.UTF-8/",
            Map.of("LANG", "C"), "/C.UTF-8/C",
            Map.of("LANG", "de_DE.UTF-8"), "//de_DE.UTF-8",
            Map.of("LC_ALL", "C"), "C//");
    for (var each : expected.entrySet()) {
      sandbox.environment.keySet().removeAll(List.of("LANG", "LC_ALL"));
      each.getKey()
          .forEach((name, value) -> sandbox.environment.put((String) name, (String) value));
      assertThat(sandbox.run().said("locale")).isEqualTo(each.getValue());
    }
  }

  @Test
  void whatCannotWorkIsSaid() throws Exception {
    sandbox.jdk("25.0.3");
    sandbox.environment.put("SLUICE_LAUNCHER", "no-build");
    Ended nothingBuilt = sandbox.run();
    assertThat(nothingBuilt.code()).isEqualTo(2);
    assertThat(nothingBuilt.err()).contains("error[SL453]");

    sandbox.environment.put("SLUICE_LAUNCHER", "buidl");
    Ended unknown = sandbox.run();
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.err()).contains("error[SL452]").contains("buidl");

    sandbox.environment.remove("SLUICE_LAUNCHER");
    Path colon = sandbox.base.resolve("a:b");
    Files.move(sandbox.tree, colon);
    Ended unusable =
        sandbox.start(sandbox.base, "", List.of(colon.resolve("sluice").toString())).end();
    assertThat(unusable.code()).isEqualTo(2);
    assertThat(unusable.err()).contains("error[SL452]").contains("colon");
  }

  @Test
  void theRealJvmTakesTheFlagsWithoutAWord() throws Exception {
    sandbox.jdk("25.0.3");
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + "/bin/java");
    sandbox.run().out().stream()
        .filter(line -> line.startsWith("<-X") || line.startsWith("<--"))
        .map(line -> line.substring(1, line.length() - 1))
        .forEach(command::add);
    assertThat(command).contains("-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED");
    command.add("--version");

    Ended ended = sandbox.start(sandbox.base, "", command).end();

    assertThat(ended.code()).as(ended.err()).isZero();
    assertThat(ended.err()).isEmpty();
  }

  @Test
  void theTrialRunOfTheRealBuildLeftACache() throws Exception {
    // The JDK that runs this test is the one that ./verify found, as the trial run did.
    sandbox.environment.putAll(System.getenv());
    sandbox.environment.put("SLUICE_LAUNCHER", "show");
    List<String> command = List.of(LauncherSandbox.PROJECT.resolve("sluice").toString());

    Ended shown = sandbox.start(sandbox.base, "", command).end();

    assertThat(shown.out().getLast()).contains("-XX:AOTCache=");
  }
}
