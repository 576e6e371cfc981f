package dev.sluice.python.capi;

import static java.lang.foreign.ValueLayout.ADDRESS;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Optional;

/**
 * Interpreters beside the main one (pylifecycle.h), on the thread that makes one and ends it again.
 */
public final class SubInterpreterApi {
  /** {@code PyInterpreterConfig}: seven ints, the same since 3.12. */
  private static final int CONFIG_SIZE = 28;

  private static final int ALLOW_THREADS = 12;
  private static final int CHECK_EXTENSIONS = 20;
  private static final int GIL = 24;
  private static final int OWN_GIL = 2;

  private SubInterpreterApi() {}

  /** A new interpreter's first thread state, or why there is none. */
  public record Made(long state, String problem) {
    public boolean isMade() {
      return state != 0;
    }
  }

  /**
   * Makes an interpreter that shares the main one's GIL. The calling thread, attached to the main
   * interpreter, is attached to the new one afterwards.
   */
  public static Made makeSharing() {
    return new Made(Shapes.call(Libpython.symbol("Py_NewInterpreter")), "Py_NewInterpreter failed");
  }

  /**
   * Makes an interpreter with a GIL of its own; otherwise as {@link #makeSharing}. Extension
   * modules that do not support it cannot be imported, daemon threads and fork are refused.
   */
  public static Made makeOwning() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment config = arena.allocate(CONFIG_SIZE, 8);
      Memory.putInt(config.address() + ALLOW_THREADS, 1);
      Memory.putInt(config.address() + CHECK_EXTENSIONS, 1);
      Memory.putInt(config.address() + GIL, OWN_GIL);
      MemorySegment slot = arena.allocate(ADDRESS);
      // Safe: PyStatus function(PyThreadState **, const PyInterpreterConfig *).
      MemorySegment status =
          (MemorySegment)
              Linker.nativeLinker()
                  .downcallHandle(
                      Libpython.symbol("Py_NewInterpreterFromConfig"),
                      FunctionDescriptor.of(LifecycleApi.STATUS, ADDRESS, ADDRESS))
                  .invokeExact((SegmentAllocator) arena, slot, config);
      Optional<String> problem = LifecycleApi.problem(status);
      return new Made(problem.isEmpty() ? Memory.getLong(slot.address()) : 0, problem.orElse(""));
    } catch (Error e) {
      throw e;
    } catch (Throwable t) {
      throw new IllegalStateException("Py_NewInterpreterFromConfig failed", t);
    }
  }

  /**
   * Ends the interpreter of the state that the calling thread is attached with, which has to be its
   * only one: CPython aborts the process otherwise. The thread is detached afterwards.
   *
   * @param mainState a state of the calling thread in the main interpreter
   */
  public static void end(long state, long mainState) {
    Shapes.call(Libpython.symbol("Py_EndInterpreter"), state);
    if (LifecycleApi.minorVersion() < 12) {
      // 3.11 leaves the GIL taken, with no state at all.
      Shapes.call(Libpython.symbol("PyThreadState_Swap"), mainState);
      Shapes.call(Libpython.symbol("PyEval_SaveThread"));
    }
    GilState.set(mainState);
  }
}
