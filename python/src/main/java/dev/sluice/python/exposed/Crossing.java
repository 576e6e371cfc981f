package dev.sluice.python.exposed;

import dev.sluice.python.Attached;
import dev.sluice.python.PyBuffer;
import dev.sluice.python.PyObject;
import java.lang.reflect.Type;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What exposing needs of the interpreter's inner life; on a thread that holds its GIL. */
public interface Crossing {
  /** A new reference to the Python value of a Java one, or null with an exception set. */
  long convert(@Nullable Object value);

  /**
   * The Java value of a Python one.
   *
   * @throws ClassCastException if there is none of the type
   */
  @Nullable Object convert(long object, Type type);

  /** Whether the object can be called, where that is enough, or has what the interface's have. */
  boolean canBe(long object, Class<?> type);

  /** Whether the object has the attribute. */
  boolean has(long object, String attribute);

  /** Runs code attached, on whatever thread; on a virtual one, a worker does. */
  <T extends @Nullable Object> T attached(Supplier<T> code);

  /** The Python object of this interpreter that a Java one only stands for; null if none. */
  @Nullable PyObject behind(Object value);

  /** Whether the object lives in this interpreter. */
  boolean owns(PyObject object);

  /** Wraps a borrowed reference. */
  PyObject wrap(long object);

  /**
   * A new reference to an object with the buffer protocol over memory of Java's.
   *
   * @param memory a buffer, a segment, or an array of primitives
   * @throws IllegalArgumentException if Python cannot have this memory
   */
  long share(Object memory, boolean isWritable);

  /** The memory of an object with the buffer protocol. */
  PyBuffer buffer(long object);

  /** Gives the GIL back until {@link #restore}, which takes what this gives. */
  Object release();

  void restore(Object released);

  /**
   * Begins a call from Python, on a thread that Python may have started; null if it has not.
   *
   * @throws PythonRaise if the call has to be refused
   */
  @Nullable Attached enter();

  /**
   * Where a signal has interrupted the Java code that was called: runs its handler.
   *
   * @return a new reference to the exception that the handler raised, or null
   */
  long raisedBySignal();

  /** Undoes {@link #enter}. */
  void leave(@Nullable Attached entered);

  /** A scope for a method that wants one. */
  Attached scope();

  /** Takes Python's exception off the thread; throws it, or the Java one that it stands for. */
  RuntimeException raised();
}
