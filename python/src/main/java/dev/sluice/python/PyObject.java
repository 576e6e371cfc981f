package dev.sluice.python;

import dev.sluice.python.capi.ContainerApi;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;
import java.lang.ref.Cleaner;
import org.jspecify.annotations.Nullable;

/**
 * A reference to a Python object; may be kept and handed to any thread, and dropped anywhere.
 *
 * <p>Every use needs a thread attached to the object's interpreter, and throws otherwise. An object
 * that is no longer reachable gives its reference back by itself, at the interpreter's next attach;
 * {@link #close} does so at once.
 */
public final class PyObject implements AutoCloseable {
  private static final Cleaner CLEANER = Cleaner.create();

  private final Interpreter interpreter;
  private final Reference reference;
  private final Cleaner.Cleanable cleanable;

  PyObject(Interpreter interpreter, long address) {
    this.interpreter = interpreter;
    this.reference = new Reference(interpreter, address);
    this.cleanable = CLEANER.register(this, reference);
  }

  /** The counted reference; runs on the cleaner's thread, or on that of {@link #close}. */
  private static final class Reference implements Runnable {
    private final Interpreter interpreter;
    private final long address;
    private volatile boolean closed;

    Reference(Interpreter interpreter, long address) {
      this.interpreter = interpreter;
      this.address = address;
    }

    @Override
    public void run() {
      closed = true;
      if (ThreadContext.currentIn(interpreter) != null) {
        ObjectApi.decRef(address);
      } else {
        interpreter.drop(address);
      }
    }
  }

  /** The interpreter that the object lives in. */
  public Interpreter interpreter() {
    return interpreter;
  }

  /** The {@code PyObject*}, borrowed: valid while this object is reachable and not closed. */
  public long address() {
    if (reference.closed) {
      throw new SluiceException(
          PythonError.SCOPE_CLOSED, "a Python object was used after it was closed.");
    }
    if (ThreadContext.currentIn(interpreter) == null) {
      throw new SluiceException(
          PythonError.NOT_ATTACHED,
          "thread %s used a Python object of the interpreter %s without being attached to it. Wrap"
                  .formatted(Errors.name(Thread.currentThread()), interpreter.name())
              + " the use in try (Attached py = interpreter.attach()).");
    }
    return reference.address;
  }

  /** The attribute of the name. */
  public PyObject attr(String name) {
    long object = address();
    long key = UnicodeApi.fromString(name);
    try {
      return own(ObjectApi.getAttr(object, key));
    } finally {
      ObjectApi.decRef(key);
      keepUntilHere();
    }
  }

  /** Sets the attribute of the name. */
  public void setAttr(String name, @Nullable Object value) {
    long object = address();
    long key = UnicodeApi.fromString(name);
    long converted = Conversions.toPython(interpreter, value);
    try {
      if (converted == 0 || ObjectApi.setAttr(object, key, converted) < 0) {
        throw PythonException.take(interpreter);
      }
    } finally {
      ObjectApi.decRef(converted);
      ObjectApi.decRef(key);
      keepUntilHere();
    }
  }

  /** {@code self[key]}. */
  public PyObject item(Object key) {
    long object = address();
    long converted = Conversions.toPython(interpreter, key);
    try {
      return own(converted == 0 ? 0 : ObjectApi.getItem(object, converted));
    } finally {
      ObjectApi.decRef(converted);
      keepUntilHere();
    }
  }

  /** Calls the object with positional arguments. */
  public PyObject call(@Nullable Object... arguments) {
    long object = address();
    long tuple = ContainerApi.newTuple(arguments.length);
    try {
      for (int i = 0; i < arguments.length; i++) {
        long argument = Conversions.toPython(interpreter, arguments[i]);
        if (argument == 0) {
          throw PythonException.take(interpreter);
        }
        ContainerApi.setTupleItem(tuple, i, argument);
      }
      return own(ObjectApi.call(object, tuple, 0));
    } finally {
      ObjectApi.decRef(tuple);
      keepUntilHere();
    }
  }

  /** Calls a method with positional arguments. */
  public PyObject callMethod(String name, @Nullable Object... arguments) {
    try (PyObject method = attr(name)) {
      return method.call(arguments);
    }
  }

  public boolean isCallable() {
    return ObjectApi.isCallable(address());
  }

  public boolean isNone() {
    return address() == ObjectApi.NONE;
  }

  /** The truth value, as {@code bool()}. */
  public boolean isTrue() {
    int result = ObjectApi.isTrue(address());
    keepUntilHere();
    if (result < 0) {
      throw PythonException.take(interpreter);
    }
    return result != 0;
  }

  /** The value as a Java type; see {@link Conversions}. */
  public <T> T as(Class<T> type) {
    try {
      return Conversions.toJava(this, type);
    } finally {
      keepUntilHere();
    }
  }

  /** The strings that the object yields, joined. */
  String joinedText() {
    long iterator = ObjectApi.getIter(address());
    keepUntilHere();
    if (iterator == 0) {
      throw PythonException.take(interpreter);
    }
    StringBuilder text = new StringBuilder();
    try {
      long item;
      while ((item = ObjectApi.next(iterator)) != 0) {
        text.append(UnicodeApi.toString(item));
        ObjectApi.decRef(item);
      }
    } finally {
      ObjectApi.decRef(iterator);
    }
    if (ErrorApi.occurred()) {
      throw PythonException.take(interpreter);
    }
    return text.toString();
  }

  /**
   * Keeps this object reachable up to here: once its address has been read the collector may take
   * it, and its reference with it, while CPython still works on it.
   */
  @SuppressWarnings("ReachabilityFenceUsage") // the callers' finally blocks are where it stands
  private void keepUntilHere() {
    java.lang.ref.Reference.reachabilityFence(this);
  }

  private PyObject own(long result) {
    if (result == 0) {
      throw PythonException.take(interpreter);
    }
    return interpreter.own(result);
  }

  /** {@code str()} of the object where the thread is attached; otherwise what can be said. */
  @Override
  public String toString() {
    if (reference.closed || ThreadContext.currentIn(interpreter) == null) {
      return "a Python object of the interpreter " + interpreter.name();
    }
    long text = ObjectApi.str(reference.address);
    keepUntilHere();
    if (text == 0) {
      throw PythonException.take(interpreter);
    }
    try {
      return UnicodeApi.toString(text);
    } finally {
      ObjectApi.decRef(text);
    }
  }

  /** Gives the reference back; from any thread, and more than once does no harm. */
  @Override
  public void close() {
    cleanable.clean();
  }
}
