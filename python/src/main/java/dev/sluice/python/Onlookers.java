package dev.sluice.python;

import dev.sluice.python.Stacks.PythonThread;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Threads of ours that attach to an interpreter only to look, {@code sluice-probe-I} and {@code
 * sluice-stacks-I}; any thread may ask for one. While one waits for the GIL, whoever asks waits for
 * the same: so a GIL that is stuck keeps one thread of each kind, however often it is asked.
 */
final class Onlookers {
  private final Interpreter interpreter;
  private @Nullable CompletableFuture<Void> probe;
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

  /** Is done as soon as some thread was able to attach after this was called. */
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
          try (Attached py = enter()) {
            result.complete(null);
          }
        });
    return result;
  }

  /** In a Python program nobody may be refused on somebody else's behalf; nor is who only looks. */
  private Attached enter() {
    return interpreter.isGuest() || interpreter.isClosed()
        ? Attaching.openAtEnd(interpreter)
        : interpreter.attach();
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
