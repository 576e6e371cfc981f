package dev.sluice.python;

import dev.sluice.python.capi.Abi;
import dev.sluice.python.capi.Libpython;
import dev.sluice.python.capi.LifecycleApi;
import dev.sluice.python.capi.RunningPython;
import dev.sluice.python.capi.ThreadApi;
import dev.sluice.python.install.Installation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * CPython in this process: opened once, and used and closed from any thread.
 *
 * <p>One thread is Python's main one: {@code sluice-main-0}, which {@link #open} starts, or the
 * thread that called {@link #openHere}. Python's signal handlers run there, and it is where CPython
 * is finalised. A Python program that has started the JVM keeps its own main thread, and its
 * CPython: {@link PythonOptions#running}.
 */
public final class Python implements AutoCloseable {
  /** Python code recurses through C; a default Java stack of 1 MiB ends in a crash. */
  static final long STACK_BYTES = 16L * 1024 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger(Python.class);
  private static final Object OPENING = new Object();

  /** Whether CPython was initialised, or tried to; guarded by {@link #OPENING}. */
  private static boolean opened;

  private final PythonOptions options;
  private final Interpreter main;
  private final Ending ending;
  private final SubInterpreters others;
  private final Watch watch;
  private final MainWait mainWait;

  private Python(
      PythonOptions options, Interpreter main, MainThread thread, @Nullable Guest guest) {
    this.options = options;
    this.main = main;
    others = new SubInterpreters(main, options);
    watch = new Watch(this);
    mainWait = new MainWait(main, thread.thread());
    Ending.Finish finish = guest == null ? this::finish : guest;
    ending = new Ending(main, thread, options.closeLimit(), others, finish);
    main.endsWith(ending);
    main.setStallLimit(options.stallLimit());
  }

  /** A platform thread whose stack is deep enough for Python; not started. */
  public static Thread newThread(String name, Runnable task) {
    return new Thread(null, task, name, STACK_BYTES, false);
  }

  /**
   * Loads CPython and initialises it on a thread of its own; from any thread.
   *
   * @throws SluiceException if it was opened before, cannot be loaded (then another one may be
   *     opened), or is none that is supported
   */
  public static Python open(PythonOptions options) {
    MainThread thread = MainThread.start(isGuest(options) ? "sluice-guest-0" : "sluice-main-0");
    try {
      return Futures.await(thread.submit(() -> open(options, thread)));
    } catch (RuntimeException e) {
      thread.end();
      throw e;
    }
  }

  /**
   * The same on the calling thread, which becomes Python's main thread, and is not attached
   * afterwards; it needs a deep stack ({@link #newThread} makes one), and it alone may close.
   * {@link Interpreter#submitToMain} is refused then. Closing waits for Python's own threads as
   * long as they take, as {@code python} does at its end: nothing but they themselves could end
   * that wait. It is bounded while others are inside, or keep the GIL from the start.
   *
   * <p>In a Python program ({@link PythonOptions#running}), whose main thread is its own, this only
   * spares a thread: opening happens on the calling thread, closing on whichever closes.
   */
  public static Python openHere(PythonOptions options) {
    return open(options, isGuest(options) ? MainThread.whoeverAsks() : MainThread.calling());
  }

  private static boolean isGuest(PythonOptions options) {
    return options.installation().origin() == Installation.Origin.RUNNING;
  }

  private static Python open(PythonOptions options, MainThread thread) {
    Installation installation = options.installation();
    ThreadContext context = ThreadContext.get();
    LOG.debug("{} from {}", installation.describe(), installation.library());
    boolean guest = isGuest(options);
    synchronized (OPENING) {
      refuseOpened(guest);
      if (guest) {
        Guest.requireRunning();
        RunningPython.use();
      } else {
        Guest.refuseRunning();
        refusePythonHome(installation);
        load(installation.library()); // what could not be loaded leaves nothing behind
      }
      opened = true;
    }
    Python python = guest ? join(options, thread) : start(options, thread, context);
    python.watch.start();
    return python;
  }

  private static void refuseOpened(boolean guest) {
    if (opened) {
      throw new SluiceException(
          PythonError.OPENED_BEFORE,
          (guest
                  ? "Sluice has joined a Python program in this process before, and cannot do so"
                      + " twice, also after it has left."
                  : "CPython was opened before in this process, and cannot be opened twice"
                      + " (extension modules do not survive it).")
              + " Keep the first Python open, and share it.");
    }
  }

  private static Python start(PythonOptions options, MainThread thread, ThreadContext context) {
    Installation installation = options.installation();
    start(installation);
    ThreadApi door = new ThreadApi();
    long address = door.mainInterpreter();
    ThreadApi.learn();
    Gate gate = new Gate(door.gil(address, door.current()));
    Interpreter main = new Interpreter(door, address, "0", gate, null);
    context.adopt(main.states().adopt(door.current(), Thread.currentThread()));
    door.detach();
    Python python = new Python(options, main, thread, null);
    try (Attached py = main.attach()) {
      Abi.verify().ifPresent(problem -> refuseLayout(installation, problem));
      Bootstrap.main(py, options);
    }
    return python;
  }

  private static Python join(PythonOptions options, MainThread thread) {
    ThreadApi door = new ThreadApi();
    Host host = new Host(door);
    Interpreter main =
        new Interpreter(door, door.mainInterpreter(), "0", new Gate(Guest.gil(door)), host);
    Guest guest = new Guest(main, host);
    Python python = new Python(options, main, thread, guest);
    try (Attached py = main.attach()) {
      Abi.verify().ifPresent(problem -> refuseLayout(options.installation(), problem));
      guest.arrive(py, options, python::closeAtExit);
    }
    Guest.warnOfSmallStacks();
    return python;
  }

  private static void refusePythonHome(Installation installation) {
    String home = System.getenv("PYTHONHOME");
    if (home != null && !home.isEmpty()) {
      throw new SluiceException(
          PythonError.PYTHONHOME_SET,
          "PYTHONHOME is set to %s, where %s would look for its standard library. Unset it."
              .formatted(home, installation.describe()));
    }
  }

  private static void load(Path library) {
    Libpython.load(library)
        .ifPresent(problem -> {
          throw new SluiceException(
              PythonError.LIBRARY_NOT_LOADED,
              "%s cannot be loaded: %s. Name another Python with --python, or install this one"
                      .formatted(library, problem)
                  + " again.");
        });
  }

  private static void start(Installation installation) {
    LifecycleApi.preInitialize()
        .or(() -> LifecycleApi.initialize(installation.programName()))
        .ifPresent(problem -> {
          throw new SluiceException(
              PythonError.START_FAILED,
              "%s does not start: %s. \"%s -c pass\" should say the same."
                  .formatted(installation.describe(), problem, installation.executable()));
        });
  }

  private static void refuseLayout(Installation installation, String problem) {
    throw new SluiceException(
        PythonError.LAYOUT_UNKNOWN,
        "%s is built in a way that Sluice does not know: %s. Use a standard build (with the GIL) of"
                .formatted(installation.describe(), problem)
            + " Python 3.11 to 3.14.");
  }

  /** The main interpreter. */
  public Interpreter main() {
    return main;
  }

  /** What was opened. */
  public Installation installation() {
    return options.installation();
  }

  /**
   * Makes Python's main thread see SIGINT; from any thread, also while the GIL is held. Python code
   * must have a handler for it, as with {@code signal.signal(SIGINT, default_int_handler)}. Java
   * code that it has called there is interrupted ({@link Thread#interrupt}); if that throws, the
   * handler runs before Python sees what it threw. Once CPython is being finalised, it does
   * nothing.
   */
  public void interruptMain() {
    if (main.isFinalising()) {
      return;
    }
    long stay = mainWait.stay();
    ThreadApi.setInterrupt(2);
    mainWait.interrupt(stay);
    if (LifecycleApi.minorVersion() < 13) {
      // Those look for signals of other threads only after they had to share the GIL.
      main.probe();
    }
  }

  /** The Java code that Python's main thread is in. */
  MainWait mainWait() {
    return mainWait;
  }

  /**
   * Makes another interpreter, with modules of its own; from any thread. It ends when it is closed,
   * or with this. A thread that is attached gives the GIL back meanwhile.
   *
   * @throws SluiceException if it shall have a GIL of its own and this Python is older than 3.13;
   *     or once this is being closed
   */
  public Interpreter newInterpreter(InterpreterOptions newOptions) {
    return others.make(newOptions);
  }

  /** All interpreters that have not ended, the main one first. */
  public List<Interpreter> interpreters() {
    List<Interpreter> all = new ArrayList<>(List.of(main));
    all.addAll(others.open());
    return all;
  }

  /**
   * What all threads that run Python are doing, with the frames of both languages merged; from any
   * thread, also while Python ends and afterwards. Python's frames need the GIL: they are left out
   * where it is not to be had within 0.3 s, and once the interpreter is being freed. A thread that
   * is attached gives the GIL back meanwhile.
   */
  public String threadDump() {
    return ThreadDump.of(interpreters());
  }

  /**
   * Ends CPython as {@link #shutdown} does, within the limit of the options; the main interpreter's
   * {@link Interpreter#close} is the same. What held it up goes to the log. Who comes second waits
   * for the first, no longer than that one.
   */
  @Override
  public void close() {
    ending.close();
  }

  /** The program that Sluice is a guest of ends. */
  private void closeAtExit() {
    ending.close();
  }

  /** Asks a Python program again for what tasks wait for. */
  void remindHost() {
    Host host = main.host();
    if (host != null) {
      host.remind();
    }
  }

  /**
   * Ends CPython: makes no more interpreters and ends the other ones, lets nobody in any more,
   * waits for threads that are inside, joins Python's own threads but daemons, runs {@code atexit}
   * functions, and finalises it. From any thread that is not inside Python, any number of times;
   * everybody gets the same report, or after the limit what can be said then. Interrupting the
   * thread does not shorten the wait.
   *
   * <p>If a thread does not leave, CPython is left as it is: to finalise it under that thread would
   * end the process. The thread is named in the report.
   *
   * <p>In a Python program ({@link PythonOptions#running}) CPython is never finalised, nor are its
   * {@code atexit} functions run: "finalised" says then that Sluice has left completely.
   *
   * @param limit how long it may take in all
   * @throws SluiceException on a thread that is inside an interpreter, be it in Java code that
   *     Python has called, or on another one than that which called {@link #openHere}; then nothing
   *     has been ended
   */
  public CloseReport shutdown(Duration limit) {
    return ending.run(limit);
  }

  /** CPython ends the process if it is finalised while it has other interpreters. */
  private @Nullable String finish(ThreadState own) {
    if (others.remain()) {
      return "left CPython as it is, because another interpreter could not be ended";
    }
    main.disposeStates(own);
    watch.stop();
    LifecycleApi.finish();
    own.left();
    return null;
  }
}
