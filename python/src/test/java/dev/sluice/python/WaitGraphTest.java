package dev.sluice.python;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WaitGraphTest {
  private final WaitGraph graph = new WaitGraph();
  private final Thread first = new Thread("first");
  private final Thread second = new Thread("second");
  private final Thread third = new Thread("third");

  private static final class Job implements WaitGraph.Work {
    private final String name;
    private final @Nullable Thread runner;
    private boolean done;

    Job(String name, @Nullable Thread runner) {
      this.name = name;
      this.runner = runner;
    }

    @Override
    public boolean isDone() {
      return done;
    }

    @Override
    public @Nullable Thread runner() {
      return runner;
    }

    @Override
    public String what() {
      return name;
    }
  }

  @Test
  void aThreadDoesNotWaitForItself() {
    assertThat(graph.block(first, new Job("a()", first)))
        .hasToString("thread first waits for a(); a() needs thread first");
    assertThat(graph.size()).isZero();
  }

  @Test
  void noCircleOfThreads() {
    assertThat(graph.block(first, new Job("b()", second))).isNull();
    assertThat(graph.block(second, new Job("c()", third))).isNull();
    assertThat(graph.block(third, new Job("a()", first)))
        .hasToString(
            "thread third waits for a(); a() needs thread first, which waits for b();"
                + " b() needs thread second, which waits for c(); c() needs thread third");
    graph.unblock(second);
    assertThat(graph.block(third, new Job("a()", first))).isNull();
    graph.unblock(first);
    graph.unblock(third);
    assertThat(graph.size()).isZero();
  }

  @Test
  void workThatNeedsWorkIsFollowed() {
    Job outer = new Job("outer()", second);
    Job inner = new Job("inner()", first);
    assertThat(graph.block(first, outer)).isNull();
    assertThat(graph.need(outer, inner))
        .hasToString("outer() needs inner(); inner() needs thread first, which waits for outer()");
    graph.unblock(first);
    assertThat(graph.need(outer, inner)).isNull();
    assertThat(graph.block(first, outer))
        .hasToString(
            "thread first waits for outer(); outer() needs inner(); inner() needs thread first");
    inner.done = true;
    assertThat(graph.block(first, outer)).isNull();
    graph.unblock(first);
    graph.forget(outer, inner);
    assertThat(graph.size()).isZero();
  }

  @Test
  void workDoesNotNeedItself() {
    Job one = new Job("one()", null);
    Job other = new Job("other()", null);
    assertThat(graph.need(one, one)).isNotNull();
    assertThat(graph.need(one, other)).isNull();
    assertThat(graph.need(other, one)).hasToString("other() needs one(); one() needs other()");
  }

  @Test
  void whatIsDoneKeepsNobody() {
    Job done = new Job("b()", second);
    assertThat(graph.block(first, done)).isNull();
    done.done = true;
    assertThat(graph.block(second, new Job("a()", first))).isNull();
  }

  /** A signal handler waits while its thread does already. */
  @Test
  void aThreadMayWaitWithinAWait() {
    assertThat(graph.block(first, new Job("b()", second))).isNull();
    assertThat(graph.block(first, new Job("c()", third))).isNull();
    assertThat(String.valueOf(graph.block(second, new Job("a()", first))))
        .contains("which waits for b()");
    graph.unblock(first);
    assertThat(graph.block(third, new Job("a()", first))).isNull();
    graph.unblock(third);
    graph.unblock(first);
    assertThat(graph.block(second, new Job("a()", first))).isNull();
  }

  @Test
  void whatOthersHaveBegunSinceIsSeen() {
    Job work = new Job("b()", null);
    assertThat(graph.block(first, work)).isNull();
    assertThat(graph.check(first)).isNull();
    assertThat(graph.check(second)).isNull();
    assertThat(graph.need(work, new Job("c()", second))).isNull();
    assertThat(graph.check(first)).isNull();
  }
}
