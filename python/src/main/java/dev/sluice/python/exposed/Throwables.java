package dev.sluice.python.exposed;

import dev.sluice.python.PyObject;
import dev.sluice.python.PythonException;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.ObjectApi;
import java.lang.ref.Reference;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Java's exceptions as Python's.
 *
 * <p>A PythonException is the Python exception that it came from, if that lives in this
 * interpreter. Every other Throwable gets an exception object whose class mirrors its own; one
 * object as long as that lives. Throwables do not hold theirs, which would be a cycle over both
 * heaps.
 */
final class Throwables {
  /** Longer chains of causes are cut. */
  private static final int MOST_CAUSES = 50;

  private final JavaObjects objects;
  private final Crossing crossing;
  private final PythonSide python;

  Throwables(JavaObjects objects, Crossing crossing, PythonSide python) {
    this.objects = objects;
    this.crossing = crossing;
    this.python = python;
  }

  /** Raises the exception in Python; nothing may be set there. */
  void raise(Throwable throwable) {
    List<StackTraceElement> frames = Tracebacks.left(throwable);
    if (throwable instanceof PythonException own && crossing.owns(own.exception())) {
      PyObject exception = own.exception();
      try {
        Tracebacks.add(exception.address(), frames);
        ErrorApi.raise(exception.address());
      } finally {
        Reference.reachabilityFence(exception);
      }
      return;
    }
    long exception = wrapped(throwable, 0);
    Tracebacks.add(exception, frames);
    ErrorApi.raise(exception);
    ObjectApi.decRef(exception);
  }

  /** A new reference to what stands for the Throwable, or null with an exception set. */
  long wrap(Throwable throwable) {
    return wrapped(throwable, 0);
  }

  private long wrapped(Throwable throwable, int depth) {
    if (throwable instanceof PythonException own && crossing.owns(own.exception())) {
      return crossing.convert(own.exception());
    }
    long known = objects.known(throwable);
    if (known != 0) {
      return known;
    }
    return construct(objects.types().ofObject(throwable), throwable, depth);
  }

  /** A new object of the type, which may be a subclass of Python's, for the Throwable. */
  long construct(long type, Throwable throwable) {
    return construct(type, throwable, 0);
  }

  private long construct(long type, Throwable throwable, int depth) {
    Throwable cause = depth < MOST_CAUSES ? throwable.getCause() : null;
    long causeObject = cause == null ? 0 : wrapped(cause, depth + 1);
    long handle = objects.newHandle(throwable);
    if (handle == 0) {
      ObjectApi.decRef(causeObject);
      throw crossing.raised();
    }
    try {
      long exception =
          python.call(
              "wrap",
              PythonSide.Address.of(type),
              PythonSide.Address.of(handle),
              message(throwable),
              PythonSide.Address.of(causeObject));
      objects.standFor(throwable, exception);
      return exception;
    } finally {
      ObjectApi.decRef(handle);
      ObjectApi.decRef(causeObject);
    }
  }

  private static @Nullable String message(Throwable throwable) {
    try {
      return throwable.getLocalizedMessage();
    } catch (RuntimeException e) {
      return "(its message cannot be had: " + e.getClass().getName() + ")";
    }
  }
}
