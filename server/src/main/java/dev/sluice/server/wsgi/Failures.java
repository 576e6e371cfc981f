package dev.sluice.server.wsgi;

import dev.sluice.python.Attached;
import dev.sluice.python.PythonException;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.LogText;
import dev.sluice.server.exchange.ResponseHead;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What went wrong in an application goes to the log, and its client is told what can still be told;
 * on the thread that calls the application, attached.
 */
final class Failures {
  private static final Logger LOG = LoggerFactory.getLogger("sluice.wsgi");

  private Failures() {}

  /** A Python exception is set. */
  static void fail(Attached py, Call call) {
    PythonException failure = py.failureAsRaised();
    if (call.exchange().isOpen()) {
      report(py, call.exchange(), failure);
    } else {
      LOG.debug("the client was gone: {}", failure.getMessage());
    }
    answer(call);
    failure.exception().close();
  }

  /** The server itself has failed. */
  static void defect(Attached py, Call call, Throwable error) {
    ErrorApi.clear();
    log(py, call.exchange(), "was not answered because of a defect of the server: " + error);
    LOG.debug("where it failed", error);
    answer(call);
  }

  static void report(Attached py, Exchange exchange, PythonException failure) {
    log(py, exchange, "raised an exception\n" + traceback(failure).stripTrailing());
  }

  /** An exception may be such that even its traceback cannot be formatted. */
  private static String traceback(PythonException failure) {
    try {
      return failure.traceback();
    } catch (RuntimeException e) {
      ErrorApi.clear();
      return failure.getMessage() + " (its traceback cannot be formatted: " + e.getMessage() + ")";
    }
  }

  /** Writes to the log with the GIL given back: whoever reads the log may be slow. */
  static void log(Attached py, Exchange exchange, String what) {
    String request = exchange.request().method() + " " + LogText.of(exchange.request().target());
    py.detached(() -> {
      LOG.error("{} {}", request, what);
      return true;
    });
  }

  /** Answers 500, or breaks off what has begun. */
  static void answer(Call call) {
    if (call.isBegun()) {
      call.exchange().abort();
      return;
    }
    call.setBegun();
    byte[] text = "Internal Server Error\n".getBytes(StandardCharsets.US_ASCII);
    ResponseHead head = call.head();
    head.reset(500, "Internal Server Error");
    head.header("Content-Type", "text/plain; charset=utf-8");
    call.exchange().respond(head, ByteBuffer.wrap(text));
  }
}
