package dev.sluice.python;

import dev.sluice.python.capi.LifecycleApi;
import dev.sluice.python.capi.SubInterpreterApi;
import dev.sluice.python.capi.SubInterpreterApi.Made;
import dev.sluice.python.capi.ThreadApi;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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
  private final Set<Interpreter> open = ConcurrentHashMap.newKeySet();

  /** Some could not be ended, so that CPython cannot be finalised. */
  private volatile boolean abandoned;

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
    MainThread thread = MainThread.start("sluice-main-" + name);
    try {
      return Futures.await(thread.submit(() -> make(newOptions, name, thread)));
    } catch (RuntimeException e) {
      thread.end();
      throw e;
    }
  }

  private Interpreter make(InterpreterOptions newOptions, String name, MainThread thread) {
    Made made;
    Interpreter interpreter;
    Bootstrap.Inherited inherited;
    ThreadContext context = ThreadContext.get();
    try (Attached py = main.attach()) {
      inherited = Bootstrap.Inherited.of(py);
      made =
          newOptions.ownsGil() ? SubInterpreterApi.makeOwning() : SubInterpreterApi.makeSharing();
      if (!made.isMade()) {
        throw new SluiceException(
            PythonError.INTERPRETER_NOT_MADE,
            "CPython made no further interpreter: %s. Close one, or give the process more memory."
                .formatted(made.problem()));
      }
      // The thread is now attached to the new interpreter, which nobody has noted.
      long address = main.door().interpreter(made.state());
      Gate gate =
          newOptions.ownsGil() ? new Gate(main.door().gil(address, made.state())) : main.gate();
      interpreter = new Interpreter(main.door(), address, name, gate, main.host());
      interpreter.setStallLimit(options.stallLimit());
      context.adopt(interpreter.adoptState(made.state(), Thread.currentThread()));
      main.door().detach();
      main.door().attach(context.stateIn(main).address);
    }
    interpreter.endsWith(
        new Ending(interpreter, thread, newOptions.closeLimit(), own -> finish(interpreter, own)));
    open.add(interpreter);
    try (Attached py = interpreter.attach()) {
      Bootstrap.other(py, options, inherited);
    } catch (RuntimeException e) {
      interpreter.shutdown(newOptions.closeLimit());
      throw e;
    }
    return interpreter;
  }

  /** Ends an interpreter; on its main thread, attached, with no thread of Java's inside. */
  private @Nullable String finish(Interpreter interpreter, ThreadState own) {
    open.remove(interpreter);
    try (Attached py = interpreter.attachedInCallback();
        PyObject ending = py.importModule("sluice._ending");
        PyObject joined = ending.callMethod("join_threads")) {
      // Python's own threads are gone now, but for daemons.
    } catch (PythonException e) {
      abandoned = true;
      own.detach();
      return "could not join Python's threads: " + e.getMessage();
    }
    interpreter.disposeStates(own);
    if (ThreadApi.count(interpreter.address()) > 1) {
      abandoned = true;
      own.detach();
      return "left the interpreter as it is, because daemon threads of Python still run in it";
    }
    // On 3.11 the GIL stays taken, and is given back with the main interpreter's state.
    long mainState = ThreadContext.get().stateAtEnd(main).address;
    own.left();
    SubInterpreterApi.end(own.address, mainState);
    interpreter.exposed().ended();
    return null;
  }

  List<Interpreter> open() {
    return List.copyOf(open);
  }

  boolean abandoned() {
    return abandoned || !open.isEmpty();
  }

  /** Ends all that are open; gives the reports of those that did not end. */
  List<CloseReport> shutdown(Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    List<CloseReport> failed = new ArrayList<>();
    for (Interpreter interpreter : open()) {
      Duration left = Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
      CloseReport report = interpreter.shutdown(left);
      if (!report.finalised()) {
        abandoned = true;
        failed.add(report);
      }
    }
    return failed;
  }
}
