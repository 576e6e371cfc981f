package dev.sluice.server.asgi;

import dev.sluice.python.Attached;
import dev.sluice.python.PyObject;
import dev.sluice.python.PythonException;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.LogText;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What went wrong in applications goes to the log; on the loop's thread, attached. */
final class Failures {
  private static final Logger LOG = LoggerFactory.getLogger("sluice.asgi");

  private Failures() {}

  /** An application has raised an exception. */
  static void report(Attached py, Exchange exchange, PyObject failure) {
    log(py, exchange, "raised an exception\n" + traceback(py, failure).stripTrailing());
  }

  /** Whether an application ended because its task was cancelled. */
  static boolean isCancellation(PyObject failure) {
    try (PyObject type = failure.type();
        PyObject name = type.attr("__name__")) {
      return name.as(String.class).equals("CancelledError");
    }
  }

  /** An exception may be such that even its traceback cannot be formatted. */
  private static String traceback(Attached py, PyObject failure) {
    try (PyObject lines = py.importModule("traceback").callMethod("format_exception", failure)) {
      return String.join("", lines.asList(String.class));
    } catch (PythonException e) {
      ErrorApi.clear();
      return failure.type().attr("__name__").as(String.class)
          + " (its traceback cannot be formatted: "
          + e.getMessage()
          + ")";
    }
  }

  /** Writes with the GIL given back: whoever reads the log may be slow. */
  static void log(Attached py, Exchange exchange, String what) {
    String method = exchange.webSocket() == null ? exchange.request().method() : "WebSocket";
    String request = method + " " + LogText.of(exchange.request().target());
    py.detached(() -> {
      LOG.error("{} {}", request, what);
      return true;
    });
  }

  /**
   * An application has ended without its client.
   *
   * @param failure what it raised; null if it returned
   */
  static void gone(Exchange exchange, @Nullable PyObject failure) {
    if (LOG.isDebugEnabled()) {
      LOG.debug(
          "{} {} {}: the client was gone",
          exchange.request().method(),
          LogText.of(exchange.request().target()),
          failure == null ? "returned" : "raised " + failure);
    }
  }
}
