package dev.sluice.python;

import dev.sluice.python.capi.LifecycleApi;
import dev.sluice.python.capi.SubInterpreterApi;
import dev.sluice.python.capi.SubInterpreterApi.Made;
import dev.sluice.python.capi.ThreadApi;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The interpreters beside the main one. Each is made, and ended, on a thread of its own, {@code
 * sluice-main-I}; any thread may ask for that.
 */
final class SubInterpreters {
  /** Before 3.13 own-GIL interpreters share what they must not, and end the process. */
  private static final int OWN_GIL_SINCE = 13;

  private final Interpreter main;
  private final PythonOptions options;
  private final AtomicInteger count = new AtomicInteger();

  /** Those that CPython has, also when they could not be ended. */
  private final Set<Interpreter> open = ConcurrentHashMap.newKeySet();

  /** How many are just being made; guarded by this. */
  private int making;

  /** Whether no more are made; guarded by this. */
  private boolean closing;

  /** Whether CPython has made one that is not in {@link #open}. */
  private volatile boolean lost;

  SubInterpreters(Interpreter main, PythonOptions options) {
    this.main = main;
    this.options = options;
  }

  Interpreter make(InterpreterOptions newOptions) {
    if (newOptions.ownsGil() && LifecycleApi.minorVersion() < OWN_GIL_SINCE) {
      throw new SluiceException(
          PythonError.OWN_GIL_UNSUPPORTED,
          "%s has no interpreters with a GIL of their own that could be relied on: they are there"
                  .formatted(options.installation().describe())
              + " from Python 3.13 on. Use InterpreterOptions.sharedGil, or a newer Python.");
    }
    String name = Integer.toString(count.incrementAndGet());
    begin();
    try {
      MainThread thread = MainThread.start("sluice-main-" + name);
      try {
        return Futures.await(thread.submit(() -> make(newOptions, name, thread)));
      } catch (RuntimeException | Error e) {
        thread.end();
        throw e;
      }
    } finally {
      made();
    }
  }

  private synchronized void begin() {
    if (closing) {
      throw main.closedError();
    }
    making++;
  }

  private synchronized void made() {
    making--;
    notifyAll();
  }

  private Interpreter make(InterpreterOptions newOptions, String name, MainThread thread) {
    Interpreter interpreter;
    Bootstrap.Inherited inherited;
    try (Attached py = main.attach()) {
      inherited = Bootstrap.Inherited.of(py);
      Made made =
          newOptions.ownsGil() ? SubInterpreterApi.makeOwning() : SubInterpreterApi.makeSharing();
      if (!made.isMade()) {
        throw new SluiceException(
            PythonError.INTERPRETER_NOT_MADE,
            "CPython made no further interpreter: %s. Close one, or give the process more memory."
                .formatted(made.problem()));
      }
      // The thread is now attached to the new interpreter, which nobody has noted.
      interpreter = note(made.state(), newOptions, name, thread);
      main.door().detach();
      main.door().attach(ThreadContext.get().stateIn(main).address);
    }
    try (Attached py = interpreter.attach()) {
      Bootstrap.other(py, options, inherited);
    } catch (RuntimeException | Error e) {
      interpreter.shutdown(newOptions.closeLimit());
      throw e;
    }
    return interpreter;
  }

  private Interpreter note(
      long state, InterpreterOptions newOptions, String name, MainThread thread) {
    try {
      long address = main.door().interpreter(state);
      Gate gate = newOptions.ownsGil() ? new Gate(main.door().gil(address, state)) : main.gate();
      Interpreter interpreter = new Interpreter(main.door(), address, name, gate, main.host());
      interpreter.setStallLimit(options.stallLimit());
      Ending.Finish finish = own -> finish(interpreter, own);
      interpreter.endsWith(new Ending(interpreter, thread, newOptions.closeLimit(), null, finish));
      ThreadContext.get().adopt(interpreter.states().adopt(state, Thread.currentThread()));
      open.add(interpreter);
      return interpreter;
    } catch (Throwable e) {
      lost = true;
      throw e;
    }
  }

  /** Ends an interpreter; on its main thread, attached, with no thread of Java's inside. */
  private @Nullable String finish(Interpreter interpreter, ThreadState own) {
    interpreter.disposeStates(own);
    if (ThreadApi.count(interpreter.address()) > 1) {
      return "left the interpreter as it is, because daemon threads of Python still run in it";
    }
    interpreter.releaseAll();
    // On 3.11 the GIL stays taken, and is given back with the main interpreter's state.
    long mainState = ThreadContext.get().stateAtEnd(main).address;
    own.left();
    SubInterpreterApi.end(own.address, mainState);
    open.remove(interpreter);
    interpreter.ended();
    return null;
  }

  List<Interpreter> open() {
    return List.copyOf(open);
  }

  /**
   * Whether CPython has some, or may have in a moment; no more are begun after {@link #shutdown}.
   */
  synchronized boolean remain() {
    return lost || making > 0 || !open.isEmpty();
  }

  /**
   * Makes no more, and ends all that there are; any thread that is not attached.
   *
   * @param deadline in the time of {@link System#nanoTime}
   * @return the reports of those that did not end
   */
  List<CloseReport> shutdown(long deadline) {
    awaitMaking(deadline);
    Map<Interpreter, CloseReport> reports = new HashMap<>();
    boolean again = true;
    while (again) {
      again = false;
      for (Interpreter interpreter : open) {
        if (!reports.containsKey(interpreter)) {
          again = true;
          Duration left = Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
          reports.put(interpreter, interpreter.shutdown(left));
        }
      }
    }
    return reports.values().stream().filter(report -> !report.finalised()).toList();
  }

  /** Interrupting does not end the wait, which is bounded. */
  private synchronized void awaitMaking(long deadline) {
    closing = true;
    boolean interrupted = false;
    long left = deadline - System.nanoTime();
    while (making > 0 && left > 0) {
      try {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      } catch (InterruptedException e) {
        interrupted = true;
      }
      left = deadline - System.nanoTime();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
