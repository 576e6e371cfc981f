package dev.sluice.server.wsgi;

import dev.sluice.python.Attached;
import dev.sluice.python.PyObject;
import dev.sluice.python.PythonException;
import dev.sluice.python.capi.AsyncExceptions;
import dev.sluice.python.capi.BytesApi;
import dev.sluice.python.capi.ContainerApi;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;
import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.LogText;
import dev.sluice.server.exchange.ResponseHead;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls the application for one request after the other and sends what it returns; used by one
 * worker thread, attached.
 *
 * <p>An iterable is run to its end on the thread that began it, because thread-locals and SQLite
 * connections depend on that.
 */
final class WsgiCaller implements WorkerPool.Job {
  private static final Logger LOG = LoggerFactory.getLogger("sluice.wsgi");
  private static final int JOINED = 64 * 1024;

  /**
   * Up to this size an answer of one piece is handed over at once, and its worker is free; of a
   * larger one so much is in memory as the client takes, and the worker waits.
   */
  private static final int AT_ONCE = 64 << 20;

  /** One of those that are called: what all of an interpreter have in common is its. */
  private final WsgiApplication application;

  private final WsgiOptions options;
  private @Nullable Call spare;

  WsgiCaller(WsgiApplication application, WsgiOptions options) {
    this.application = application;
    this.options = options;
  }

  /** One attach for as long as there is work. */
  @Override
  public void drain(WsgiRequest first, Supplier<@Nullable WsgiRequest> more) {
    long begun = System.nanoTime();
    try (Attached py = application.interpreter().attach()) {
      options.gilWait().accept(System.nanoTime() - begun);
      for (WsgiRequest request = first; request != null; request = more.get()) {
        handle(py, request);
      }
    }
  }

  private void handle(Attached py, WsgiRequest request) {
    try {
      if (request.begin()) {
        call(py, request);
      }
    } finally {
      if (request.isInterrupted()) {
        // It may not have been raised, and is not meant for the next request.
        AsyncExceptions.clear(AsyncExceptions.ident());
      }
    }
  }

  private void call(Attached py, WsgiRequest request) {
    Exchange exchange = request.exchange();
    Call call = spare == null ? new Call(application.interpreter()) : spare;
    spare = null;
    call.start(request);
    long environ = 0;
    long result = 0;
    try {
      environ = request.application().environ(py, request, call);
      if (environ != 0) {
        result = callApplication(py, request.application(), environ, call);
      }
      if (result == 0 || !respond(py, call, result)) {
        fail(py, call);
      }
    } catch (PythonException e) {
      report(py, exchange, e);
      answerFailure(call);
    } catch (RuntimeException | Error e) {
      ErrorApi.clear();
      log(py, exchange, "was not answered because of a defect of the server: " + e);
      LOG.debug("where it failed", e);
      answerFailure(call);
    } finally {
      release(py, call, environ, result);
    }
  }

  private static long callApplication(
      Attached py, WsgiApplication called, long environ, Call call) {
    long arguments = py.scratch();
    Memory.putLong(arguments + 8, environ);
    Memory.putLong(arguments + 16, call.startResponse());
    PyObject callable = called.callable();
    try {
      return ObjectApi.vectorcall(
          callable.address(), arguments + 8, 2 | ObjectApi.ARGUMENTS_OFFSET, 0);
    } finally {
      Reference.reachabilityFence(callable); // it may be replaced meanwhile
    }
  }

  /** Sends what the application returned. On failure a Python exception is set. */
  private boolean respond(Attached py, Call call, long result) {
    long type = ObjectApi.type(result);
    if (type == ContainerApi.LIST_TYPE || type == ContainerApi.TUPLE_TYPE) {
      return respondWith(call, result, type == ContainerApi.LIST_TYPE);
    }
    if (FileResponse.send(py, application, call, result)) {
      return true;
    }
    long iterator = ObjectApi.getIter(result);
    if (iterator == 0) {
      return false;
    }
    try {
      return iterate(call, iterator);
    } finally {
      ObjectApi.decRef(iterator);
    }
  }

  /** A list or tuple: its pieces are all there, so that they can go out together. */
  private boolean respondWith(Call call, long sequence, boolean list) {
    long total = 0;
    long count = ContainerApi.size(sequence);
    for (long i = 0; i < count; i++) {
      long piece = item(sequence, i, list);
      if (!StartResponse.isBytes(piece)) {
        return notBytes(piece);
      }
      total += BytesApi.size(piece);
    }
    if (!call.isHeadSet()) {
      return notStarted();
    }
    if (!call.isBegun() && total <= (count == 1 ? AT_ONCE : JOINED)) {
      call.setBegun();
      call.exchange().respond(call.head(), joined(sequence, list, count, (int) total));
      return true;
    }
    if (!call.isBegun() && call.head().contentLength() < 0) {
      call.head().header("Content-Length", Long.toString(total));
      call.head().declareContentLength(total);
    }
    // Sending may give the GIL back, and then a list may be changed under our hands.
    long pieces = list ? ContainerApi.asTuple(sequence) : sequence;
    if (pieces == 0) {
      return false;
    }
    try {
      return sendAll(call, pieces) && end(call);
    } finally {
      if (list) {
        ObjectApi.decRef(pieces);
      }
    }
  }

  private static boolean sendAll(Call call, long tuple) {
    for (long i = 0; i < ContainerApi.size(tuple); i++) {
      long piece = ContainerApi.tupleItem(tuple, i);
      if (BytesApi.size(piece) > 0 && !StartResponse.send(call, piece)) {
        return false;
      }
    }
    return true;
  }

  private static long item(long sequence, long index, boolean list) {
    return list ? ContainerApi.listItem(sequence, index) : ContainerApi.tupleItem(sequence, index);
  }

  private static ByteBuffer joined(long sequence, boolean list, long count, int total) {
    if (count == 1) {
      return view(item(sequence, 0, list));
    }
    byte[] body = new byte[total];
    int at = 0;
    for (long i = 0; i < count; i++) {
      long piece = item(sequence, i, list);
      int size = (int) BytesApi.size(piece);
      Memory.copy(BytesApi.data(piece), body, at, size);
      at += size;
    }
    return ByteBuffer.wrap(body);
  }

  private boolean iterate(Call call, long iterator) {
    boolean whole = false;
    long piece;
    while ((piece = ObjectApi.next(iterator)) != 0) {
      try {
        if (!StartResponse.isBytes(piece)) {
          return notBytes(piece);
        }
        if (BytesApi.size(piece) > 0) {
          if (isWhole(call, piece)) {
            // The one piece there is: head and body go out together.
            call.setBegun();
            whole = true;
            call.exchange().respond(call.head(), view(piece));
          } else if (whole) {
            LOG.warn("the application sent more than its Content-Length; the rest was cut off");
          } else if (!StartResponse.send(call, piece)) {
            return false;
          }
        }
      } finally {
        ObjectApi.decRef(piece);
      }
    }
    return !ErrorApi.occurred() && (whole || end(call));
  }

  private static ByteBuffer view(long bytes) {
    return Memory.view(BytesApi.data(bytes), Math.toIntExact(BytesApi.size(bytes)));
  }

  private static boolean isWhole(Call call, long piece) {
    return call.isHeadSet()
        && !call.isBegun()
        && BytesApi.size(piece) <= AT_ONCE
        && call.head().contentLength() == BytesApi.size(piece);
  }

  private static boolean end(Call call) {
    if (!call.isHeadSet()) {
      return notStarted();
    }
    if (call.isBegun()) {
      call.exchange().end();
    } else {
      call.setBegun();
      call.exchange().respond(call.head(), ByteBuffer.allocate(0));
    }
    return true;
  }

  private static boolean notStarted() {
    ErrorApi.raise(
        ErrorApi.Types.ASSERTION_ERROR,
        "the application returned without having called start_response");
    return false;
  }

  private static boolean notBytes(long piece) {
    ErrorApi.raise(
        ErrorApi.Types.TYPE_ERROR,
        "an application's iterable must yield bytes, not " + UnicodeApi.typeName(piece));
    return false;
  }

  /** A Python exception is set: logs it, and tells the client what can still be told. */
  private static void fail(Attached py, Call call) {
    PythonException failure = py.failureAsRaised();
    if (call.exchange().isOpen()) {
      report(py, call.exchange(), failure);
    } else {
      LOG.debug("the client was gone: {}", failure.getMessage());
    }
    answerFailure(call);
    failure.exception().close();
  }

  private static void report(Attached py, Exchange exchange, PythonException failure) {
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
  private static void log(Attached py, Exchange exchange, String what) {
    String request = exchange.request().method() + " " + LogText.of(exchange.request().target());
    py.detached(() -> {
      LOG.error("{} {}", request, what);
      return true;
    });
  }

  private static void answerFailure(Call call) {
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

  private void release(Attached py, Call call, long environ, long result) {
    try {
      if (result != 0) {
        close(py, call.exchange(), result);
      }
    } finally {
      ObjectApi.decRef(result);
      ObjectApi.decRef(environ);
      if (call.finish()) {
        spare = call;
      } else {
        call.dispose();
      }
    }
  }

  /** Calls the iterable's close method, if it has one, as PEP 3333 demands in every case. */
  private void close(Attached py, Exchange exchange, long result) {
    long type = ObjectApi.type(result);
    if (type == ContainerApi.LIST_TYPE || type == ContainerApi.TUPLE_TYPE) {
      return;
    }
    long method = ObjectApi.getAttr(result, application.closeName());
    if (method == 0) {
      ErrorApi.clear();
      return;
    }
    long closed = ObjectApi.callNoArgs(method);
    ObjectApi.decRef(method);
    if (closed == 0) {
      report(py, exchange, py.failureAsRaised());
    } else {
      ObjectApi.decRef(closed);
    }
  }

  /** Gives the callables up; on the worker's thread, detached. */
  @Override
  public void end() {
    Call last = spare;
    if (last != null) {
      try (Attached py = application.interpreter().attach()) {
        last.dispose();
      }
    }
  }
}
