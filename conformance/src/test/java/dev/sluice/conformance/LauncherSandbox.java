package dev.sluice.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A small copy of the source tree with the real launcher in it, a PATH of its own, and JDKs and an
 * mvn that are scripts and say how they were called.
 */
final class LauncherSandbox implements AutoCloseable {
  static final Path PROJECT = Path.of(System.getProperty("sluice.project", ".."));
  private static final Path SCRIPTS = PROJECT.resolve("conformance/src/test/resources/launcher");
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** All that the launcher may need of a system. */
  private static final List<String> COMMANDS =
      List.of(
          "sh cat cksum date env find grep head mkdir mv ps readlink rm rmdir sed sleep sort tail tr"
              .split(" "));

  /** Where everything lies; the name has a space, as a user's folders do. */
  final Path base;

  final Path tree;
  final Path launcher;
  final Path jdks;
  final Path path;
  final Map<String, String> environment = new TreeMap<>();
  private final List<Running> started = new ArrayList<>();

  LauncherSandbox(Path temporary) throws IOException {
    base = Files.createDirectories(temporary.toRealPath().resolve("a sandbox"));
    tree = base.resolve("tree");
    launcher = tree.resolve("sluice");
    jdks = Files.createDirectories(base.resolve("jdks"));
    path = Files.createDirectories(base.resolve("bin"));
    for (String command : COMMANDS) {
      script(path.resolve(command), "#!/bin/sh\nexec " + find(command) + " \"$@\"\n");
    }
    Files.copy(SCRIPTS.resolve("mvn.sh"), path.resolve("mvn"));
    Files.createDirectories(tree.resolve("build"));
    for (String file : List.of("sluice", "build/jdk.sh", "build/build.sh")) {
      Files.copy(PROJECT.resolve(file), tree.resolve(file));
    }
    write("pom.xml", "<project/>");
    write("python/pom.xml", "<project/>");
    write("python/src/main/java/One.java", "one");
    write("python/src/main/python/sluice/one.py", "one = 1");
    write("python/src/test/java/OneTest.java", "one");
    environment.put("PATH", path.toString());
    environment.put("HOME", base.toString());
    environment.put("SANDBOX", base.toString());
    environment.put("SLUICE_JDK_FOLDERS", jdks.toString());
  }

  /** Makes a JDK in the folder where JDKs are looked for. */
  Path jdk(String version) throws IOException {
    return jdkAt(jdks.resolve("jdk-" + version), version);
  }

  /** Makes a JDK. */
  Path jdkAt(Path folder, String version) throws IOException {
    Files.createDirectories(folder.resolve("bin"));
    Files.copy(SCRIPTS.resolve("java.sh"), folder.resolve("bin/java"));
    script(folder.resolve("bin/javac"), "#!/bin/sh\n");
    Files.writeString(
        folder.resolve("release"),
        "IMPLEMENTOR=\"Somebody\"\nJAVA_VERSION=\"" + version + "\"\nOS_ARCH=\"x86_64\"\n");
    return folder;
  }

  void write(String file, String text) throws IOException {
    Path whole = tree.resolve(file);
    Files.createDirectories(whole.getParent());
    Files.writeString(whole, text);
  }

  static void script(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    if (!file.toFile().setExecutable(true)) {
      throw new IOException("cannot make executable: " + file);
    }
  }

  /** Raises or lowers one of the flags that the scripts look at. */
  void flag(String name, boolean raised) throws IOException {
    if (raised) {
      Files.writeString(base.resolve(name), "");
    } else {
      Files.delete(base.resolve(name));
    }
  }

  /** The JAVA_HOME of each run of mvn so far. */
  List<String> mavenRuns() throws IOException {
    Path log = base.resolve("mvn.log");
    return Files.exists(log) ? Files.readAllLines(log) : List.of();
  }

  Ended run(String... arguments) throws IOException, InterruptedException {
    return start(arguments).end();
  }

  Running start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(arguments));
    return start(base, "", command);
  }

  Running start(Path directory, String input, List<String> command) throws IOException {
    Path out = Files.createTempFile(base, "stdout", "");
    Path err = Files.createTempFile(base, "stderr", "");
    Path in = Files.writeString(Files.createTempFile(base, "stdin", ""), input);
    var builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectInput(in.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    var running = new Running(builder.start(), out, err);
    started.add(running);
    return running;
  }

  /** Where a command of this machine lies. */
  static Path find(String command) {
    for (String folder : System.getenv("PATH").split(":", -1)) {
      Path file = Path.of(folder, command);
      if (Files.isExecutable(file)) {
        return file;
      }
    }
    throw new AssertionError("no " + command + " on the PATH");
  }

  static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("waited in vain: " + what);
      }
      Thread.sleep(10);
    }
  }

  @Override
  public void close() {
    for (Running running : started) {
      running.process.descendants().forEach(ProcessHandle::destroyForcibly);
      running.process.destroyForcibly();
    }
  }

  /** A launcher, or what became of it. */
  record Running(Process process, Path out, Path err) {
    Ended end() throws IOException, InterruptedException {
      if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("still running: " + out() + Files.readString(err));
      }
      return new Ended(process.exitValue(), Files.readAllLines(out), Files.readString(err));
    }

    boolean says(String text) {
      try {
        return (Files.readString(out) + Files.readString(err)).contains(text);
      } catch (IOException failure) {
        throw new AssertionError(failure);
      }
    }
  }

  /** What a launcher that ended left. */
  record Ended(int code, List<String> out, String err) {
    /** What the script in the place of `java` says of itself. */
    String said(String name) {
      return out.stream()
          .filter(line -> line.startsWith(name + "="))
          .map(line -> line.substring(name.length() + 1))
          .findFirst()
          .orElseThrow(() -> new AssertionError("no JVM was run: " + this));
    }
  }
}
