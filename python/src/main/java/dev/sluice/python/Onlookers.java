package dev.sluice.python;

import dev.sluice.python.Stacks.PythonThread;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Threads of ours that attach to an interpreter only to look, {@code sluice-probe-I}, {@code
 * sluice-nudge-I} and {@code sluice-stacks-I}; any thread may ask for one. While one waits for the
 * GIL, whoever asks waits for the same: so a GIL that is stuck keeps one thread of each kind,
 * however often it is asked.
 */
final class Onlookers {
  /** So long whoever has asked has to come and wait in native code too; in nanoseconds. */
  private static final long HANDOVER = 50_000;

  private final Interpreter interpreter;
  private @Nullable CompletableFuture<Void> probe;
  private @Nullable BooleanSupplier wanted;
  private @Nullable CompletableFuture<Map<Long, PythonThread>> stacks;

  Onlookers(Interpreter interpreter) {
    this.interpreter = interpreter;
  }

  /** A thread that no report names. */
  private static final class Onlooker extends Thread {
    Onlooker(String name, Runnable task) {
      super(null, task, name, Python.STACK_BYTES, false);
      setDaemon(true);
    }
  }

  static boolean isOne(Thread thread) {
    return thread instanceof Onlooker;
  }

  /**
   * Is done as soon as some thread was able to attach after this was called; it waits in native
   * code, beside the gate, and keeps the GIL for the next moment.
   */
  synchronized CompletableFuture<Void> probe() {
    CompletableFuture<Void> running = probe;
    if (running != null && !running.isDone()) {
      return running;
    }
    CompletableFuture<Void> result = new CompletableFuture<>();
    probe = result;
    start(
        "sluice-probe-",
        result,
        () -> {
          try (Attached py = Attaching.openBesideGate(interpreter)) {
            result.complete(null);
            LockSupport.parkNanos(HANDOVER);
          }
        });
    return result;
  }

  /**
   * Takes the GIL for a moment again and again, as long as somebody wants it, so that CPython
   * interrupts this interpreter's Python code.
   */
  synchronized void interruptWhile(BooleanSupplier condition) {
    boolean runs = wanted != null;
    wanted = condition;
    if (!runs) {
      start(
          "sluice-nudge-",
          new CompletableFuture<>(),
          () -> {
            while (isWanted()) {
              Attaching.openBesideGate(interpreter).close();
              LockSupport.parkNanos(HANDOVER);
            }
          });
    }
  }

  private synchronized boolean isWanted() {
    if (wanted == null || interpreter.isFinalising() || !wanted.getAsBoolean()) {
      wanted = null;
      return false;
    }
    return true;
  }

  /** What Python's threads do, by their idents, as soon as the GIL is to be had. */
  synchronized CompletableFuture<Map<Long, PythonThread>> stacks() {
    CompletableFuture<Map<Long, PythonThread>> running = stacks;
    if (running != null && !running.isDone()) {
      return running;
    }
    CompletableFuture<Map<Long, PythonThread>> result = new CompletableFuture<>();
    stacks = result;
    start("sluice-stacks-", result, () -> result.complete(Stacks.read(interpreter)));
    return result;
  }

  private void start(String name, CompletableFuture<?> result, Runnable task) {
    new Onlooker(
            name + interpreter.name(),
            () -> {
              try {
                task.run();
              } catch (Throwable t) {
                // It belongs to whoever has asked.
                result.completeExceptionally(t);
              }
            })
        .start();
  }
}
