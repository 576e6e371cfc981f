package dev.sluice.python;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Opening and closing, each in a process of its own: a crash would be its exit code. */
@Timeout(120)
class LifecycleTest {
  private static final int STORMS = "full".equals(System.getProperty("sluice.tier")) ? 200 : 5;

  private record Result(int exitCode, String output) {}

  @Test
  void closesAndRunsAtexit() throws Exception {
    Result result = run("plain");
    assertThat(result.output()).contains("atexit ran", "closed", "joined");
    assertThat(result.exitCode()).isZero();
  }

  @Test
  @Timeout(900) // 200 processes in the full tier, each with its own limit
  void closesUnderAStormOfCallers() throws Exception {
    for (int i = 0; i < STORMS; i++) {
      Result result = run("storm");
      assertThat(result.output()).contains("all refused", "joined");
      assertThat(result.exitCode()).isZero();
    }
  }

  @RepeatedTest(2)
  void closesBesideAThreadThatNeverReturnsAndNamesIt() throws Exception {
    Result result = run("stuck");
    assertThat(result.output()).contains("\"sleeper\"", "atexit ran", "closed", "joined");
    assertThat(result.exitCode()).isZero();
  }

  @Test
  void joinsPythonsThreadsButNotItsDaemons() throws Exception {
    Result result = run("threads");
    assertThat(result.output()).contains("thread ended", "closed", "joined");
    assertThat(result.exitCode()).isZero();
  }

  @Test
  void refusesEveryUseAfterTheEnd() throws Exception {
    Result result = run("after");
    assertThat(result.output()).contains("attr refused", "attach refused", "closed", "joined");
    assertThat(result.exitCode()).isZero();
  }

  private static Result run(String program) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-Dsluice.test.python=" + System.getProperty("sluice.test.python", ""),
                "-cp",
                System.getProperty("java.class.path"),
                LifecycleChild.class.getName(),
                program)
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    // What is read from a process that hangs ends only with it.
    CompletableFuture<Void> limit =
        CompletableFuture.runAsync(
            process::destroyForcibly, CompletableFuture.delayedExecutor(60, TimeUnit.SECONDS));
    byte[] output = process.getInputStream().readAllBytes();
    int code = process.waitFor();
    if (limit.isDone()) {
      throw new AssertionError(program + " did not end: " + new String(output, UTF_8));
    }
    limit.cancel(false);
    return new Result(code, new String(output, UTF_8));
  }
}
