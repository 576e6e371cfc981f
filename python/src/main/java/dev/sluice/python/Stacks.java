package dev.sluice.python;

import dev.sluice.python.CloseReport.Holder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * What the threads of an interpreter are doing, in both languages; any thread may ask. The Python
 * side needs the GIL, which another thread waits for: it is left out if that takes too long.
 */
final class Stacks {
  private static final long PATIENCE_MILLIS = 300;

  private Stacks() {}

  /**
   * A thread as Python sees it.
   *
   * @param daemon whether Python's end does not wait for it
   * @param frames innermost first
   */
  record PythonThread(long ident, String name, boolean daemon, List<String> frames) {}

  /** Python's threads by their idents; empty if the GIL was not to be had. */
  static Map<Long, PythonThread> ofPython(Interpreter interpreter) {
    CompletableFuture<Map<Long, PythonThread>> result = new CompletableFuture<>();
    Thread reader =
        Python.newThread(
            "sluice-stacks-" + interpreter.name(),
            () -> {
              try {
                result.complete(read(interpreter));
              } catch (Throwable t) {
                result.completeExceptionally(t);
              }
            });
    reader.setDaemon(true);
    reader.start();
    try {
      return result.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      return Map.of();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Map.of();
    }
  }

  private static Map<Long, PythonThread> read(Interpreter interpreter) {
    Map<Long, PythonThread> threads = new HashMap<>();
    try (Attached py = Attached.openAtEnd(interpreter);
        PyObject module = py.importModule("sluice._stacks");
        PyObject list = module.callMethod("threads")) {
      long count = list.callMethod("__len__").as(Long.class);
      for (long i = 0; i < count; i++) {
        List<String> lines = list.item(i).as(String.class).lines().toList();
        long ident = Long.parseLong(lines.get(0));
        threads.put(
            ident,
            new PythonThread(
                ident, lines.get(1), lines.get(2).equals("True"), lines.subList(3, lines.size())));
      }
    }
    return threads;
  }

  /**
   * Who holds up the end of an interpreter: the threads inside, and where the main thread waits for
   * Python's own ones, those.
   */
  static List<Holder> holders(
      Interpreter interpreter, List<ThreadState> inside, @Nullable Thread owner) {
    Map<Long, PythonThread> python = ofPython(interpreter);
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
    if (owner != null) {
      for (PythonThread thread : python.values()) {
        boolean known =
            interpreter.states().all().stream().anyMatch(state -> state.ident == thread.ident());
        if (!known && !thread.daemon()) {
          holders.add(
              new Holder(
                  "\"" + thread.name() + "\" of Python",
                  "is no daemon and still runs",
                  List.of(),
                  thread.frames()));
        }
      }
      holders.add(
          new Holder(
              Errors.name(owner),
              "has not finished ending the interpreter",
              List.of(owner.getStackTrace()),
              List.of()));
    }
    return holders;
  }

  static String doing(ThreadState state) {
    if (state.isParkedWithGil()) {
      return "waits in Java with the GIL";
    }
    return state.isWaiting() ? "waits for the GIL" : "is still inside";
  }
}
