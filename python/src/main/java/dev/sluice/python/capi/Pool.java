package dev.sluice.python.capi;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;

/**
 * Native memory and entry points of Java that one interpreter holds on to; any thread.
 *
 * <p>A pool stays until it is closed, whoever else has forgotten it: CPython may call what is in
 * it, and so the JVM keeps whatever an entry point leads to. It must be closed only when the
 * interpreter is gone: a call that came afterwards would end the JVM.
 */
public final class Pool implements AutoCloseable {
  private final Arena arena = Arena.ofShared();

  public long allocate(long size) {
    return arena.allocate(size, 16).address();
  }

  /** A C string. */
  public long string(String text) {
    return arena.allocateFrom(text).address();
  }

  /**
   * A native function that runs the target, whose parameters and result are longs (or no result).
   * The target must throw nothing: that would end the JVM.
   */
  public long stub(MethodHandle target) {
    MemoryLayout[] parameters = new MemoryLayout[target.type().parameterCount()];
    Arrays.fill(parameters, JAVA_LONG);
    FunctionDescriptor descriptor =
        target.type().returnType() == void.class
            ? FunctionDescriptor.ofVoid(parameters)
            : FunctionDescriptor.of(JAVA_LONG, parameters);
    return Linker.nativeLinker()
        .upcallStub(JavaFrames.counted(target), descriptor, arena)
        .address();
  }

  /** The definition of a builtin function (PyMethodDef) that takes positional arguments only. */
  public long function(String name, String doc, MethodHandle target) {
    long def = allocate(32);
    Memory.putLong(def, string(name));
    Memory.putLong(def + 8, stub(target));
    Memory.putInt(def + 16, 0x80); // METH_FASTCALL
    Memory.putLong(def + 24, string(doc));
    return def;
  }

  /** Frees the memory and the entry points; costs a handshake with all threads. */
  @Override
  public void close() {
    arena.close();
  }
}
