package dev.sluice.python;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A test's program in a JVM of its own: a crash would be its exit code. */
final class ChildJvm {
  /** Part of glibc: ends a process that writes where it must not, if it looks there once more. */
  private static final String MALLOC_CHECKS = "libc_malloc_debug.so.0";

  private ChildJvm() {}

  /** Whether the system's library of memory checks is there, next to the C library. */
  private static boolean checksMemory() {
    return Stream.of("/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu", "/lib64")
        .anyMatch(folder -> Files.exists(Path.of(folder, MALLOC_CHECKS)));
  }

  record Result(int exitCode, String output) {}

  /** Runs the main method of a class to its end, for at most two minutes. */
  static Result run(Class<?> program, String... arguments)
      throws IOException, InterruptedException {
    return run(List.of(), program, arguments);
  }

  /** The same with options for the JVM. */
  static Result run(List<String> options, Class<?> program, String... arguments)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                // Whoever runs the tests in the background ignores SIGINT, which children inherit.
                "env",
                "--default-signal=INT",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-Dsluice.test.python=" + System.getProperty("sluice.test.python", ""),
                "-cp",
                System.getProperty("java.class.path")));
    command.addAll(options);
    command.add(program.getName());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    if (checksMemory()) {
      builder.environment().put("LD_PRELOAD", MALLOC_CHECKS);
      builder.environment().put("GLIBC_TUNABLES", "glibc.malloc.check=3");
    }
    Process process = builder.start();
    process.getOutputStream().close();
    // What is read from a process that hangs ends only with it.
    CompletableFuture<Void> limit =
        CompletableFuture.runAsync(
            process::destroyForcibly, CompletableFuture.delayedExecutor(120, TimeUnit.SECONDS));
    byte[] output = process.getInputStream().readAllBytes();
    int code = process.waitFor();
    if (limit.isDone()) {
      throw new AssertionError(List.of(arguments) + " did not end: " + new String(output, UTF_8));
    }
    limit.cancel(false);
    return new Result(code, new String(output, UTF_8));
  }
}
