package dev.sluice.python;

import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;
import org.jspecify.annotations.Nullable;

/**
 * Calls of Python by vectorcall, on an attached thread: arguments go through the thread's {@link
 * ArgumentStack}, without a tuple or a {@link PyObject} for any of them.
 */
final class Calls {
  /** Where nothing stands before the arguments. */
  private static final long NOBODY = 0;

  private Calls() {}

  /** Calls an object: a new reference, or null with an exception set. */
  static long call(
      Interpreter interpreter, ThreadState state, long callable, @Nullable Object[] arguments) {
    return call(interpreter, state, callable, NOBODY, arguments);
  }

  /** Calls the method of an interned name: a new reference, or null with an exception set. */
  static long callMethod(
      Interpreter interpreter,
      ThreadState state,
      long object,
      long name,
      @Nullable Object[] arguments) {
    return call(interpreter, state, name, object, arguments);
  }

  /** The attribute of the name: a new reference; throws what Python raised. */
  static long attribute(Interpreter interpreter, long object, String name) {
    long key = interpreter.names().name(name);
    long value = key == 0 ? 0 : ObjectApi.getAttr(object, key);
    ObjectApi.decRef(key);
    return orThrow(interpreter, value);
  }

  /** Whether there is such an attribute; throws what else Python raised. */
  static boolean hasAttribute(Interpreter interpreter, long object, String name) {
    long key = interpreter.names().name(name);
    long value = key == 0 ? 0 : ObjectApi.getAttr(object, key);
    ObjectApi.decRef(key);
    if (value == 0 && !ErrorApi.matches(ErrorApi.Types.ATTRIBUTE_ERROR)) {
      throw PythonException.take(interpreter);
    }
    if (value == 0) {
      ErrorApi.clear();
    }
    ObjectApi.decRef(value);
    return value != 0;
  }

  /** Sets an attribute, or deletes it if the value is null; -1 on failure. */
  static int storeAttribute(Interpreter interpreter, long object, String name, long value) {
    long key = interpreter.names().name(name);
    int result = key == 0 ? -1 : ObjectApi.setAttr(object, key, value);
    ObjectApi.decRef(key);
    return result;
  }

  /** Calls the method of the name: a new reference; throws what Python raised. */
  static long invoke(
      Interpreter interpreter, long object, String name, @Nullable Object... arguments) {
    long key = orThrow(interpreter, interpreter.names().name(name));
    try {
      return orThrow(
          interpreter, callMethod(interpreter, state(interpreter), object, key, arguments));
    } finally {
      ObjectApi.decRef(key);
    }
  }

  /** Calls what the standard library gives: a new reference, or null with an exception set. */
  static long make(
      Interpreter interpreter, Names.Imported callable, @Nullable Object... arguments) {
    long address = interpreter.names().imported(callable);
    return address == 0 ? 0 : call(interpreter, state(interpreter), address, arguments);
  }

  /** The text of a new reference to a str, which is released; throws what Python raised. */
  static String text(Interpreter interpreter, long str) {
    orThrow(interpreter, str);
    try {
      return UnicodeApi.toString(str);
    } finally {
      done(interpreter, str);
    }
  }

  static SluiceException closedObject(Interpreter interpreter) {
    return new SluiceException(
        PythonError.SCOPE_CLOSED,
        "a Python object of the interpreter %s was used on thread %s after it was closed. Close it"
                .formatted(interpreter.name(), Errors.name(Thread.currentThread()))
            + " when nobody uses it any more, or leave it to the collector.");
  }

  /** A reference that is not null; throws what Python raised otherwise. */
  static long orThrow(Interpreter interpreter, long reference) {
    if (reference == 0) {
      throw PythonException.take(interpreter);
    }
    return reference;
  }

  /** Hands a result of Python's on; if another thread waits in vain, it gets the GIL before. */
  static long back(ThreadState state, long result) {
    state.interpreter.crossings().intoPython++;
    state.interpreter.gate().giveWay(state);
    return result;
  }

  /**
   * Ends a use of a reference, and with it a call of Python's: see {@link #back}. Everything that
   * Java code can have done by Python ends with one of the two.
   */
  static void done(Interpreter interpreter, long reference) {
    ObjectApi.decRef(reference);
    makeWay(interpreter);
  }

  /** Lets in whoever waits for the GIL in vain; on an attached thread. */
  static void makeWay(Interpreter interpreter) {
    ThreadState state = ThreadContext.get().current;
    if (state != null && state.interpreter == interpreter) {
      interpreter.gate().giveWay(state);
    }
  }

  /** The same after what hardly ever runs Python code: see {@link Gate#giveWayOutside}. */
  static void makeWayOutside(Interpreter interpreter) {
    ThreadState state = ThreadContext.get().current;
    if (state != null && state.interpreter == interpreter) {
      interpreter.gate().giveWayOutside(state);
    }
  }

  /** The calling thread's state, which is attached. */
  static ThreadState state(Interpreter interpreter) {
    ThreadState state = ThreadContext.currentIn(interpreter);
    if (state == null) {
      throw ThreadContext.notAttached(interpreter);
    }
    state.stack.require();
    return state;
  }

  /**
   * One call. The slot before the arguments is the callee's to use; for a method it holds the
   * object.
   */
  private static long call(
      Interpreter interpreter,
      ThreadState state,
      long callableOrName,
      long self,
      @Nullable Object[] arguments) {
    int count = arguments.length;
    Keywords keywords = null;
    if (count > 0 && arguments[count - 1] instanceof Keywords last) {
      keywords = last;
      count--;
    }
    int all = keywords == null ? count : count + keywords.names().size();
    long slots = state.arguments.take(all + 2);
    long first = slots + 16;
    long names = 0;
    int made = 0;
    try {
      while (made < all) {
        Object argument =
            made < count || keywords == null ? arguments[made] : keywords.value(made - count);
        long converted = Conversions.toPython(interpreter, argument);
        if (converted == 0) {
          return 0;
        }
        Memory.putLong(first + 8L * made, converted);
        made++;
      }
      if (keywords != null) {
        names = interpreter.names().keywordNames(keywords.names());
        if (names == 0) {
          return 0;
        }
      }
      if (self == NOBODY) {
        return back(
            state,
            ObjectApi.vectorcall(callableOrName, first, count | ObjectApi.ARGUMENTS_OFFSET, names));
      }
      Memory.putLong(slots + 8, self);
      return back(
          state,
          ObjectApi.callMethod(
              callableOrName, slots + 8, (count + 1) | ObjectApi.ARGUMENTS_OFFSET, names));
    } finally {
      for (int i = 0; i < made; i++) {
        ObjectApi.decRef(Memory.getLong(first + 8L * i));
      }
      if (names != 0) {
        ObjectApi.decRef(names);
      }
      state.arguments.back(slots);
    }
  }
}
