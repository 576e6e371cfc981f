package dev.sluice.python;

import dev.sluice.python.capi.Abi;
import dev.sluice.python.capi.Libpython;
import dev.sluice.python.capi.LifecycleApi;
import dev.sluice.python.capi.ThreadApi;
import dev.sluice.python.install.Installation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * CPython in this process: opened and closed on the thread that becomes Python's main one, used
 * from any.
 *
 * <p>CPython is opened once per process. The thread that opens it needs a deep stack; {@link
 * #newThread} makes one. It alone may close, and Python's signal handlers run on it.
 */
public final class Python implements AutoCloseable {
  /** Python code recurses through C; a default Java stack of 1 MiB ends in a crash. */
  private static final long STACK_BYTES = 16L * 1024 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger(Python.class);
  private static final AtomicBoolean OPENED = new AtomicBoolean();

  private final PythonOptions options;
  private final Interpreter main;
  private final ThreadContext context;
  private boolean closed;

  private Python(PythonOptions options, Interpreter main, ThreadContext context) {
    this.options = options;
    this.main = main;
    this.context = context;
  }

  /** A platform thread whose stack is deep enough for Python; not started. */
  public static Thread newThread(String name, Runnable task) {
    return new Thread(null, task, name, STACK_BYTES, false);
  }

  /**
   * Loads CPython and initialises it; the calling thread becomes Python's main thread, and is not
   * attached afterwards.
   *
   * @throws SluiceException if it was opened before, cannot be loaded, or is none that is supported
   */
  public static Python open(PythonOptions options) {
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
    Interpreter main = new Interpreter(door, ThreadApi.mainInterpreter(), "0");
    ThreadState state = main.adoptState(Thread.currentThread());
    context.adopt(state);
    door.detach();
    Python python = new Python(options, main, context);
    try (Attached py = main.attach()) {
      Abi.verify().ifPresent(problem -> refuseLayout(installation, problem));
      python.bootstrap(py);
    }
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

  private void bootstrap(Attached py) {
    Path sources = new PythonSources(Python.class.getClassLoader()).unpack(options.cache());
    Installation installation = options.installation();
    boolean borrowed = installation.origin() == Installation.Origin.BORROWED_LIBRARY;
    // The one statement that cannot stand in a Python file: it makes those files importable.
    PyObject path = py.importModule("sys").attr("path");
    path.callMethod("append", sources);
    ownModule(py, sources)
        .callMethod(
            "start",
            options.arguments(),
            installation.executable(),
            borrowed ? installation.prefix() : null,
            installation.adoptedSitePackages());
    ExposedObjects.install(py);
  }

  private static PyObject ownModule(Attached py, Path sources) {
    try {
      return py.importModule("sluice._bootstrap");
    } catch (PythonException e) {
      throw new SluiceException(
          PythonError.CACHE_UNUSABLE,
          "Sluice's own Python files in %s cannot be imported: %s. Delete that folder; it is made"
                  .formatted(sources, e.getMessage())
              + " again.",
          e);
    }
  }

  /** The main interpreter. */
  public Interpreter main() {
    return main;
  }

  /** What was opened. */
  public Installation installation() {
    return options.installation();
  }

  /** Makes Python's main thread see SIGINT; from any thread, also while the GIL is held. */
  public void interruptMain() {
    ThreadApi.setInterrupt(2);
  }

  /**
   * Ends CPython: runs {@code atexit} functions, and finalises it if no thread is left inside.
   *
   * <p>Takes at most the options' limit and what the {@code atexit} functions take. Threads that
   * stay inside Python are named in the log, and CPython is then left as it is: to finalise it
   * under them would end the process.
   *
   * @throws SluiceException on another thread than the one that opened
   */
  @Override
  public void close() {
    if (Thread.currentThread() != context.thread()) {
      throw new SluiceException(
          PythonError.WRONG_THREAD,
          "Python was opened on thread %s and closed on thread %s. Close it where it was opened."
              .formatted(Errors.name(context.thread()), Errors.name(Thread.currentThread())));
    }
    if (closed) {
      return;
    }
    closed = true;
    List<Thread> holders = shutExceptOwn(options.closeLimit());
    ThreadState own = context.stateIn(main);
    main.door().attach(own.address);
    context.current = own;
    if (holders.isEmpty()) {
      try {
        main.disposeStates(own);
        LifecycleApi.finish();
      } finally {
        context.current = null;
      }
      return;
    }
    for (Thread holder : holders) {
      LOG.warn(
          "Python is not finalised, because thread {} is still inside it", Errors.name(holder));
    }
    try (Attached py = main.attachedInCallback()) {
      py.importModule("atexit").callMethod("_run_exitfuncs").close();
    } finally {
      context.current = null;
      main.door().detach();
    }
  }

  private List<Thread> shutExceptOwn(Duration limit) {
    if (context.current != null) {
      throw new SluiceException(
          PythonError.SCOPE_ORDER,
          "Python was closed on thread %s inside one of its own scopes. Close the scope first."
              .formatted(Errors.name(context.thread())));
    }
    return main.shut(limit);
  }
}
