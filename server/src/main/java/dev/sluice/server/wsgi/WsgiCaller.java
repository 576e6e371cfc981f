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
import dev.sluice.server.exchange.Exchange;
import java.lang.ref.Reference;
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
    Call call = spare == null ? new Call(application.interpreter(), null) : spare;
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
        Failures.fail(py, call);
      }
    } catch (PythonException e) {
      Failures.report(py, call.exchange(), e);
      Failures.answer(call);
    } catch (RuntimeException | Error e) {
      Failures.defect(py, call, e);
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
    if (Pieces.areTogether(result)) {
      boolean list = ObjectApi.type(result) == ContainerApi.LIST_TYPE;
      return switch (Pieces.sendTogether(call, result, list)) {
        case WHOLE -> true;
        case NOTHING -> sendPieces(call, result, list);
        case FAILED -> false;
      };
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

  private static boolean sendPieces(Call call, long sequence, boolean list) {
    // Sending may give the GIL back, and then a list may be changed under our hands.
    long pieces = list ? ContainerApi.asTuple(sequence) : sequence;
    if (pieces == 0) {
      return false;
    }
    try {
      return sendAll(call, pieces) && Pieces.end(call);
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

  private static boolean iterate(Call call, long iterator) {
    boolean whole = false;
    long piece;
    while ((piece = ObjectApi.next(iterator)) != 0) {
      try {
        if (!StartResponse.isBytes(piece)) {
          return Pieces.notBytes(piece);
        }
        if (BytesApi.size(piece) > 0) {
          if (whole) {
            LOG.warn("the application sent more than its Content-Length; the rest was cut off");
          } else if (Pieces.sendAlone(call, piece)) {
            whole = true;
          } else if (!StartResponse.send(call, piece)) {
            return false;
          }
        }
      } finally {
        ObjectApi.decRef(piece);
      }
    }
    return !ErrorApi.occurred() && (whole || Pieces.end(call));
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
    if (Pieces.areTogether(result)) {
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
      Failures.report(py, exchange, py.failureAsRaised());
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
