package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Signals reach a program's main thread, whatever it waits for. */
class InterruptTest {
  private static final Path PROGRAMS = Path.of("src/test/python/interrupts").toAbsolutePath();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sleep",
        "input",
        "lock",
        "pipe",
        "select",
        "thread",
        "loop",
        "after-loop",
        "child",
        "busy"
      })
  void controlCInterruptsEveryWait(String way) throws IOException {
    try (SluiceProcess process = SluiceProcess.start(PROGRAMS, "run", "waits.py", way)) {
      for (int i = 0; i < 2; i++) {
        process.await("ready");
        process.signal("INT");
        process.await("KeyboardInterrupt ");
      }
      assertThat(process.ended().code()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sleep", "lock", "pipe", "busy"})
  void soDoTheProgramsOwnHandlers(String way) throws IOException {
    try (SluiceProcess process = SluiceProcess.start(PROGRAMS, "run", "waits.py", way)) {
      for (int i = 0; i < 2; i++) {
        process.await("ready");
        process.signal("ALRM");
        process.await("TimeoutError SIGALRM");
      }
      assertThat(process.ended().code()).isZero();
    }
  }

  @Test
  void terminationEndsTheProgramAtOnce() throws IOException {
    try (SluiceProcess process = SluiceProcess.start(PROGRAMS, "run", "waits.py", "sleep")) {
      process.await("ready");
      process.signal("TERM");
      assertThat(process.waitForEnd().code()).isEqualTo(143);
    }
  }

  /** As in python: a script's job in the background is not for Ctrl-C. */
  @Test
  void anInterruptThatItWasStartedToIgnoreStaysIgnored() throws IOException {
    List<String> command = new ArrayList<>(List.of("env", "--ignore-signal=INT"));
    command.addAll(SluiceProcess.command("run", "ignores.py"));
    try (SluiceProcess process = SluiceProcess.program(PROGRAMS, command.toArray(String[]::new))) {
      process.await("Handlers.SIG_IGN");
      process.signal("INT");
      SluiceProcess.Ended ended = process.ended("go on\n");
      assertThat(ended.out()).endsWith("read 'go on'\n");
      assertThat(ended.code()).isZero();
    }
  }

  @Test
  void controlCAtAPromptIsNoMoreThanThat() throws IOException {
    List<String> command = new ArrayList<>(List.of("python", "at_terminal.py"));
    command.addAll(SluiceProcess.command("run", "prompts.py"));
    try (SluiceProcess process = SluiceProcess.start(PROGRAMS, command.toArray(String[]::new))) {
      SluiceProcess.Ended ended = process.ended();
      assertThat(ended.out())
          .containsOnlyOnce("ended 0")
          .doesNotContain("SystemError")
          .contains("raised KeyboardInterrupt() None None");
    }
  }

  @Test
  void whatWasThereBeforeCanBePutBack() throws IOException {
    try (SluiceProcess process = SluiceProcess.start(PROGRAMS, "run", "restores.py")) {
      SluiceProcess.Ended ended = process.ended();
      assertThat(ended.err()).isEmpty();
      assertThat(ended.out().lines())
          .satisfiesExactly(
              line -> assertThat(line).contains("SIGINT", "default_int_handler"),
              line -> assertThat(line).isEqualTo("SIGTERM 0"),
              line -> assertThat(line).isEqualTo("SIGHUP 0"),
              line -> assertThat(line).isEqualTo("-1"));
    }
  }
}
