package dev.sluice.python;

import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;

/** A Python exception that reached Java, with the exception object itself. */
public final class PythonException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient PyObject exception;

  private PythonException(PyObject exception, String message) {
    super(message);
    this.exception = exception;
  }

  /** Takes the exception that is set on the calling, attached thread. */
  static PythonException take(Interpreter interpreter) {
    long raised = ErrorApi.take();
    if (raised == 0) {
      throw new IllegalStateException("CPython reported a failure without an exception");
    }
    String message = describe(raised);
    return new PythonException(interpreter.own(raised), message);
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
