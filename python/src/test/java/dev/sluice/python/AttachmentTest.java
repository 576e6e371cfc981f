package dev.sluice.python;

import static dev.sluice.python.Attachments.has;
import static dev.sluice.python.Attachments.in;
import static dev.sluice.python.Attachments.runOnThread;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The rules of attaching, against the fake side of the native door. */
@Timeout(20)
class AttachmentTest {
  private final FakeThreadStates door = new FakeThreadStates();
  private final Gate gate = new Gate(door.gil(1, 0));
  private final Interpreter interpreter = new Interpreter(door, 1, "test", gate);

  @AfterEach
  void nothingIsHeld() {
    assertThat(door.isHeld()).isFalse();
  }

  @Test
  void holdsTheGilInsideTheScopeOnly() {
    try (Attached py = interpreter.attach()) {
      assertThat(door.isHeld()).isTrue();
      assertThat(py.interpreter()).isSameAs(interpreter);
    }
    assertThat(door.isHeld()).isFalse();
  }

  @Test
  void nestsAndGivesBackAtTheOutermostOnly() {
    try (Attached outer = interpreter.attach()) {
      try (Attached inner = interpreter.attach()) {
        assertThat(inner).isNotSameAs(outer);
      }
      assertThat(door.isHeld()).isTrue();
    }
    assertThat(interpreter.states().all()).hasSize(1);
  }

  @Test
  void keepsOneStateForEachThread() throws InterruptedException {
    for (int i = 0; i < 10; i++) {
      interpreter.attach().close();
    }
    assertThat(interpreter.states().all()).hasSize(1);
    runOnThread(() -> interpreter.attach().close());
    assertThat(interpreter.states().all()).hasSize(2);
  }

  @Test
  void attachesAThreadOfPythonsWithTheStateThatItHas() {
    long own = door.createOfPython();
    for (int i = 0; i < 3; i++) {
      try (Attached py = interpreter.attach();
          Attached inner = interpreter.attach()) {
        assertThat(door.current()).isEqualTo(own);
        py.detached(() -> {
          try (Attached again = interpreter.attach()) {
            assertThat(door.current()).isEqualTo(own);
          }
          return true;
        });
        assertThat(interpreter.states().insiders()).hasSize(1);
      }
    }
    assertThat(interpreter.states().all()).isEmpty();
    assertThat(door.disposed()).isEmpty();
  }

  @Test
  void leavesTheGilToAThreadThatPythonHasAttached() {
    long own = door.createOfPython();
    door.attach(own);
    interpreter.attach().close();
    assertThat(door.current()).isEqualTo(own);
    try (Attached py = interpreter.attachedInCallback()) {
      py.detached(() -> {
        assertThat(door.isHeld()).isFalse();
        return true;
      });
    }
    assertThat(door.current()).isEqualTo(own);
    door.detach();
  }

  @Test
  void refusesAThreadOfPythonsAfterTheEnd() {
    interpreter.shut(System.nanoTime());
    long own = door.createOfPython();
    assertThatThrownBy(interpreter::attach).isInstanceOf(SluiceException.class);
    door.attach(own);
    assertThatThrownBy(interpreter::attach).isInstanceOf(SluiceException.class);
    door.detach();
    assertThat(interpreter.states().all()).isEmpty();
  }

  @Test
  void sweepsTheStatesOfThreadsThatHaveEnded() throws InterruptedException {
    for (int i = 0; i < 600; i++) {
      runOnThread(() -> interpreter.attach().close());
    }
    assertThat(interpreter.states().all()).hasSizeLessThanOrEqualTo(256);
    assertThat(door.disposed()).hasSizeGreaterThanOrEqualTo(300);
    assertThat(interpreter.states().haveEnded()).isTrue();
    try (Attached py = interpreter.attach()) {
      assertThat(interpreter.states().sweep()).isPositive();
    }
    assertThat(interpreter.states().all()).hasSize(1);
  }

  @Test
  void givesTheGilBackWhileDetached() throws InterruptedException {
    try (Attached py = interpreter.attach()) {
      boolean other =
          py.detached(() -> {
            assertThat(door.isHeld()).isFalse();
            return runOnThreadUnchecked(() -> interpreter.attach().close());
          });
      assertThat(other).isTrue();
      assertThat(door.isHeld()).isTrue();
    }
  }

  @Test
  void takesTheGilBackWhenDetachedCodeThrows() {
    try (Attached py = interpreter.attach()) {
      assertThatThrownBy(() ->
              py.detached(() -> {
                throw new IllegalStateException("on purpose");
              }))
          .hasMessage("on purpose");
      assertThat(door.isHeld()).isTrue();
    }
  }

  @Test
  void attachesAgainWithinDetachedCode() {
    try (Attached py = interpreter.attach()) {
      py.detached(() -> {
        try (Attached inner = interpreter.attach()) {
          assertThat(door.isHeld()).isTrue();
        }
        assertThat(door.isHeld()).isFalse();
        return 0;
      });
    }
  }

  @Test
  void attachesToAnotherInterpreterAndBack() {
    Interpreter second = new Interpreter(door, 2, "second", gate);
    try (Attached first = interpreter.attach()) {
      try (Attached inner = second.attach()) {
        assertThatThrownBy(() -> first.eval("1")).satisfies(has(PythonError.NOT_ATTACHED));
        assertThat(inner.interpreter()).isSameAs(second);
      }
      assertThat(door.current()).isEqualTo(1);
    }
  }

  @Test
  void refusesAnotherThreadAndNamesBoth() throws InterruptedException {
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    try (Attached py = interpreter.attach()) {
      Thread thief =
          new Thread(
              () -> {
                try {
                  py.eval("1");
                } catch (SluiceException e) {
                  thrown.set(e);
                }
              },
              "thief");
      thief.start();
      thief.join();
      assertThat(thrown.get())
          .satisfies(has(PythonError.WRONG_THREAD))
          .hasMessageContaining("\"thief\"")
          .hasMessageContaining("\"" + Thread.currentThread().getName() + "\"");
    }
  }

  @Test
  void refusesAClosedScope() {
    Attached py = interpreter.attach();
    py.close();
    py.close();
    assertThatThrownBy(() -> py.eval("1")).satisfies(has(PythonError.SCOPE_CLOSED));
  }

  @Test
  void refusesAnotherOrderOfClosing() {
    Interpreter second = new Interpreter(door, 2, "second", gate);
    Attached outer = interpreter.attach();
    Attached inner = second.attach();
    assertThatThrownBy(outer::close).satisfies(has(PythonError.SCOPE_ORDER));
    inner.close();
    outer.close();
  }

  @Test
  void refusesVirtualThreadsAndPointsToSubmit() throws InterruptedException {
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread.ofVirtual()
        .name("light")
        .start(() -> {
          try (Attached py = interpreter.attach()) {
            thrown.set(new AssertionError("attached to " + py.interpreter().name()));
          } catch (SluiceException e) {
            thrown.set(e);
          }
        })
        .join();
    assertThat(thrown.get())
        .satisfies(has(PythonError.VIRTUAL_THREAD))
        .hasMessageContaining("\"light\"")
        .hasMessageContaining("submit");
  }

  @Test
  void refusesToAttachAfterClosing() {
    interpreter.attach().close();
    assertThat(interpreter.shut(in(Duration.ofSeconds(1)))).isEmpty();
    assertThatThrownBy(interpreter::attach).satisfies(has(PythonError.INTERPRETER_CLOSED));
    assertThatThrownBy(() -> interpreter.submit(py -> 1))
        .satisfies(has(PythonError.INTERPRETER_CLOSED));
  }

  @Test
  void aScopeLeftOpenEndsWithTheOneAroundIt() {
    Attached outer = interpreter.attach();
    Attached forgotten = interpreter.attach();
    assertThatThrownBy(outer::close).satisfies(has(PythonError.SCOPE_ORDER));
    assertThat(door.isHeld()).isFalse();
    forgotten.close();
    assertThat(interpreter.states().all()).allMatch(state -> !state.inside && state.depth == 0);
  }

  @Test
  void aScopeLeftOpenEndsWithTheDetachedCode() {
    Interpreter second = new Interpreter(door, 2, "second", gate);
    try (Attached py = interpreter.attach()) {
      assertThatThrownBy(() -> py.detached(second::attach)).satisfies(has(PythonError.SCOPE_ORDER));
      assertThatThrownBy(() -> py.detached(interpreter::attach))
          .satisfies(has(PythonError.SCOPE_ORDER))
          .hasMessageContaining("left a scope open");
      assertThat(door.isHeld()).isTrue();
      assertThat(py.detached(() -> 1)).isEqualTo(1);
    }
    assertThat(second.states().all()).noneMatch(state -> state.inside);
    assertThat(interpreter.states().all()).allMatch(state -> !state.inside && state.depth == 0);
  }

  @Test
  void aScopeIsNotClosedFromDetachedCode() {
    try (Attached py = interpreter.attach()) {
      py.detached(() -> {
        assertThatThrownBy(py::close).satisfies(has(PythonError.SCOPE_ORDER));
        return 1;
      });
      assertThat(door.isHeld()).isTrue();
    }
  }

  @Test
  void aClosedScopeSaysSoWhateverItIsAskedFor() {
    Attached closed = interpreter.attach();
    closed.close();
    assertThatThrownBy(closed::raised).satisfies(has(PythonError.SCOPE_CLOSED));
    assertThatThrownBy(closed::failure).satisfies(has(PythonError.SCOPE_CLOSED));
    assertThatThrownBy(closed::failureAsRaised).satisfies(has(PythonError.SCOPE_CLOSED));
    assertThatThrownBy(() -> closed.own(0)).satisfies(has(PythonError.SCOPE_CLOSED));
    assertThatThrownBy(() -> closed.checkResult(-1)).satisfies(has(PythonError.SCOPE_CLOSED));
  }

  private static boolean runOnThreadUnchecked(Runnable action) {
    try {
      runOnThread(action);
      return true;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
