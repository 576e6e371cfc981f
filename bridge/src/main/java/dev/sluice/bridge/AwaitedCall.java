package dev.sluice.bridge;

import dev.sluice.python.Attached;
import dev.sluice.python.PyObject;
import dev.sluice.python.PythonFuture;
import dev.sluice.python.WaitGraph;
import dev.sluice.python.capi.Callbacks;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.NumberApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A call of a Python function on a loop, with what comes out of it; begun on the loop's thread,
 * waited for and cancelled by any.
 */
final class AwaitedCall extends PythonFuture<PyObject> implements LoopWaits.Needy {
  private static final Map<Long, AwaitedCall> CALLS = new ConcurrentHashMap<>();
  private static final AtomicLong NUMBERS = new AtomicLong();

  /** So long who names a call waits for the GIL. */
  private static final Duration NAMING = Duration.ofSeconds(1);

  /** What Python's side tells of a call: its task, result or error, or that it was cancelled. */
  private static final Callbacks.Definition TELL =
      Callbacks.define(
          "tell",
          "tell(number, what, value): what has become of a call; whether anybody wants it",
          (self, arguments, count, names) -> tell(arguments));

  private final Loop loop;
  private final PyObject function;
  private final @Nullable Object[] arguments;
  private final @Nullable PyObject context;
  private final long number = NUMBERS.incrementAndGet();

  /** On the loop's thread only. */
  private @Nullable PyObject task;

  private volatile boolean needsOthers;

  /**
   * Makes a call that has not begun.
   *
   * @param context a contextvars.Context, or null for an empty one
   */
  AwaitedCall(
      Loop loop, PyObject function, @Nullable Object[] arguments, @Nullable PyObject context) {
    this.loop = loop;
    this.function = function;
    this.arguments = arguments.clone();
    this.context = context;
    CALLS.put(number, this);
    whenComplete((value, failure) -> ended());
  }

  private void ended() {
    CALLS.remove(number);
    if (needsOthers) {
      WaitGraph.ALL.forget(this);
    }
  }

  @Override
  public void needsOthers() {
    needsOthers = true;
  }

  /** Puts the call into the loop's own queue; on the loop's thread, attached. */
  void begin(Attached py) {
    if (isDone()) {
      return;
    }
    try (PyObject list = py.toPython(Arrays.asList(arguments));
        PyObject partial = py.importModule("functools").attr("partial")) {
      loop.callOnce(partial.call(loop.starter(), number, function, list, context));
    } catch (RuntimeException e) {
      completeExceptionally(e);
    }
  }

  /** A function {@code tell(number, what, value)} of Python's side. */
  static PyObject teller(Attached py) {
    return py.own(TELL.bind(0));
  }

  private static long tell(long arguments) {
    AwaitedCall call = CALLS.get(NumberApi.asLongQuick(Memory.getLong(arguments)));
    if (call != null) {
      String what = UnicodeApi.toString(Memory.getLong(arguments + 8));
      try (Attached py = call.loop.interpreter().attachedInCallback()) {
        call.told(py, what, Memory.getLong(arguments + 16));
      }
    }
    long wanted = call == null ? ObjectApi.FALSE : ObjectApi.TRUE;
    ObjectApi.incRef(wanted);
    return wanted;
  }

  private void told(Attached py, String what, long value) {
    switch (what) {
      case "task" -> task = own(py, value);
      case "result" -> complete(own(py, value));
      case "error" -> completeExceptionally(failure(py, value));
      case "cancelled" ->
          completeExceptionally(new CancellationException("the task was cancelled"));
      default -> throw new IllegalArgumentException("no outcome: " + what);
    }
  }

  private static PyObject own(Attached py, long borrowed) {
    ObjectApi.incRef(borrowed);
    return py.own(borrowed);
  }

  /** What Java code would see that had called Python itself. */
  private static Throwable failure(Attached py, long exception) {
    ErrorApi.raise(exception);
    try {
      return py.failure();
    } catch (Throwable original) {
      return original; // it was Java's in the first place
    }
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    boolean cancelled = super.cancel(mayInterruptIfRunning);
    if (cancelled) {
      loop.tryExecute(py -> {
        if (task != null) {
          task.callMethod("cancel").close();
        }
      });
    }
    return cancelled;
  }

  @Override
  public Thread runner() {
    return loop.thread();
  }

  /** With the function's name, if that can be had soon. */
  @Override
  public String what() {
    return name() + " on " + loop.thread().getName();
  }

  private String name() {
    if (!Thread.currentThread().isVirtual()) {
      try (Attached py = loop.interpreter().tryAttach(NAMING)) {
        if (py != null) {
          return function.attr("__qualname__").as(String.class) + "()";
        }
      } catch (RuntimeException e) {
        // It has none, or is closed.
      }
    }
    return "a call";
  }

  /** The call with a number, if it has no outcome yet; any thread. */
  static @Nullable AwaitedCall of(long number) {
    return CALLS.get(number);
  }

  /** How many of a loop's calls have no outcome yet; any thread. */
  static long openCalls(Loop loop) {
    return CALLS.values().stream().filter(call -> call.loop == loop).count();
  }

  /** Fails what is left of a loop's calls; when the loop has ended, by any thread. */
  static void failAll(Loop loop, Throwable why) {
    for (AwaitedCall call : CALLS.values()) {
      if (call.loop == loop) {
        call.completeExceptionally(why);
      }
    }
  }
}
