package dev.sluice.python;

import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.NumberApi;
import dev.sluice.python.capi.ObjectApi;
import org.jspecify.annotations.Nullable;

/**
 * A Python callable that Java calls often; may be kept and handed to any thread, and each call
 * needs an attached one.
 *
 * <p>Nothing is made for the collector on the way: arguments have no PyObject, nor has a result
 * that becomes a plain Java value. A call costs about what it costs inside Python.
 */
public final class PyFunction implements AutoCloseable {
  private final PyObject object;
  private final Interpreter interpreter;

  PyFunction(PyObject object) {
    this.object = object;
    this.interpreter = object.interpreter();
  }

  /** What is called. */
  public PyObject object() {
    return object;
  }

  /** Calls, for whatever the result is. */
  public PyObject call(@Nullable Object... arguments) {
    return interpreter.own(result(arguments));
  }

  /** Calls, and forgets the result. */
  public void run(@Nullable Object... arguments) {
    Calls.done(interpreter, result(arguments));
  }

  /**
   * Calls, for the result's value.
   *
   * @throws ClassCastException if it has no value of that type, as None has none
   */
  @SuppressWarnings("unchecked") // int.class is a Class<Integer>
  public <T> T callAs(Class<T> type, @Nullable Object... arguments) {
    long result = result(arguments);
    try {
      Object value = Conversions.toJava(interpreter, result, type, 0);
      if (value == null) {
        throw Conversions.noValue(result, type);
      }
      return (T) value;
    } finally {
      Calls.done(interpreter, result);
    }
  }

  /** Calls with an int, for an int. */
  public long callLong(long a) {
    ThreadState state = Calls.state(interpreter);
    long slots = state.arguments.take(2);
    Memory.putLong(slots + 8, NumberApi.fromLong(a));
    return toLong(state, slots, 1);
  }

  /** Calls with two ints, for an int. */
  public long callLong(long a, long b) {
    ThreadState state = Calls.state(interpreter);
    long slots = state.arguments.take(3);
    Memory.putLong(slots + 8, NumberApi.fromLong(a));
    Memory.putLong(slots + 16, NumberApi.fromLong(b));
    return toLong(state, slots, 2);
  }

  /** Calls with a float, for a float. */
  public double callDouble(double a) {
    ThreadState state = Calls.state(interpreter);
    long slots = state.arguments.take(2);
    Memory.putLong(slots + 8, NumberApi.fromDouble(a));
    return toDouble(state, slots, 1);
  }

  /** Calls with two floats, for a float. */
  public double callDouble(double a, double b) {
    ThreadState state = Calls.state(interpreter);
    long slots = state.arguments.take(3);
    Memory.putLong(slots + 8, NumberApi.fromDouble(a));
    Memory.putLong(slots + 16, NumberApi.fromDouble(b));
    return toDouble(state, slots, 2);
  }

  private long toLong(ThreadState state, long slots, int count) {
    long result = callNumbers(state, slots, count);
    try {
      return Numbers.toLong(interpreter, result, long.class);
    } finally {
      Calls.done(interpreter, result);
    }
  }

  private double toDouble(ThreadState state, long slots, int count) {
    long result = callNumbers(state, slots, count);
    try {
      return Numbers.toDouble(interpreter, result, double.class);
    } finally {
      Calls.done(interpreter, result);
    }
  }

  /**
   * Calls with numbers that stand in the slots after the first, and takes everything back. One that
   * could not be made is null, with an exception set.
   */
  private long callNumbers(ThreadState state, long slots, int count) {
    try {
      for (int i = 1; i <= count; i++) {
        Calls.orThrow(interpreter, Memory.getLong(slots + 8L * i));
      }
      long callable = object.holdAttached();
      try {
        return Calls.orThrow(
            interpreter,
            Calls.back(
                state,
                ObjectApi.vectorcall(callable, slots + 8, count | ObjectApi.ARGUMENTS_OFFSET, 0)));
      } finally {
        ObjectApi.decRef(callable);
      }
    } finally {
      for (int i = 1; i <= count; i++) {
        ObjectApi.decRefQuick(Memory.getLong(slots + 8L * i));
      }
      state.arguments.back(slots);
    }
  }

  private long result(@Nullable Object[] arguments) {
    ThreadState state = Calls.state(interpreter);
    long callable = object.holdAttached();
    try {
      return Calls.orThrow(interpreter, Calls.call(interpreter, state, callable, arguments));
    } finally {
      ObjectApi.decRef(callable);
      interpreter.gate().giveWay(state);
    }
  }

  @Override
  public String toString() {
    return object.toString();
  }

  /** Closes the object behind it. */
  @Override
  public void close() {
    object.close();
  }
}
