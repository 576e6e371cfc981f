package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Interpreters beside the main one, each case in a process of its own. */
@Timeout(120)
class InterpreterTest {
  private static String run(String program) throws Exception {
    ChildJvm.Result result = ChildJvm.run(InterpreterChild.class, program);
    assertThat(result.exitCode()).as(result.output()).isZero();
    return result.output();
  }

  @Test
  void theyAreApartAndEnd() throws Exception {
    String output = run("isolation");
    assertThat(output)
        .contains("[\"other\", false, [\"\"]]\nmain\nother\nother\ntrue\n")
        .containsAnyOf("made", "OWN_GIL_UNSUPPORTED")
        .contains("finalised=true");
  }

  @Test
  void anObjectOfAnotherInterpreterIsRefused() throws Exception {
    assertThat(run("objects"))
        .startsWith("NOT_ATTACHED\nINTERPRETER_CLOSED\n")
        .contains("finalised=true");
  }

  @Test
  void stacksAreReadWhileOthersRunBeside() throws Exception {
    assertThat(run("dumps")).startsWith("seen\n").contains("finalised=true");
  }

  @Test
  void manyAreOpenedAndClosed() throws Exception {
    assertThat(run("many")).startsWith("ended 40\n").contains("finalised=true");
  }

  @Test
  void theyEndUnderThreadsThatCallIn() throws Exception {
    assertThat(run("storm")).startsWith("all refused, ended 10\n").contains("finalised=true");
  }

  @Test
  void oneThatCannotEndIsLeftAndNamed() throws Exception {
    assertThat(run("daemon"))
        .startsWith("CloseReport[finalised=false")
        .contains("daemon threads of Python")
        .contains("another interpreter could not be ended");
  }

  @Test
  void theMainThreadTakesTasks() throws Exception {
    assertThat(run("main-thread")).startsWith("true\n").contains("main thread", "finalised=true");
  }

  @Test
  void theyAreMadeAndMainThreadsAskedInsideAScope() throws Exception {
    String output = run("in-a-scope");
    assertThat(output).startsWith("5\n6\ntrue\n").doesNotContain("false", "SL137");
    assertThat(output).contains("\n7\nINTERPRETER_CLOSED\n");
  }

  @Test
  void whatHasEndedIsGarbage() throws Exception {
    assertThat(run("collected")).startsWith("ended 8, collected\n").contains("finalised=true");
  }

  @Test
  void anObjectThatOutlivesItsInterpreterMayBeFreedLater() throws Exception {
    // CPython 3.11 takes a reference to each such object, so that it never is (gh-92036).
    int left = TestedPython.options().installation().ownVersion().minor() == 11 ? 1 : 0;
    assertThat(run("outlived"))
        .startsWith("true\nleft 1\nfreed " + left + "\n")
        .contains("finalised=true");
  }

  @Test
  void javaLeavesNoMemoryOfPythonsBehind() throws Exception {
    // What the JVM itself comes to need would look the same.
    List<String> options = List.of("-Xms96m", "-Xmx96m", "-XX:+AlwaysPreTouch");
    ChildJvm.Result result = ChildJvm.run(options, InterpreterMemoryChild.class);
    assertThat(result.exitCode()).as(result.output()).isZero();
    assertThat(result.output()).contains("shared plain").doesNotContain("not finalised");
    Matcher line =
        Pattern.compile("plain (-?\\d+) kB, with Java (-?\\d+) kB").matcher(result.output());
    while (line.find()) {
      assertThat(Long.parseLong(line.group(2)))
          .as(result.output())
          .isLessThan(Math.max(0, Long.parseLong(line.group(1))) + 1000);
    }
  }

  @Test
  void javaObjectsStandInEach() throws Exception {
    String output = run("java");
    assertThat(output).doesNotContain("false").contains("finalised=true");
    assertThat(output.lines().filter("107"::equals).count()).isIn(5L, 10L);
  }

  @Test
  void whatIsLeftOpenEndsWithPython() throws Exception {
    assertThat(run("left-open")).contains("atexit ran", "finalised=true");
  }
}
