package dev.sluice.guard;

import dev.sluice.python.ModuleBuilder;
import dev.sluice.python.PyObject;
import dev.sluice.python.PythonModule;
import dev.sluice.python.SharedMemory;
import dev.sluice.python.capi.JavaFrames;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.ThreadWords;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The module {@code sluice._micro_door}, which microthreads have Java by; on the thread that calls
 * it, attached.
 *
 * <p>What it gives is memory of the calling thread's, which only that thread may use, so that a
 * switch from one microthread to another calls no Java.
 */
public final class MicrothreadModule implements PythonModule {
  /** Made by the service loader. */
  public MicrothreadModule() {}

  @Override
  public String name() {
    return "sluice._micro_door";
  }

  @Override
  public void fill(ModuleBuilder module) {
    module.function(
        "java_word",
        (py, arguments) -> {
          JavaFrames.count();
          return SharedMemory.of(py, JavaFrames.wordOfCaller(), "Q", 8).object();
        });
    module.function(
        "thread_words",
        (py, arguments) -> SharedMemory.of(py, ThreadWords.ofCaller(), "Q", 8).object());
    module.function("thread_dict", (py, arguments) -> ThreadWords.dict());
    module.function(
        "watched_by",
        (py, arguments) -> {
          try (PyObject poll = (PyObject) Objects.requireNonNull(arguments[0]);
              PyObject receiver = (PyObject) Objects.requireNonNull(arguments[1])) {
            long borrowed = ThreadWords.watchedBy(poll.address());
            if (borrowed == 0) {
              return false;
            }
            ObjectApi.incRef(borrowed);
            try (PyObject watched = py.own(borrowed)) {
              receiver.call(watched).close();
            }
          }
          return true;
        });
    module.function(
        "release",
        (py, arguments) -> {
          for (@Nullable Object each : arguments) {
            ObjectApi.decRef(((Number) Objects.requireNonNull(each)).longValue());
          }
          return null;
        });
    module.function(
        "keep",
        (py, arguments) -> {
          ObjectApi.incRef(((PyObject) Objects.requireNonNull(arguments[0])).address());
          return null;
        });
  }
}
