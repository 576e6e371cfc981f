package dev.sluice.python;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** What {@code toString} says of a Python object; on any thread, attached or not. */
final class ObjectText {
  /** Logs and debuggers ask on threads that must not be kept for long. */
  private static final Duration PATIENCE = Duration.ofMillis(100);

  private ObjectText() {}

  static String of(PyObject object, boolean isClosed) {
    String text = isClosed ? null : asked(object);
    return text == null
        ? "a Python object of the interpreter " + object.interpreter().name()
        : text;
  }

  /** What Python says; null if it cannot be asked now. */
  private static @Nullable String asked(PyObject object) {
    Interpreter interpreter = object.interpreter();
    if (ThreadContext.currentIn(interpreter) != null) {
      return object.str();
    }
    // Java code that Python has called has only given the GIL back, and will wait for it anyway.
    boolean isInside = ThreadContext.isInside(interpreter);
    if (interpreter.isClosed() && !isInside) {
      return null;
    }
    try {
      return Thread.currentThread().isVirtual() ? fromWorker(object) : attached(object, isInside);
    } catch (SluiceException e) {
      return null; // closed meanwhile, or whoever has the GIL waits for this thread
    }
  }

  private static @Nullable String attached(PyObject object, boolean isInside) {
    Interpreter interpreter = object.interpreter();
    try (Attached py = isInside ? interpreter.attach() : interpreter.tryAttach(PATIENCE)) {
      return py == null ? null : object.str();
    }
  }

  private static @Nullable String fromWorker(PyObject object) {
    CompletableFuture<String> text = object.interpreter().submit(py -> object.str());
    try {
      return text.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      text.cancel(false);
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof PythonException raised) {
        throw raised;
      }
      return null;
    }
  }
}
