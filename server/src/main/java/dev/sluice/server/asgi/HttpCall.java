package dev.sluice.server.asgi;

import dev.sluice.python.Attached;
import dev.sluice.python.PyObject;
import dev.sluice.python.capi.BytesApi;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.RequestBody;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** One request of HTTP: its body as events, and its end; on the loop's thread, attached. */
final class HttpCall extends Call {
  private static final int LARGEST_EVENT = 256 * 1024;
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final HttpResponse response;
  private long bodyRead;
  private boolean bodyDone;
  private boolean watchesInput;

  /** Whether the client sends no more, or is gone. */
  private boolean inputEnded;

  /** Whether the application was told so. */
  private boolean toldGone;

  HttpCall(AsgiService service, Exchange exchange) {
    super(service, exchange, false);
    response = new HttpResponse(python, service.reader(), exchange);
  }

  @Override
  long scope(Attached py) {
    return service.scopes().http(py, exchange);
  }

  @Override
  long nextEvent() {
    if (!bodyDone && !response.isEnded()) {
      try {
        return nextPiece(exchange.body());
      } catch (IOException | IllegalStateException e) {
        // The rest will not come: the client is gone, or the request was refused.
        bodyDone = true;
        inputEnded = true;
      }
    }
    if (response.isEnded() || inputEnded || !exchange.isOpen()) {
      toldGone = true;
      long message = python.message(python.names().httpDisconnect);
      return message == 0 ? FAILED : message;
    }
    return 0;
  }

  @Override
  boolean hasEvent() {
    if (bodyDone || response.isEnded()) {
      return response.isEnded() || inputEnded || !exchange.isOpen();
    }
    RequestBody body = exchange.body();
    try {
      return body.available() > 0 || body.poll(NOTHING) < 0;
    } catch (IOException | IllegalStateException e) {
      return true;
    }
  }

  private long nextPiece(RequestBody body) throws IOException {
    int size = Math.min(body.available(), LARGEST_EVENT);
    if (size == 0) {
      if (body.poll(NOTHING) >= 0) {
        return 0;
      }
      bodyDone = true;
      return request(BytesApi.create(0, 0), false);
    }
    long bytes = BytesApi.create(0, size);
    if (bytes == 0) {
      return FAILED;
    }
    int read = -1;
    try {
      read = body.poll(Memory.view(BytesApi.data(bytes), size));
    } finally {
      if (read != size) {
        long part = read <= 0 ? 0 : BytesApi.create(BytesApi.data(bytes), read);
        ObjectApi.decRef(bytes);
        bytes = part;
      }
    }
    bodyRead += Math.max(read, 0);
    bodyDone = read < 0 || bodyRead == body.length();
    return request(bytes == 0 ? BytesApi.create(0, 0) : bytes, !bodyDone);
  }

  private long request(long bytes, boolean more) {
    long message = python.message(python.names().httpRequest);
    boolean complete =
        message != 0
            && Scopes.give(message, python.names().body, bytes)
            && Scopes.put(
                message, python.names().moreBody, more ? ObjectApi.TRUE : ObjectApi.FALSE);
    if (complete) {
      return message;
    }
    ObjectApi.decRef(message);
    return FAILED;
  }

  @Override
  void awaitEvent() {
    if (!bodyDone) {
      exchange.body().whenReadable(this::eventArrived);
    }
    if (!watchesInput) {
      watchesInput = true;
      exchange.whenInputEnded(() -> {
        inputEnded = true;
        eventArrived();
      });
    }
  }

  @Override
  boolean isAnswered() {
    return response.isEnded();
  }

  @Override
  void whenLeft(Runnable action) {
    exchange.whenInputEnded(() -> { // as receive's http.disconnect
      toldGone = true;
      action.run();
    });
  }

  @Override
  boolean sent(Kind kind, long message) {
    if (kind == Kind.DENIAL_START || kind == Kind.DENIAL_BODY) {
      return ResponseReader.refuse(
          ErrorApi.Types.RUNTIME_ERROR,
          kind.type() + " was sent for a request that is no WebSocket");
    }
    boolean ended = response.isEnded();
    boolean done = response.send(kind, message);
    if (done && !ended && response.isEnded()) {
      eventArrived(); // whoever waits for events is told of the end
    }
    return done;
  }

  @Override
  boolean isCongested() {
    return exchange.isCongested();
  }

  @Override
  void awaitWritable() {
    exchange.whenWritable(this::mayWrite);
  }

  @Override
  void returned(Attached py, @Nullable PyObject failure) {
    if (response.isEnded()) {
      if (failure != null) {
        Failures.report(py, exchange, failure);
      }
    } else if (toldGone && (failure == null || Failures.isCancellation(failure))) {
      response.leave();
    } else {
      response.abandon(py, failure);
    }
  }
}
