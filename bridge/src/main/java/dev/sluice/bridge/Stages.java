package dev.sluice.bridge;

import dev.sluice.python.Attached;
import dev.sluice.python.Interpreter;
import dev.sluice.python.PyObject;
import dev.sluice.python.PythonFuture;
import dev.sluice.python.SluiceException;
import dev.sluice.python.WaitGraph;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Stages of Java's that Python awaits. */
final class Stages {
  private static final Logger LOG = LoggerFactory.getLogger(Stages.class);

  private Stages() {}

  /**
   * Has a Python function called with a stage's value and failure, one of which is None, when the
   * stage completes: on the thread of the loop with the number, or if that is no loop of ours, on a
   * worker's; {@code when_complete(stage, function, number, call)}. On the thread that awaits,
   * attached. The call is the number of the one whose task awaits, if it is known to {@link
   * LoopWaits}.
   *
   * @throws SluiceException if that call would never end, as the stage needs it or its thread
   */
  static void whenComplete(Attached py, @Nullable Object... arguments) {
    CompletionStage<?> stage = (CompletionStage<?>) Objects.requireNonNull(arguments[0]);
    PyObject function = (PyObject) Objects.requireNonNull(arguments[1]);
    LoopDoor door = arguments[2] instanceof Number number ? LoopDoor.of(number.longValue()) : null;
    Interpreter interpreter = py.interpreter();
    LoopWaits.Needy call =
        arguments[3] instanceof Number number ? LoopWaits.call(number.longValue()) : null;
    if (call != null && stage instanceof WaitGraph.Work work) {
      WaitGraph.Circle circle = LoopWaits.need(call, work);
      if (circle != null) {
        throw PythonFuture.refusal(circle);
      }
      stage.whenComplete((value, failure) -> WaitGraph.ALL.forget(call, work));
    }
    stage.whenComplete((value, failure) -> {
      Throwable cause =
          failure instanceof CompletionException && failure.getCause() != null
              ? failure.getCause()
              : failure;
      tell(interpreter, door, function, value, cause);
    });
  }

  private static void tell(
      Interpreter interpreter,
      @Nullable LoopDoor door,
      PyObject function,
      @Nullable Object value,
      @Nullable Throwable failure) {
    if (door == null) {
      interpreter.submit(py -> {
        call(function, value, failure);
        return true;
      });
      return;
    }
    try {
      door.execute(py -> call(function, value, failure));
    } catch (RejectedExecutionException | IllegalStateException e) {
      // The loop is closed: nobody waits there any more.
    }
  }

  private static void call(PyObject function, @Nullable Object value, @Nullable Throwable failure) {
    try (function) {
      try {
        function.call(value, failure).close();
      } catch (Throwable e) {
        // The value cannot cross, whatever is wrong with it: whoever awaits it is told so.
        function.call(null, e).close();
      }
    } catch (Throwable e) {
      LOG.error("what a stage has completed with could not be told", e);
    }
  }
}
