package dev.sluice.python;

import dev.sluice.python.capi.Abi;
import dev.sluice.python.capi.Libpython;
import dev.sluice.python.capi.LifecycleApi;
import dev.sluice.python.capi.ThreadApi;
import dev.sluice.python.install.Installation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * CPython in this process: opened once, and used and closed from any thread.
 *
 * <p>One thread is Python's main one: {@code sluice-main-0}, which {@link #open} starts, or the
 * thread that called {@link #openHere}. Python's signal handlers run there, and it is where CPython
 * is finalised.
 */
public final class Python implements AutoCloseable {
  /** Python code recurses through C; a default Java stack of 1 MiB ends in a crash. */
  private static final long STACK_BYTES = 16L * 1024 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger(Python.class);
  private static final AtomicBoolean OPENED = new AtomicBoolean();

  private final PythonOptions options;
  private final Interpreter main;
  private final Ending ending;
  private final SubInterpreters others;
  private final Watch watch;

  private Python(PythonOptions options, Interpreter main, MainThread thread) {
    this.options = options;
    this.main = main;
    others = new SubInterpreters(main, options);
    watch = new Watch(this);
    ending = new Ending(main, thread, options.closeLimit(), this::finish);
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
   * @throws SluiceException if it was opened before, cannot be loaded, or is none that is supported
   */
  public static Python open(PythonOptions options) {
    MainThread thread = MainThread.start("sluice-main-0");
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
   * long as they take.
   */
  public static Python openHere(PythonOptions options) {
    return open(options, MainThread.calling());
  }

  private static Python open(PythonOptions options, MainThread thread) {
    Installation installation = options.installation();
    ThreadContext context = ThreadContext.get();
    refusePythonHome(installation);
    if (!OPENED.compareAndSet(false, true)) {
      throw new SluiceException(
          PythonError.OPENED_BEFORE,
          "CPython was opened before in this process, and cannot be opened twice (extension modules"
              + " do not survive it). Keep the first Python open, and share it.");
    }
    LOG.debug("{} from {}", installation.describe(), installation.library());
    load(installation.library());
    start(installation);
    ThreadApi door = new ThreadApi();
    long address = ThreadApi.mainInterpreter();
    Interpreter main =
        new Interpreter(door, address, "0", new Gate(door.gil(address, door.current())));
    context.adopt(main.adoptState(door.current(), Thread.currentThread()));
    door.detach();
    Python python = new Python(options, main, thread);
    try (Attached py = main.attach()) {
      Abi.verify().ifPresent(problem -> refuseLayout(installation, problem));
      Bootstrap.main(py, options);
    }
    python.watch.start();
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
   * must have a handler for it, as with {@code signal.signal(SIGINT, default_int_handler)}.
   */
  public void interruptMain() {
    ThreadApi.setInterrupt(2);
    if (LifecycleApi.minorVersion() < 13) {
      // Those look for signals of other threads only after they had to share the GIL.
      main.probe();
    }
  }

  /**
   * Makes another interpreter, with modules of its own; from any thread. It ends when it is closed,
   * or with this.
   *
   * @throws SluiceException if it shall have a GIL of its own and this Python is older than 3.13
   */
  public Interpreter newInterpreter(InterpreterOptions newOptions) {
    if (main.isClosed()) {
      throw main.closedError();
    }
    return others.make(newOptions);
  }

  /** All interpreters that are open, the main one first. */
  public List<Interpreter> interpreters() {
    List<Interpreter> all = new ArrayList<>(List.of(main));
    all.addAll(others.open());
    return all;
  }

  /**
   * What all threads that run Python are doing, with the frames of both languages merged; from any
   * thread. Python's frames need the GIL: they are left out where it is not to be had within 0.3 s.
   */
  public String threadDump() {
    return ThreadDump.of(interpreters());
  }

  /**
   * Ends CPython as {@link #shutdown} does, within the limit of the options. What held it up goes
   * to the log.
   */
  @Override
  public void close() {
    if (!main.isClosed()) {
      CloseReport report = shutdown(options.closeLimit());
      ending.log(report);
    }
  }

  /**
   * Ends CPython: ends the other interpreters, lets nobody in any more, waits for threads that are
   * inside, runs {@code atexit} functions, and finalises it. From any thread that is not attached,
   * any number of times; everybody gets the same report, or after the limit what can be said then.
   *
   * <p>If a thread does not leave, CPython is left as it is: to finalise it under that thread would
   * end the process. The thread is named in the report.
   *
   * @param limit how long it may take in all
   * @throws SluiceException on another thread than the one that called {@link #openHere}
   */
  public CloseReport shutdown(Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    List<CloseReport> before = others.shutdown(limit.dividedBy(2));
    CloseReport report = ending.run(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
    watch.stop();
    if (before.isEmpty()) {
      return report;
    }
    List<CloseReport.Holder> holders = new ArrayList<>(report.holders());
    before.forEach(other -> holders.addAll(other.holders()));
    return new CloseReport(report.finalised(), report.took(), holders);
  }

  /** CPython ends the process if it is finalised while it has other interpreters. */
  private @Nullable String finish(ThreadState own) {
    if (!others.abandoned()) {
      main.disposeStates(own);
      LifecycleApi.finish();
      return null;
    }
    try (Attached py = main.attachedInCallback()) {
      py.importModule("atexit").callMethod("_run_exitfuncs").close();
    }
    own.detach();
    return "left CPython as it is, because another interpreter could not be ended";
  }
}
