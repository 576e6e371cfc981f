package dev.sluice.python;

import dev.sluice.python.capi.Callbacks;
import dev.sluice.python.capi.LifecycleApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.StackBudget;
import dev.sluice.python.capi.ThreadApi;
import org.jspecify.annotations.Nullable;

/**
 * What {@code sluice/_recursion.py} asks Java for; on the thread that asks, which may be one that
 * Python has just started.
 */
final class Recursion {
  /** Measures stacks, so that each thread must be told how much of its own is Java's. */
  private static final int MEASURES_SINCE = 14;

  private static final Callbacks.Definition FIT =
      Callbacks.define(
          "fit",
          "fit(): makes Python's limits of recursion fit the calling thread's stack",
          (self, arguments, count, names) -> {
            ThreadApi door = new ThreadApi();
            door.fit(door.stack(), door.current());
            return none();
          });

  private static final Callbacks.Definition FIT_AGAIN =
      Callbacks.define(
          "fit_again",
          "fit_again(): does so for all threads, after the limit was set",
          (self, arguments, count, names) -> {
            ThreadApi.fitAgain();
            return none();
          });

  private Recursion() {}

  private static long none() {
    ObjectApi.incRef(ObjectApi.NONE);
    return ObjectApi.NONE;
  }

  /** Makes an interpreter ready; once, attached. */
  static void install(Attached py) {
    boolean measures = LifecycleApi.minorVersion() >= MEASURES_SINCE;
    int highest = StackBudget.highestLimit();
    try (PyObject module = py.importModule("sluice._recursion");
        @Nullable PyObject fit = measures ? py.own(FIT.bind(0)) : null;
        @Nullable PyObject fitAgain = highest == 0 ? null : py.own(FIT_AGAIN.bind(0))) {
      module.callMethod("install", StackBudget.THREADS_OF_PYTHON, fit, fitAgain, highest).close();
    }
  }
}
