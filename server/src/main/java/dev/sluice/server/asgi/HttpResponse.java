package dev.sluice.server.asgi;

import dev.sluice.python.Attached;
import dev.sluice.python.PyObject;
import dev.sluice.python.capi.BytesApi;
import dev.sluice.python.capi.ContainerApi;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;
import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.FilePart;
import dev.sluice.server.exchange.ResponseHead;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The response that an application sends in messages, as a state machine; on the loop's thread,
 * attached. On failure a Python exception is set.
 *
 * <p>The head waits for the first piece of the body, so that a small response leaves as a whole.
 */
final class HttpResponse {
  private enum State {
    /** Nothing has come from the application. */
    NEW,
    /** The head is there. */
    STARTED,
    /** The head has been sent. */
    SENDING,
    /** The body has been sent, and trailers follow. */
    TRAILERS,
    ENDED
  }

  private final Python python;
  private final ResponseReader reader;
  private final Exchange exchange;
  private final ResponseHead head = new ResponseHead();
  private State state = State.NEW;
  private boolean hasTrailers;
  private @Nullable ResponseHead trailers;

  HttpResponse(Python python, ResponseReader reader, Exchange exchange) {
    this.python = python;
    this.reader = reader;
    this.exchange = exchange;
  }

  boolean isEnded() {
    return state == State.ENDED;
  }

  /** Does what a message says; false with an exception set. */
  boolean send(Kind kind, long message) {
    if (state != State.ENDED && !isOpen()) {
      return false;
    }
    return switch (kind) {
      case START, DENIAL_START -> start(kind, message);
      case BODY, DENIAL_BODY -> body(kind, message);
      case TRAILERS -> trailers(kind, message);
      case PATH_SEND -> pathSend(kind, message);
      case ZERO_COPY_SEND -> zeroCopySend(kind, message);
      case EARLY_HINT -> EarlyHints.send(python, exchange, message);
      case INFORMATION -> inform(message);
      case DEBUG -> true;
      default -> unexpected(kind);
    };
  }

  private boolean unexpected(Kind kind) {
    String why =
        switch (state) {
          case NEW -> "before http.response.start";
          case STARTED, SENDING -> "after http.response.start";
          case TRAILERS -> "where http.response.trailers is due";
          case ENDED -> "after the response had ended";
        };
    return ResponseReader.refuse(
        ErrorApi.Types.RUNTIME_ERROR, "%s was sent %s".formatted(kind.type(), why));
  }

  /** Whether somebody is there to take what is sent. */
  private boolean isOpen() {
    if (exchange.isOpen()) {
      return true;
    }
    python.raiseGone();
    return false;
  }

  private boolean start(Kind kind, long message) {
    if (state != State.NEW) {
      return unexpected(kind);
    }
    if (!reader.readStatus(message, head, 200) || !reader.readHeaders(message, head)) {
      return false;
    }
    int announced = truth(message, python.names().trailers);
    if (announced < 0) {
      return false;
    }
    hasTrailers = announced > 0;
    state = State.STARTED;
    return true;
  }

  private static int truth(long message, long key) {
    long value = ContainerApi.getDictItem(message, key);
    if (value == 0 || value == ObjectApi.FALSE) {
      return 0;
    }
    return value == ObjectApi.TRUE ? 1 : ObjectApi.isTrue(value);
  }

  private boolean body(Kind kind, long message) {
    if (state != State.STARTED && state != State.SENDING) {
      return unexpected(kind);
    }
    int more = truth(message, python.names().moreBody);
    if (more < 0) {
      return false;
    }
    long given = ContainerApi.getDictItem(message, python.names().body);
    if (given == 0) {
      send(ByteBuffer.allocate(0), more > 0);
      return true;
    }
    long bytes = python.bytes(given);
    if (bytes == 0) {
      return false;
    }
    try {
      send(Memory.view(BytesApi.data(bytes), Math.toIntExact(BytesApi.size(bytes))), more > 0);
    } finally {
      ObjectApi.decRef(bytes);
    }
    return true;
  }

  private void send(ByteBuffer piece, boolean more) {
    boolean last = !more && !hasTrailers;
    if (state == State.STARTED && last) {
      state = State.ENDED;
      exchange.respond(head, piece);
      return;
    }
    begin();
    if (piece.hasRemaining() || more) {
      exchange.write(piece);
    }
    bodySent(more);
  }

  private void begin() {
    if (state == State.STARTED) {
      state = State.SENDING;
      exchange.begin(head);
    }
  }

  private void bodySent(boolean more) {
    if (more) {
      return;
    }
    state = hasTrailers ? State.TRAILERS : State.ENDED;
    if (!hasTrailers) {
      exchange.end();
    }
  }

  private boolean trailers(Kind kind, long message) {
    if (state != State.TRAILERS) {
      return unexpected(kind);
    }
    ResponseHead all = trailers;
    if (all == null) {
      all = new ResponseHead();
      all.reset(200, "OK");
      trailers = all;
    }
    int more = truth(message, python.names().moreTrailers);
    if (more < 0 || !reader.readHeaders(message, all)) {
      return false;
    }
    if (more == 0) {
      state = State.ENDED;
      exchange.end(all);
    }
    return true;
  }

  private boolean inform(long message) {
    ResponseHead information = new ResponseHead();
    if (!reader.readStatus(message, information, 100)
        || !reader.readHeaders(message, information)) {
      return false;
    }
    if (information.status() >= 200 || information.status() == 101) {
      return ResponseReader.refuse(
          ErrorApi.Types.VALUE_ERROR, "an informational response has a status from 102 to 199");
    }
    exchange.inform(information);
    return true;
  }

  private boolean pathSend(Kind kind, long message) {
    if (state != State.STARTED) {
      return unexpected(kind);
    }
    long path = ContainerApi.getDictItem(message, python.names().path);
    if (path == 0 || !ObjectApi.is(path, UnicodeApi.TYPE)) {
      return ResponseReader.refuse(
          ErrorApi.Types.TYPE_ERROR, "http.response.pathsend has a str as its 'path'");
    }
    String name = UnicodeApi.toString(path);
    try {
      sendFile(FilePart.ofFile(name), false);
      return true;
    } catch (IOException | IllegalArgumentException e) {
      return ResponseReader.refuse(
          ErrorApi.Types.OS_ERROR, "the file %s cannot be sent: %s".formatted(name, e));
    }
  }

  private boolean zeroCopySend(Kind kind, long message) {
    if (state != State.STARTED && state != State.SENDING) {
      return unexpected(kind);
    }
    // First, for it may run code that changes the message.
    int more = truth(message, python.names().moreBody);
    if (more < 0) {
      return false;
    }
    long file = ContainerApi.getDictItem(message, python.names().file);
    if (file == 0) {
      return ResponseReader.refuse(
          ErrorApi.Types.KEY_ERROR, "http.response.zerocopysend has no 'file'");
    }
    try (Attached py = python.interpreter().attachedInCallback()) {
      long[] place =
          python.place(
              py,
              file,
              ContainerApi.getDictItem(message, python.names().offset),
              ContainerApi.getDictItem(message, python.names().count));
      sendFile(FilePart.ofDescriptor((int) place[0], place[1], place[2]), more > 0);
      return true;
    } catch (IOException e) {
      return ResponseReader.refuse(
          ErrorApi.Types.OS_ERROR, "the file cannot be sent: " + e.getMessage());
    }
  }

  private void sendFile(FilePart part, boolean more) {
    if (state == State.STARTED && !more && !hasTrailers && head.contentLength() < 0) {
      head.header("content-length", Long.toString(part.count()));
      head.declareContentLength(part.count());
    }
    begin();
    exchange.write(part);
    bodySent(more);
  }

  /**
   * The application leaves a client that it was told has gone. A half closed connection may still
   * be read at its other end: that it is aborted says there what has happened.
   */
  void leave() {
    state = State.ENDED;
    Failures.gone(exchange, null);
    exchange.abort();
  }

  /** The application ends without having ended the response. */
  void abandon(Attached py, @Nullable PyObject failure) {
    State before = state;
    state = State.ENDED;
    if (!exchange.isOpen()) {
      Failures.gone(exchange, failure);
    } else if (failure != null) {
      Failures.report(py, exchange, failure);
    } else {
      Failures.log(
          py,
          exchange,
          before == State.NEW
              ? "was not answered: the application returned without http.response.start"
              : "was not answered whole: the application returned before its last"
                  + " http.response.body");
    }
    if (before == State.NEW || before == State.STARTED) {
      byte[] text = "Internal Server Error\n".getBytes(StandardCharsets.US_ASCII);
      head.reset(500, "Internal Server Error");
      head.header("Content-Type", "text/plain; charset=utf-8");
      exchange.respond(head, ByteBuffer.wrap(text));
    } else {
      exchange.abort();
    }
  }
}
