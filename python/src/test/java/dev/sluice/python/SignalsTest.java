package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Signals where a Java program opens Python: they stay the JVM's. Each in its own process. */
@Timeout(120)
class SignalsTest {
  @Test
  void pythonInstallsNoHandlers() throws Exception {
    ChildJvm.Result result = ChildJvm.run(SignalsChild.class, "handlers");
    assertThat(result.output()).contains("[None, None, None, None, None, None] False");
    assertThat(result.exitCode()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"INT, 130", "TERM, 143", "HUP, 129"})
  void whatEndsAJvmEndsItAlsoInsidePython(String signal, int code) throws Exception {
    ChildJvm.Result result = ChildJvm.run(SignalsChild.class, "signal", signal);
    assertThat(result.output()).contains("hook ran");
    assertThat(result.exitCode()).isEqualTo(code);
  }

  @Test
  void aHandlerOfThePythonCodeRunsOnPythonsMainThread() throws Exception {
    ChildJvm.Result result = ChildJvm.run(SignalsChild.class, "own");
    assertThat(result.output()).contains("sent\nhandled\n");
    assertThat(result.exitCode()).isZero();
  }

  @Test
  void theMainThreadIsInterruptedWhereItHasAHandler() throws Exception {
    ChildJvm.Result result = ChildJvm.run(SignalsChild.class, "interrupt");
    assertThat(result.output()).contains("KeyboardInterrupt");
    assertThat(result.exitCode()).isZero();
  }

  @Test
  void soItIsInJavaCodeThatItWaitsIn() throws Exception {
    ChildJvm.Result result = ChildJvm.run(SignalsChild.class, "wait-in-java");
    assertThat(result.output())
        .contains(
            "['InterruptedException', 'InterruptedException', 'InterruptedException'] false\n")
        .contains(
            "\njava.lang.InterruptedException\nthen dev.sluice.python.PythonException: KeyboardInterrupt");
    assertThat(result.exitCode()).isZero();
  }

  @Test
  void whatWasNotHandledYetIsKnown() throws Exception {
    ChildJvm.Result result = ChildJvm.run(SignalsChild.class, "tripped");
    assertThat(result.output()).contains("false\ntrue false\nfalse\n");
    assertThat(result.exitCode()).isZero();
  }
}
