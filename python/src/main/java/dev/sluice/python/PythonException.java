package dev.sluice.python;

import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;
import dev.sluice.python.exposed.Account;
import dev.sluice.python.exposed.Tracebacks;
import org.jspecify.annotations.Nullable;

/**
 * A Python exception that reached Java, with the exception object itself.
 *
 * <p>Its stack trace shows Python's frames above Java's, as in {@code
 * python//__main__.divide(script.py:3)}. What Python knows as its cause, or as what was being
 * handled, is its cause. Thrown out of a Java function that Python called, it is the same exception
 * object there.
 *
 * <p>A Java exception that travels through Python arrives as itself, checked ones too: what calls
 * Python throws them without declaring it.
 */
public final class PythonException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Longer chains of causes are cut; also those that have no end. */
  private static final int MOST_CAUSES = 20;

  private final transient PyObject exception;

  /** Kept for the case that the exception goes back to Python. */
  private transient @Nullable Account account;

  private PythonException(PyObject exception, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.exception = exception;
  }

  /**
   * Takes the exception that is set on the calling, attached thread.
   *
   * <p>One that stands for a Java exception is not returned: that one is thrown.
   */
  static PythonException take(Interpreter interpreter) {
    long raised = ErrorApi.take();
    if (raised == 0) {
      throw new IllegalStateException("CPython reported a failure without an exception");
    }
    if (interpreter.exposure().toJava(raised) instanceof Throwable original) {
      original.setStackTrace(Tracebacks.above(raised));
      Calls.done(interpreter, raised);
      throw PythonException.<RuntimeException>unchecked(original);
    }
    PythonException taken = of(interpreter, raised, 0);
    taken.account = Tracebacks.account(raised, taken);
    taken.setStackTrace(taken.account.trace());
    Calls.makeWay(interpreter); // the exception's own code may have run
    return taken;
  }

  /** The same, but also one that stands for a Java exception is returned, as Python sees it. */
  static PythonException takeAsRaised(Interpreter interpreter) {
    long raised = ErrorApi.take();
    if (raised == 0) {
      throw new IllegalStateException("CPython reported a failure without an exception");
    }
    return of(interpreter, raised, 0);
  }

  /** Makes the compiler believe that a checked exception is none. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <T extends Throwable> T unchecked(Throwable throwable) throws T {
    throw (T) throwable;
  }

  /** Wraps an exception object, whose reference is given away. */
  private static PythonException of(Interpreter interpreter, long exception, int depth) {
    Throwable cause = depth < MOST_CAUSES ? cause(interpreter, exception, depth) : null;
    return new PythonException(interpreter.own(exception), describe(exception), cause);
  }

  private static @Nullable Throwable cause(Interpreter interpreter, long exception, int depth) {
    long cause = attribute(exception, "__cause__");
    if (cause == 0 && !isSuppressed(exception)) {
      cause = attribute(exception, "__context__");
    }
    if (cause == 0) {
      return null;
    }
    if (interpreter.exposure().toJava(cause) instanceof Throwable original) {
      ObjectApi.decRef(cause);
      return original;
    }
    PythonException result = of(interpreter, cause, depth + 1);
    result.setStackTrace(Tracebacks.of(cause));
    return result;
  }

  private static boolean isSuppressed(long exception) {
    long suppressed = attribute(exception, "__suppress_context__");
    ObjectApi.decRef(suppressed);
    return suppressed == ObjectApi.TRUE;
  }

  /** A new reference; null, with nothing set, for None and where it cannot be had. */
  private static long attribute(long exception, String name) {
    long key = UnicodeApi.fromString(name);
    long value = key == 0 ? 0 : ObjectApi.getAttr(exception, key);
    ObjectApi.decRef(key);
    if (value == 0) {
      ErrorApi.clear();
    } else if (value == ObjectApi.NONE) {
      ObjectApi.decRef(value);
      return 0;
    }
    return value;
  }

  /** "ValueError: text", never raising itself. */
  private static String describe(long raised) {
    String type = UnicodeApi.typeName(raised);
    long text = ObjectApi.str(raised);
    if (text == 0) {
      ErrorApi.clear();
      return type;
    }
    String message = UnicodeApi.toString(text);
    ObjectApi.decRef(text);
    return message.isEmpty() ? type : type + ": " + message;
  }

  /** The exception object. */
  public PyObject exception() {
    return exception;
  }

  /** Python's own account, as the interpreter would print it; attaches the calling thread. */
  public String traceback() {
    try (Attached py = exception.interpreter().attach()) {
      return py.importModule("traceback").attr("format_exception").call(exception).joinedText();
    }
  }
}
