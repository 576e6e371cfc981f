package dev.sluice.python.capi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** The exception of the calling thread (pyerrors.h); every method needs an attached thread. */
public final class ErrorApi {
  private static final MemorySegment OCCURRED = Libpython.symbol("PyErr_Occurred");
  private static final MemorySegment CLEAR = Libpython.symbol("PyErr_Clear");
  private static final MemorySegment SET_OBJECT = Libpython.symbol("PyErr_SetObject");
  private static final MemorySegment SET_NONE = Libpython.symbol("PyErr_SetNone");
  private static final MemorySegment MATCHES = Libpython.symbol("PyErr_ExceptionMatches");
  private static final MemorySegment UNRAISABLE = Libpython.symbol("PyErr_WriteUnraisable");
  private static final MemorySegment SET_CONTEXT = Libpython.symbol("PyException_SetContext");
  private static final MemorySegment CHECK_SIGNALS = Libpython.symbol("PyErr_CheckSignals");

  // 3.12 and later have one exception object; before, there were three that had to be normalised.
  private static final Optional<MemorySegment> GET_RAISED =
      Libpython.optional("PyErr_GetRaisedException");

  private ErrorApi() {}

  /** The functions of Python 3.11. */
  private static final class Triple {
    static final MemorySegment FETCH = Libpython.symbol("PyErr_Fetch");
    static final MemorySegment NORMALIZE = Libpython.symbol("PyErr_NormalizeException");
    static final MemorySegment SET_TRACEBACK = Libpython.symbol("PyException_SetTraceback");
  }

  /** The addresses of exception types, borrowed. */
  public static final class Types {
    public static final long RUNTIME_ERROR = indirect("PyExc_RuntimeError");
    public static final long RECURSION_ERROR = indirect("PyExc_RecursionError");
    public static final long TYPE_ERROR = indirect("PyExc_TypeError");
    public static final long VALUE_ERROR = indirect("PyExc_ValueError");
    public static final long ASSERTION_ERROR = indirect("PyExc_AssertionError");
    public static final long INDEX_ERROR = indirect("PyExc_IndexError");
    public static final long KEY_ERROR = indirect("PyExc_KeyError");
    public static final long SYNTAX_ERROR = indirect("PyExc_SyntaxError");
    public static final long OVERFLOW_ERROR = indirect("PyExc_OverflowError");
    public static final long IMPORT_ERROR = indirect("PyExc_ImportError");
    public static final long ATTRIBUTE_ERROR = indirect("PyExc_AttributeError");
    public static final long BUFFER_ERROR = indirect("PyExc_BufferError");
    public static final long STOP_ITERATION = indirect("PyExc_StopIteration");
    public static final long SYSTEM_EXIT = indirect("PyExc_SystemExit");
    public static final long OS_ERROR = indirect("PyExc_OSError");
    public static final long CONNECTION_ERROR = indirect("PyExc_ConnectionError");

    private Types() {}

    private static long indirect(String name) {
      return Memory.getLong(Libpython.address(name));
    }
  }

  public static boolean occurred() {
    return Shapes.call(OCCURRED) != 0;
  }

  public static void clear() {
    Shapes.call(CLEAR);
  }

  public static boolean matches(long exceptionType) {
    return (int) Shapes.call(MATCHES, exceptionType) != 0;
  }

  /** Runs the handlers of signals that have arrived; -1 with an exception set if one raised. */
  public static int checkSignals() {
    return (int) Shapes.call(CHECK_SIGNALS);
  }

  /** Takes the exception off the thread: a new reference with its traceback; null if none. */
  public static long take() {
    if (GET_RAISED.isPresent()) {
      return Shapes.call(GET_RAISED.get());
    }
    try (Arena arena = Arena.ofConfined()) {
      long slots = arena.allocate(24, 8).address();
      Shapes.call(Triple.FETCH, slots, slots + 8, slots + 16);
      if (Memory.getLong(slots) == 0) {
        return 0;
      }
      Shapes.call(Triple.NORMALIZE, slots, slots + 8, slots + 16);
      long value = Memory.getLong(slots + 8);
      long traceback = Memory.getLong(slots + 16);
      if (value != 0 && traceback != 0) {
        Shapes.call(Triple.SET_TRACEBACK, value, traceback);
      }
      ObjectApi.decRef(Memory.getLong(slots));
      ObjectApi.decRef(traceback);
      return value;
    }
  }

  /** Raises an exception instance on this thread; the caller keeps its reference. */
  public static void raise(long exception) {
    Shapes.call(SET_OBJECT, ObjectApi.type(exception), exception);
  }

  /** Raises one exception instance in the course of another one; takes both references. */
  public static void raiseAfter(long exception, long context) {
    raise(exception);
    Shapes.call(SET_CONTEXT, exception, context); // steals
    ObjectApi.decRef(exception);
  }

  /** Raises a new exception of the type without arguments. */
  public static void raiseNone(long exceptionType) {
    Shapes.call(SET_NONE, exceptionType);
  }

  /** Raises a new exception of the type with the message. */
  public static void raise(long exceptionType, String message) {
    long text = UnicodeApi.fromString(message);
    if (text != 0) {
      Shapes.call(SET_OBJECT, exceptionType, text);
      ObjectApi.decRef(text);
    }
  }

  /** Reports the thread's exception through {@code sys.unraisablehook} and clears it. */
  public static void writeUnraisable(long context) {
    Shapes.call(UNRAISABLE, context);
  }
}
