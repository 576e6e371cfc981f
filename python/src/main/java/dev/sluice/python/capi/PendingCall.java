package dev.sluice.python.capi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * Java code that Python's main thread runs, attached, when it next looks whether a signal has
 * arrived (ceval.h); lives for ever. Any thread may ask for it, attached or not.
 */
public final class PendingCall {
  private static final MemorySegment ADD = Libpython.symbol("Py_AddPendingCall");

  private final long stub;

  public PendingCall(Runnable body) {
    try {
      MethodHandle run =
          MethodHandles.lookup()
              .findStatic(
                  PendingCall.class,
                  "run",
                  MethodType.methodType(int.class, Runnable.class, long.class))
              .bindTo(body);
      stub =
          Linker.nativeLinker()
              .upcallStub(run, FunctionDescriptor.of(JAVA_INT, JAVA_LONG), Arena.global())
              .address();
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("PendingCall.run", e);
    }
  }

  // Called by CPython only: an exception that left it would end the JVM, so that all are caught.
  @SuppressWarnings("unused")
  private static int run(Runnable body, long argument) {
    boolean counted = JavaFrames.isCounting();
    long outer = counted ? JavaFrames.enter() : 0;
    try {
      body.run();
    } catch (Throwable ignored) {
      // -1 would need an exception of Python's, raised in the midst of somebody else's code.
    }
    if (counted) {
      JavaFrames.leave(outer);
    }
    return 0;
  }

  /** Asks for it once; false if too many calls of others wait. */
  public boolean add() {
    return (int) Shapes.call(ADD, stub, 0) == 0;
  }
}
