import dev.sluice.python.Attached;
import dev.sluice.python.InterpreterOptions;
import dev.sluice.python.Interpreter;
import dev.sluice.python.PyBuffer;
import dev.sluice.python.PyObject;
import dev.sluice.python.Python;
import dev.sluice.python.PythonException;
import dev.sluice.python.PythonOptions;
import dev.sluice.python.SharedMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/** 100 MB from Java to numpy and back, in place; and what an own-GIL interpreter says to numpy. */
public final class NumpyArrays {
  private static final long ITEMS = 12_500_000;

  public static void main(String[] arguments) {
    try (Python python = Python.open(PythonOptions.of(Path.of(arguments[0])))) {
      try (Attached py = python.main().attach()) {
        py.exec(
            """
            import time
            import numpy as np

            def shared(memory):
                started = time.perf_counter()
                array = np.frombuffer(memory, dtype=np.float64)
                taken = time.perf_counter() - started
                started = time.perf_counter()
                array.copy()
                copied = time.perf_counter() - started
                array[-1] = 7.0
                return [array.nbytes, array.ctypes.data if hasattr(array, "ctypes") else 0,
                        copied / taken]

            made = np.arange(12_500_000, dtype=np.float64)
            """);
        toNumpy(py);
        toJava(py);
      }
      elsewhere(python);
    }
  }

  private static void toNumpy(Attached py) {
    MemorySegment memory = Arena.ofAuto().allocate(ITEMS * 8, 8);
    try (SharedMemory shared = SharedMemory.of(py, memory, "d", 8)) {
      PyObject seen = py.eval("shared").call(shared);
      System.out.println("to numpy: " + seen.item(0).as(Long.class) + " bytes");
      System.out.println("same address: " + (seen.item(1).as(Long.class) == memory.address()));
      System.out.println("at least 10 x faster than a copy: " + (seen.item(2).as(Double.class) > 10));
    }
    System.out.println("written there: " + memory.getAtIndex(ValueLayout.JAVA_DOUBLE, ITEMS - 1));
  }

  private static void toJava(Attached py) {
    PyObject array = py.eval("made");
    try (PyBuffer buffer = array.writableBuffer()) {
      MemorySegment memory = buffer.segment();
      System.out.println("to Java: " + memory.byteSize() + " bytes of format " + buffer.format());
      System.out.println(
          "same address: "
              + (memory.address() == array.attr("ctypes").attr("data").as(Long.class)));
      memory.setAtIndex(ValueLayout.JAVA_DOUBLE, 1, 41.5);
    }
    System.out.println("written here: " + py.eval("float(made[1])"));
  }

  private static void elsewhere(Python python) {
    try (Interpreter other = python.newInterpreter(InterpreterOptions.ownGil());
        Attached py = other.attach()) {
      py.importModule("numpy");
      System.out.println("imported");
    } catch (PythonException e) {
      System.out.println(
          "refused: " + e.getMessage().contains("does not support loading in subinterpreters"));
    }
  }
}
