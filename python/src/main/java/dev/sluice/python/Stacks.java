package dev.sluice.python;

import dev.sluice.python.CloseReport.Holder;
import dev.sluice.python.capi.FrameApi;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What the threads of an interpreter are doing, in both languages; any thread may ask. The Python
 * side needs the GIL, which another thread waits for: it is left out if that takes too long, and
 * once the interpreter is being freed.
 */
final class Stacks {
  private static final long PATIENCE_MILLIS = 300;

  static final long PATIENCE_NANOS = PATIENCE_MILLIS * 1_000_000;

  /** The first reading imports a module, and who did not leave is worth a moment. */
  private static final long PATIENCE_AT_THE_END_MILLIS = 1000;

  private Stacks() {}

  /**
   * A thread as Python sees it.
   *
   * @param daemon whether Python's end does not wait for it
   * @param frames innermost first
   */
  record PythonThread(long ident, String name, boolean daemon, List<String> frames) {}

  /**
   * Python's threads by their idents; empty if the GIL was not to be had. A caller that is attached
   * gives it back meanwhile.
   */
  static Map<Long, PythonThread> ofPython(Interpreter interpreter) {
    return ofPython(interpreter, PATIENCE_MILLIS);
  }

  private static Map<Long, PythonThread> ofPython(Interpreter interpreter, long millis) {
    if (interpreter.isFinalising()) {
      return Map.of();
    }
    ThreadState given = ThreadContext.giveBack();
    try {
      return interpreter.onlookers().stacks().get(millis, TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      return Map.of();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Map.of();
    } finally {
      ThreadContext.takeAgain(given);
    }
  }

  /** Reads them; on the reader. */
  static Map<Long, PythonThread> read(Interpreter interpreter) {
    Map<Long, PythonThread> threads = new HashMap<>();
    try (Attached py = enter(interpreter);
        PyObject module = py.importModule("sluice._stacks");
        PyObject frames = frames(py);
        PyObject list = module.callMethod("threads", frames)) {
      for (String text : list.asList(String.class)) {
        List<String> lines = text.lines().toList();
        long ident = Long.parseLong(lines.get(0));
        threads.put(
            ident,
            new PythonThread(
                ident, lines.get(1), lines.get(2).equals("True"), lines.subList(3, lines.size())));
      }
    }
    return threads;
  }

  /** What the interpreter's other threads run, by their idents: a dict. */
  private static PyObject frames(Attached py) {
    PyObject frames = py.toPython(Map.of());
    for (FrameApi.Running running : FrameApi.others(py.interpreter().address())) {
      try (PyObject frame = py.own(running.frame())) {
        frames.setItem(running.ident(), frame);
      }
    }
    return frames;
  }

  private static Attached enter(Interpreter interpreter) {
    try {
      return interpreter.attach();
    } catch (SluiceException e) {
      if (e.code() != PythonError.INTERPRETER_CLOSED) {
        throw e;
      }
      return Attaching.openAtEnd(interpreter); // while it ends, or is left as it is
    }
  }

  /** Who holds up the end of an interpreter, of those that Java knows to be inside. */
  static List<Holder> holders(Interpreter interpreter, List<ThreadState> inside) {
    return holders(inside, ofPython(interpreter, PATIENCE_AT_THE_END_MILLIS));
  }

  /**
   * The same while it goes on: also the threads of Python's own that the main thread waits for; and
   * that one itself if there is nobody else, as when a function of {@code atexit} does not return.
   */
  static List<Holder> holders(Interpreter interpreter, List<ThreadState> inside, Thread owner) {
    Map<Long, PythonThread> python = ofPython(interpreter);
    List<Holder> holders = new ArrayList<>(holders(inside, python));
    holders.addAll(ofPython(interpreter, python, false));
    if (holders.isEmpty()) {
      PythonThread own = python.get(identOf(interpreter, owner));
      holders.add(
          new Holder(
              Errors.name(owner),
              "has not finished ending the interpreter",
              List.of(owner.getStackTrace()),
              own == null ? List.of() : own.frames()));
    }
    return holders;
  }

  /** Python's own daemon threads. */
  static List<Holder> daemons(Interpreter interpreter) {
    return ofPython(interpreter, ofPython(interpreter), true);
  }

  private static List<Holder> holders(List<ThreadState> inside, Map<Long, PythonThread> python) {
    List<Holder> holders = new ArrayList<>();
    for (ThreadState state : inside) {
      PythonThread own = python.get(state.ident);
      holders.add(
          new Holder(
              Errors.name(state.thread),
              doing(state),
              List.of(state.thread.getStackTrace()),
              own == null ? List.of() : own.frames()));
    }
    return holders;
  }

  private static List<Holder> ofPython(
      Interpreter interpreter, Map<Long, PythonThread> python, boolean daemons) {
    List<Holder> holders = new ArrayList<>();
    for (PythonThread thread : python.values()) {
      boolean known =
          interpreter.states().all().stream().anyMatch(state -> state.ident == thread.ident());
      if (!known && thread.daemon() == daemons) {
        holders.add(
            new Holder(
                "\"" + thread.name() + "\" of Python",
                daemons ? "is a daemon and still runs" : "is no daemon and still runs",
                List.of(),
                thread.frames()));
      }
    }
    return holders;
  }

  private static long identOf(Interpreter interpreter, Thread thread) {
    return interpreter.states().all().stream()
        .filter(state -> state.thread == thread)
        .mapToLong(state -> state.ident)
        .findFirst()
        .orElse(0);
  }

  static String doing(ThreadState state) {
    if (state.isParkedWithGil()) {
      return "waits in Java with the GIL";
    }
    return state.isWaiting() ? "waits for the GIL" : "is still inside";
  }
}
