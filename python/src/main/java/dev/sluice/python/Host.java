package dev.sluice.python;

import dev.sluice.python.capi.PendingCall;
import dev.sluice.python.capi.ThreadStates;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The Python program that Sluice is a guest of; any thread may ask it for something.
 *
 * <p>Its main thread is nobody's but its own. Tasks get there as signal handlers do: when that
 * thread next runs Python code.
 */
final class Host {

  private final ThreadStates door;
  private final LinkedBlockingQueue<Waiting<?>> tasks =
      new LinkedBlockingQueue<>(MainThread.MOST_QUEUED);
  private final AtomicBoolean asked = new AtomicBoolean();
  private final PendingCall call = new PendingCall(this::run);
  private volatile long mainIdent;
  private volatile boolean ended;

  private record Waiting<T extends @Nullable Object>(
      Interpreter interpreter, PythonTask<T> task, Submission<T> result) {
    void run() {
      result.run(interpreter, task);
    }

    void refuse() {
      result.completeExceptionally(interpreter.closedError());
    }
  }

  Host(ThreadStates door) {
    this.door = door;
  }

  /** What Python's {@code threading.get_ident()} says on the program's main thread. */
  void setMainIdent(long ident) {
    mainIdent = ident;
  }

  long mainIdent() {
    return mainIdent;
  }

  /** Runs a task on the program's main thread: at once if that is the calling one. */
  <T extends @Nullable Object> CompletableFuture<T> submit(
      Interpreter interpreter, PythonTask<T> task) {
    Waiting<T> waiting = new Waiting<>(interpreter, task, new Submission<>());
    if (door.threadIdent() == mainIdent) {
      waiting.run();
    } else if (!tasks.offer(waiting)) {
      waiting.result.completeExceptionally(MainThread.fullError(MainThread.MOST_QUEUED));
    } else if (ended) {
      end();
    } else {
      ask();
    }
    return waiting.result();
  }

  private void ask() {
    if (asked.compareAndSet(false, true) && !call.add()) {
      asked.set(false); // CPython has 32 places, which others have taken; the watch asks again
    }
  }

  /** Asks once more if tasks wait; now and then. */
  void remind() {
    if (!tasks.isEmpty()) {
      ask();
    }
  }

  /** On the program's main thread, attached, between two instructions of its Python code. */
  private void run() {
    asked.set(false);
    Waiting<?> next;
    while ((next = tasks.poll()) != null) {
      next.run();
    }
  }

  /** Lets tasks that still wait fail; after the interpreter was closed. */
  void end() {
    ended = true;
    Waiting<?> next;
    while ((next = tasks.poll()) != null) {
      next.refuse();
    }
  }

  /**
   * Runs code that waits for others without the GIL, which the program may hold on this thread
   * without Java's knowing.
   */
  static <T> T released(Interpreter interpreter, Supplier<T> code) {
    ThreadStates door = interpreter.door();
    long state = interpreter.isGuest() && !ThreadContext.isInScope() ? door.ofThread() : 0;
    if (state == 0 || !door.isCurrent(state)) {
      return code.get();
    }
    door.detach();
    try {
      return code.get();
    } finally {
      door.attach(state);
    }
  }
}
