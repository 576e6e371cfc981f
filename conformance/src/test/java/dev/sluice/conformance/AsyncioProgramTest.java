package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Child;
import dev.sluice.conformance.harness.Limits;
import dev.sluice.conformance.harness.Project;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** asyncio's programs under `sluice run`, seen from outside: whose loop, wrong threads, signals. */
class AsyncioProgramTest {
  private static final Path PROGRAMS = Project.PYTHON.resolve("loop_programs");
  private static final Duration AFTER_THE_ERROR = Duration.ofSeconds(5);

  private static Child start(String... arguments) {
    var whole = Stream.concat(Stream.of("run"), Stream.of(arguments)).toList();
    return Child.sluice(PROGRAMS, Map.of(), whole);
  }

  private static Child.Ended run(String... arguments) {
    try (Child child = start(arguments)) {
      child.input("");
      return child.ended(Limits.START);
    }
  }

  @Test
  void asyncioMakesOurLoopsUnlessItIsToldNotTo() {
    assertThat(run("which_loop.py").stdout()).isEqualTo("sluice");
    assertThat(run("--loop", "asyncio", "which_loop.py").stdout()).isEqualTo("asyncio");
  }

  @Test
  void anEventThatIsSetTheSafeWayWakesTheLoop() {
    Child.Ended ended = run("set_elsewhere.py", "safe");
    assertThat(ended.code()).as(ended.stderr()).isZero();
    assertThat(ended.stdout()).isEqualTo("setting\nset\nprogram exit");
    assertThat(ended.stderr()).isEmpty();
  }

  @Test
  void anEventThatIsSetTheUnsafeWayEndsTheProgramWithinASecond() {
    try (Child child = start("set_elsewhere.py", "unsafe")) {
      child.stdout().await(line -> line.equals("setting"), Limits.START);
      long began = System.nanoTime();
      child.stderr().await(line -> line.contains("WrongThreadError"), Limits.ANSWER);
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(1));
      Child.Ended ended = child.ended(AFTER_THE_ERROR);
      assertThat(ended.code()).isEqualTo(1);
      assertThat(ended.stdout()).isEqualTo("setting");
      assertThat(ended.stderr())
          .contains("Exception in thread worker")
          .containsPattern(
              "SL160: call_soon was called on thread 'worker' \\(\\d+\\), at .*set_elsewhere.py:\\d+"
                  + " in work; but the loop runs on thread 'MainThread' \\(\\d+\\)")
          .contains("Use loop.call_soon_threadsafe");
    }
  }

  @Test
  void loopsThatDaemonThreadsRunDoNotHoldTheEndUp() {
    long began = System.nanoTime();
    Child.Ended ended = run("daemon.py");
    assertThat(ended.stdout()).isEqualTo("main is over\nrunning: [True, True]");
    assertThat(ended.stderr()).isEmpty();
    assertThat(ended.code()).isZero();
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(9));
  }

  @Test
  void orItIsRepaired() {
    Child.Ended ended = run("--wrong-thread", "repair", "set_elsewhere.py", "unsafe");
    assertThat(ended.code()).as(ended.stderr()).isZero();
    assertThat(ended.stdout()).isEqualTo("setting\nset\nprogram exit");
    assertThat(ended.stderr().lines()).hasSize(1);
    assertThat(ended.stderr()).contains("SL160", "It was repaired");
  }

  @Test
  void sigintCancelsTheMainTask() {
    try (Child child = start("interrupted.py")) {
      child.stdout().await(line -> line.equals("asleep"), Limits.START);
      child.signal("INT");
      Child.Ended ended = child.ended(Limits.ANSWER);
      assertThat(ended.code()).as(ended.stderr()).isEqualTo(130);
      assertThat(ended.stdout()).isEqualTo("asleep\ncancelled\ncleaned up");
      assertThat(ended.stderr()).contains("KeyboardInterrupt").doesNotContain("\tat ");
    }
  }

  @Test
  void aSecondSigintIsAnException() {
    try (Child child = start("interrupted.py", "second")) {
      child.stdout().await(line -> line.equals("asleep"), Limits.START);
      child.signal("INT");
      child.stdout().await("not yet");
      child.signal("INT");
      Child.Ended ended = child.ended(Limits.ANSWER);
      assertThat(ended.code()).as(ended.stderr()).isZero();
      assertThat(ended.stdout()).endsWith("KeyboardInterrupt\nend");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"signal", "loop"})
  void sigtermIsHandledWhileTheLoopSleeps(String how) {
    try (Child child = start("interrupted.py", how)) {
      child.stdout().await(line -> line.equals("asleep"), Limits.START);
      child.signal("TERM");
      Child.Ended ended = child.ended(Limits.ANSWER);
      assertThat(ended.code()).as(ended.stderr()).isZero();
      assertThat(ended.stdout()).isEqualTo("asleep\ncame\nend");
    }
  }

  @Test
  void standardInputIsReadByTheLoop() {
    try (Child child = start("reads_stdin.py")) {
      child.stdout().await(line -> line.equals("reading"), Limits.START);
      child.input("one\ntwo\n");
      Child.Ended ended = child.ended(Limits.ANSWER);
      assertThat(ended.code()).as(ended.stderr()).isZero();
      assertThat(ended.stdout()).isEqualTo("reading\nline one\nline two\nend of input");
    }
  }

  @Test
  void aWakeUpThatFailsIsAnErrorForWhoeverTries() {
    Child.Ended ended = run("wake_fails.py");
    assertThat(ended.stdout().lines())
        .hasSize(4)
        .filteredOn(line -> line.contains("the loop cannot be woken: "))
        .hasSize(3);
    assertThat(ended.stdout()).endsWith("ran []");
  }
}
