package dev.sluice.server.wsgi;

import dev.sluice.python.Attached;
import dev.sluice.python.capi.BytesApi;
import dev.sluice.python.capi.ContainerApi;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.NumberApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.server.exchange.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A request that is a microthread, from its beginning to its end, and the sending of its answer; on
 * the loop's thread, attached. Nothing here waits.
 */
final class MicrothreadRequest {
  private static final Logger LOG = LoggerFactory.getLogger("sluice.wsgi");

  /** A client that is quick, or gone, has room for all; only the loop sees that it is gone. */
  private static final long TURN = 512 * 1024;

  /** A piece counts as so many bytes at least. */
  private static final long LEAST = 8192;

  private final MicrothreadService service;
  private final Call call;
  private final WsgiRequest request;

  /** A call's number is another request's later. */
  private final long number;

  /** What is left of its turn: so many bytes it sends before the loop looks after others. */
  private long turn = TURN;

  /** Whether all that the head declares has been sent. */
  private boolean whole;

  MicrothreadRequest(MicrothreadService service, Call call, WsgiRequest request) {
    this.service = service;
    this.call = call;
    this.request = request;
    number = call.number();
  }

  Call call() {
    return call;
  }

  /** What was asked; any thread. */
  WsgiRequest request() {
    return request;
  }

  /** What Python knows it by; any thread. */
  long number() {
    return number;
  }

  /** What respond() has done. */
  private static final int NOTHING = 0;

  private static final int SENT = 1;
  private static final int ENDED = 2;

  /** Sends what the application returned, if nothing has to be waited for. */
  long respond(long result) {
    if (Pieces.areTogether(result)) {
      boolean list = ObjectApi.type(result) == ContainerApi.LIST_TYPE;
      return switch (Pieces.sendTogether(call, result, list)) {
        case WHOLE -> {
          service.close(this);
          yield NumberApi.fromLong(ENDED);
        }
        case NOTHING -> NumberApi.fromLong(NOTHING);
        case FAILED -> 0;
      };
    }
    try (Attached py = service.interpreter().attachedInCallback()) {
      WsgiApplication application = request.application();
      boolean sent = FileResponse.send(py, application, call, result);
      return NumberApi.fromLong(sent ? SENT : NOTHING);
    }
  }

  /**
   * Sends a piece of the answer from a position on.
   *
   * @return -1 if all has been sent and there is room for more; else how far it has come: then the
   *     client has to catch up first, or others have their turn
   */
  long send(long piece, long from) {
    if (!StartResponse.isBytes(piece)) {
      Pieces.notBytes(piece);
      return 0;
    }
    long size = BytesApi.size(piece);
    if (from == 0) {
      if (size == 0) {
        return NumberApi.fromLong(-1);
      }
      if (whole) {
        LOG.warn("the application sent more than its Content-Length; the rest was cut off");
        return NumberApi.fromLong(-1);
      }
      if (Pieces.sendAlone(call, piece)) {
        whole = true;
        return NumberApi.fromLong(-1);
      }
      if (!StartResponse.begin(call)) {
        return 0;
      }
    }
    long at = StartResponse.sendFrom(call, piece, from, Math.min(size, from + turn));
    if (at < 0) {
      return 0;
    }
    turn -= Math.max(at - from, LEAST);
    if (at == size && turn > 0 && !call.exchange().isCongested()) {
      return NumberApi.fromLong(-1);
    }
    turn = TURN;
    return NumberApi.fromLong(at);
  }

  /** Ends the answer behind its last piece. */
  boolean end() {
    return whole || Pieces.end(call);
  }

  /** The result's close method has raised something. */
  void closeFailed(long error) {
    try (Attached py = service.interpreter().attachedInCallback()) {
      ErrorApi.raise(error);
      Failures.report(py, call.exchange(), py.failureAsRaised());
    }
  }

  /** Has the microthread told when the client has caught up, or more of the body is there. */
  void watch(boolean forBody) {
    Exchange exchange = call.exchange();
    if (forBody) {
      exchange.body().whenReadable(() -> service.deliver(number));
      return;
    }
    request.clientIsSlow();
    exchange.whenWritable(() -> {
      request.clientCaughtUp();
      service.deliver(number);
    });
  }
}
