package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What others do while Python is closed, or closed wrongly; each in a process of its own. */
@Timeout(150)
class ClosingTest {
  private static String run(String program) throws Exception {
    ChildJvm.Result result = ChildJvm.run(ClosingChild.class, program);
    assertThat(result.exitCode()).as(result.output()).isZero();
    assertThat(result.output()).endsWith("over\n");
    return result.output();
  }

  @Test
  void aDumpAfterTheEndSaysSo() throws Exception {
    assertThat(run("dump-after")).startsWith("true\ninterpreter 0\n").contains("has ended");
  }

  @ParameterizedTest
  @ValueSource(strings = {"dump-meanwhile", "impatient"})
  void stacksAreReadWhilePythonEnds(String program) throws Exception {
    assertThat(run(program)).startsWith("true\n");
  }

  @Test
  void whoIsRefusedAgainAndAgainHoldsNothingUp() throws Exception {
    assertThat(run("knocking")).startsWith("left 0\ntrue\n");
  }

  @Test
  void interpretersAreMadeUntilTheEndBegins() throws Exception {
    assertThat(run("making").lines())
        .containsOnly("true", "1", "INTERPRETER_CLOSED", "over")
        .hasSize(6);
  }

  @Test
  void closingTheMainInterpreterClosesPython() throws Exception {
    assertThat(run("main")).startsWith("true\nCloseReport[finalised=true");
  }

  @Test
  void whoIsInsideIsRefusedBeforeAnythingEnds() throws Exception {
    assertThat(run("inside"))
        .startsWith("SCOPE_ORDER\n2\n".repeat(3) + "3\nCloseReport[finalised=true");
  }

  @Test
  void soIsJavaCodeThatReturnsToPython() throws Exception {
    assertThat(run("callback"))
        .startsWith("main SCOPE_ORDER 3\n".repeat(3))
        .contains("detached SCOPE_ORDER 2\n", "python-thread SCOPE_ORDER 2\n")
        .contains("sub SCOPE_ORDER main SCOPE_ORDER sibling finalised 2\n")
        .contains("atexit SCOPE_ORDER\nCloseReport[finalised=true")
        .doesNotContain("went wrong");
  }

  @Test
  void anotherThreadIsRefusedBeforeAnythingEnds() throws Exception {
    assertThat(run("here"))
        .startsWith("WRONG_THREAD\nWRONG_THREAD\n2\nCloseReport[finalised=true")
        .containsSubsequence("\ntrue\n", "CloseReport[finalised=true");
  }

  @Test
  void closingOnOnesOwnThreadIsBoundedWhereTheGilIsKept() throws Exception {
    assertThat(run("here-stuck").lines().filter(line -> line.startsWith("false true ")))
        .hasSize(2)
        .allMatch(line -> line.contains("keeps in C code"));
  }

  @Test
  void onlyWhoHoldsItUpIsNamedHoweverOftenOneAsks() throws Exception {
    assertThat(run("stuck").lines())
        .startsWith("readers 1")
        .filteredOn(line -> line.startsWith("holder"))
        .hasSize(2)
        .allMatch(line -> line.startsWith("holder \"keeps\""));
  }

  @Test
  void aThreadOfPythonsOwnThatComesLateIsWaitedFor() throws Exception {
    assertThat(run("late"))
        .contains("finalised=true", "holders=[]", "was in Java true", "is in Java false");
  }

  @Test
  void oneThatStaysIsNamed() throws Exception {
    assertThat(run("late-forever"))
        .contains("finalised=false", "is still inside", "in late", "ClosingChild.lambda$late")
        .contains("is in Java true");
  }
}
