package dev.sluice.python;

import dev.sluice.python.capi.Callbacks;
import dev.sluice.python.capi.LifecycleApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.RunningPython;
import dev.sluice.python.capi.ThreadApi;
import dev.sluice.python.capi.ThreadStates;
import dev.sluice.python.install.Installation;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How Sluice comes into a Python program that has started the JVM, and leaves it again, on whatever
 * thread opens and closes: CPython is neither initialised nor finalised, and goes on afterwards.
 */
final class Guest implements Ending.Finish {
  private static final Logger LOG = LoggerFactory.getLogger(Guest.class);
  private static final String MODULE = "sluice._guest";

  /** From here on threading knows the main thread, whoever imports it first. */
  private static final int THREADING_KNOWS_SINCE = 13;

  private final Interpreter main;
  private final Host host;

  /** Until {@link #arrive} has run, and after leaving, null. */
  private @Nullable PyObject atExit;

  Guest(Interpreter main, Host host) {
    this.main = main;
    this.host = host;
  }

  /** The CPython of this process. */
  static Installation installation() {
    requireRunning();
    return Installation.running(
        RunningPython.version(),
        RunningPython.file(),
        RunningPython.sys("executable"),
        RunningPython.sys("prefix"));
  }

  /** How to look at the program's GIL, on a thread that may have it, or have had it. */
  static ThreadStates.@Nullable Gil gil(ThreadApi door) {
    long interpreter = door.mainInterpreter();
    long own = door.ofThread();
    if (own != 0 && door.isCurrent(own)) {
      return look(door, interpreter, own);
    }
    long state = own != 0 ? own : door.create(interpreter);
    door.attach(state);
    try {
      return look(door, interpreter, state);
    } finally {
      if (own != 0) {
        door.detach();
      } else {
        door.disposeCurrent();
      }
    }
  }

  private static ThreadStates.@Nullable Gil look(ThreadApi door, long interpreter, long state) {
    ThreadApi.learn();
    return door.gil(interpreter, state);
  }

  static void requireRunning() {
    if (!RunningPython.isInitialized()) {
      throw new SluiceException(
          PythonError.NOT_RUNNING,
          "there is no Python running in this process that Sluice could join. PythonOptions.running"
              + " is for Java that a Python program has started in its own process (and on Windows"
              + " it finds none yet); use PythonOptions.embedded or PythonOptions.of elsewhere.");
    }
  }

  /** Before another CPython is loaded, which would get its symbols mixed with the first one's. */
  static void refuseRunning() {
    if (RunningPython.isInitialized()) {
      String version = RunningPython.version();
      throw new SluiceException(
          PythonError.RUNNING_ALREADY,
          "CPython %s runs in this process already (%s), and there cannot be two. Open it with"
                  .formatted(version.substring(0, version.indexOf(' ')), RunningPython.file())
              + " PythonOptions.running().");
    }
  }

  /**
   * Makes the program's interpreter ready; attached.
   *
   * @param close what the program's end does before CPython's
   */
  void arrive(Attached py, PythonOptions options, Runnable close) {
    try (PyObject modules = py.importModule("sys").attr("modules")) {
      if (LifecycleApi.minorVersion() < THREADING_KNOWS_SINCE && !modules.contains("threading")) {
        throw new SluiceException(
            PythonError.THREADING_NOT_IMPORTED,
            "the Python program has not imported threading, which before Python 3.13 takes the"
                + " thread that imports it first for the main one. Add \"import threading\" to the"
                + " program, before it calls Java.");
      }
    }
    try (PyObject module = Bootstrap.module(py, options, MODULE)) {
      PyObject function = py.own(onExit(close).bind(0));
      atExit = function;
      host.setMainIdent(module.callMethod("arrive", function).as(Long.class));
    }
    ExposedObjects.install(py);
  }

  /**
   * The JVM takes the stack of the process's first thread to be no deeper than its own threads',
   * and puts its guard pages there when that thread calls Java.
   */
  static void warnOfSmallStacks() {
    Thread probe =
        new Thread(
            () -> {
              if (!ThreadApi.hasDeepStack()) {
                LOG.warn(
                    "{}: this JVM was created for stacks of less than 8 MiB, so that deep recursion"
                        + " on Python's main thread ends the process once that has called Java."
                        + " Create it with the option -Xss16m.",
                    PythonError.JVM_STACKS_SMALL.id());
              }
            },
            "sluice-stack-probe");
    probe.setDaemon(true);
    probe.start();
  }

  private static Callbacks.Definition onExit(Runnable close) {
    return Callbacks.define(
        "sluice_close",
        "sluice_close(): Sluice leaves, before CPython ends",
        (self, arguments, count, names) -> {
          close.run();
          ObjectApi.incRef(ObjectApi.NONE);
          return ObjectApi.NONE;
        });
  }

  @Override
  public @Nullable String run(ThreadState own) {
    String problem;
    try (Attached py = main.attachedInCallback()) {
      problem = leave(py);
    }
    if (problem == null) {
      main.endGuest();
    }
    main.detachForGood(own);
    return problem;
  }

  /** The program's own threads and {@code atexit} functions are not ours to end. */
  @Override
  public void prepare(Interpreter interpreter) {}

  @Override
  public void beside(Interpreter interpreter) {
    try (Attached py = Attaching.openAtEnd(interpreter)) {
      leave(py);
    }
  }

  /** Says who is still inside, having come in at the last moment. */
  private @Nullable String leave(Attached py) {
    main.leave();
    PyObject function = atExit;
    atExit = null;
    if (function != null) {
      try (PyObject module = py.importModule(MODULE)) {
        module.callMethod("leave", function).close();
      } catch (PythonException e) {
        LOG.warn("Sluice could not undo what it had set in Python", e);
      }
      function.close();
    }
    host.end();
    List<String> inside =
        main.states().insiders().stream()
            .filter(state -> state.thread != Thread.currentThread())
            .map(state -> Errors.name(state.thread))
            .toList();
    return inside.isEmpty() ? null : "left while Java code ran on " + String.join(", ", inside);
  }
}
