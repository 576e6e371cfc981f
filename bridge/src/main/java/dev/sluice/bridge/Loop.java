package dev.sluice.bridge;

import dev.sluice.bridge.loop.LoopIo;
import dev.sluice.python.Attached;
import dev.sluice.python.Interpreter;
import dev.sluice.python.PyObject;
import dev.sluice.python.Python;
import dev.sluice.python.PythonTask;
import dev.sluice.python.SluiceException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An asyncio loop of Python's on a thread of Java's, {@code sluice-loop-I}; any thread, virtual
 * ones too, may hand it work and wait for what becomes of that.
 *
 * <p>Handing something over costs some 100 ns, and a system call if the loop sleeps. What has been
 * accepted is done, at the latest when the loop closes, or its future fails: nothing vanishes.
 */
public final class Loop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Loop.class);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Interpreter interpreter;
  private final Thread thread;
  private final CompletableFuture<Boolean> started = new CompletableFuture<>();
  private volatile @Nullable LoopDoor door;
  private volatile @Nullable PyObject loop;
  private volatile @Nullable PyObject starter;
  private volatile boolean closing;

  private Loop(Interpreter interpreter, LoopOptions options) {
    this.interpreter = interpreter;
    thread = Python.newThread("sluice-loop-" + interpreter.name(), () -> run(options));
    thread.setDaemon(true);
  }

  /**
   * Starts a loop on a thread of its own; from any thread, attached or not.
   *
   * @throws SluiceException if there can be none, with the reason
   */
  public static Loop start(Interpreter interpreter, LoopOptions options) {
    String obstacle = LoopIo.obstacle();
    if (!obstacle.isEmpty()) {
      throw new SluiceException(
          BridgeError.NO_LOOP,
          "there can be no loop of Sluice's in this process. %s. Use asyncio's own loop."
              .formatted(obstacle));
    }
    Loop made = new Loop(interpreter, options);
    made.thread.start();
    try {
      made.started.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      made.close();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : new CompletionException(e);
    }
    return made;
  }

  private void run(LoopOptions options) {
    try (Attached py = interpreter.attach()) {
      LoopDoor made = LoopDoor.forLoop(py);
      PyObject module = py.importModule("sluice._loop_java");
      PyObject functions = made.functions(py);
      PyObject python = module.callMethod("new_loop", options.wrongThread().word(), functions);
      made.io().own();
      starter = module.attr("start");
      loop = python;
      door = made;
      started.complete(true);
      try {
        module.callMethod("run", python).close();
      } finally {
        made.shut();
      }
    } catch (RuntimeException | Error e) {
      if (!started.completeExceptionally(e)) {
        LOG.error("the loop of {} has ended: {}", thread.getName(), e.toString());
      }
    } finally {
      closing = true;
      AwaitedCall.failAll(this, closedError());
    }
  }

  /** Where it sleeps, for channels of Netty's; any thread. */
  public LoopIo io() {
    return door().io();
  }

  /** The loop as Python has it; it may be used on an attached thread. */
  public PyObject python() {
    PyObject known = loop;
    if (known == null) {
      throw closedError();
    }
    return known;
  }

  /** The interpreter that it runs in. */
  public Interpreter interpreter() {
    return interpreter;
  }

  /** The thread that runs it. */
  public Thread thread() {
    return thread;
  }

  private LoopDoor door() {
    LoopDoor known = door;
    if (known == null || closing) {
      throw closedError();
    }
    return known;
  }

  private SluiceException closedError() {
    return new SluiceException(
        BridgeError.LOOP_CLOSED,
        "the loop of thread %s is closed, and takes nothing any more. Keep it open until every"
                .formatted(thread.getName())
            + " caller is done.");
  }

  /**
   * Runs Java code on the loop's thread, attached; any thread. It must be short and not block, for
   * the loop stands still meanwhile. The future fails with what the code threw.
   *
   * @throws SluiceException if the loop is closed
   */
  public <T extends @Nullable Object> CompletableFuture<T> submit(PythonTask<T> task) {
    LoopTask<T> result = new LoopTask<>(thread, task);
    execute(result::run);
    return result;
  }

  private void execute(Consumer<Attached> task) {
    try {
      door().execute(task);
    } catch (RejectedExecutionException | IllegalStateException e) {
      throw closedError();
    }
  }

  /**
   * Has the loop call a Python function without arguments, from its own queue, with no frame of
   * Java's below it; any thread, attached or not. Those of one thread are called in order, what
   * they return is dropped, and what they raise is logged; what waits when the loop ends is not
   * called. The function stays the caller's, and must not be closed before it was called.
   *
   * @throws SluiceException if the loop is closed
   */
  public void callSoon(PyObject function) {
    LoopDoor its = door();
    if (Thread.currentThread() == thread) {
      its.call(function);
      return;
    }
    try {
      its.handOver(function);
    } catch (RejectedExecutionException | IllegalStateException e) {
      throw closedError();
    }
  }

  /**
   * Calls a Python function on the loop, and if it returns an awaitable, awaits that as a task of
   * the loop's; any thread. Where the calling thread is attached, the task has a copy of its
   * context. The future has what comes out, or fails with what was raised; cancelling it cancels
   * the task.
   *
   * @param function takes the arguments, each of a type that {@link Attached#toPython} takes
   * @throws SluiceException if the loop is closed
   */
  public CompletableFuture<PyObject> call(PyObject function, @Nullable Object... arguments) {
    AwaitedCall call = new AwaitedCall(this, function, arguments, context());
    try {
      execute(call::begin);
    } catch (RuntimeException e) {
      call.completeExceptionally(e); // or it would be known for ever
      throw e;
    }
    return call;
  }

  /**
   * Calls a Python function on the loop as {@link #call} does, and waits for what comes out of it;
   * any thread but the loop's, attached or not, virtual ones too.
   *
   * @throws TimeoutException if that takes longer than the limit: then the task is cancelled
   * @throws InterruptedException if the calling thread is interrupted: then too
   * @throws dev.sluice.python.PythonException what was raised
   * @throws java.util.concurrent.CancellationException if the task was cancelled by others
   * @throws SluiceException if the loop is closed, or if it would wait for ever because the loop
   *     needs the calling thread
   */
  public PyObject await(Duration limit, PyObject function, @Nullable Object... arguments)
      throws InterruptedException, TimeoutException {
    CompletableFuture<PyObject> call = call(function, arguments);
    boolean ended = false;
    try {
      PyObject result = call.get(limit.toNanos(), TimeUnit.NANOSECONDS);
      ended = true;
      return result;
    } catch (ExecutionException e) {
      ended = true;
      throw e.getCause() instanceof RuntimeException cause ? cause : new CompletionException(e);
    } finally {
      if (!ended) {
        call.cancel(true);
      }
    }
  }

  /** A copy of the calling thread's context, if it is attached to this loop's interpreter. */
  private @Nullable PyObject context() {
    if (!Attached.isHere(interpreter)) {
      return null;
    }
    try (Attached py = interpreter.attach();
        PyObject contextvars = py.importModule("contextvars")) {
      return contextvars.callMethod("copy_context");
    }
  }

  /** The function of Python's side that begins a call. */
  PyObject starter() {
    PyObject known = starter;
    if (known == null) {
      throw closedError();
    }
    return known;
  }

  void callOnce(PyObject function) {
    door().callOnce(function);
  }

  /** Runs something on the loop's thread, attached, if it still takes anything. */
  boolean tryExecute(Consumer<Attached> task) {
    LoopDoor known = door;
    if (known == null || closing) {
      return false;
    }
    try {
      known.execute(task);
      return true;
    } catch (RejectedExecutionException | IllegalStateException e) {
      return false;
    }
  }

  /**
   * Has the loop cancel its tasks, end its asynchronous generators and close; waits for it, five
   * seconds at most. Whoever closes it once more waits too, and does nothing else.
   */
  @Override
  public void close() {
    close(PATIENCE);
  }

  /**
   * The same with another limit.
   *
   * @return whether the loop has ended
   */
  public boolean close(Duration limit) {
    PyObject python = loop;
    if (python != null) {
      tryExecute(py -> {
        try (PyObject module = py.importModule("sluice._loop_java")) {
          module.callMethod("stop", python).close();
        }
      });
    }
    if (Thread.currentThread() == thread) {
      return false;
    }
    try {
      return thread.join(limit);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
