package dev.sluice.server.asgi;

import dev.sluice.python.Attached;
import dev.sluice.python.PyObject;
import dev.sluice.python.capi.BytesApi;
import dev.sluice.python.capi.ContainerApi;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.NumberApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;
import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.ResponseHead;
import dev.sluice.server.exchange.WebSocket;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** One WebSocket, from its handshake to its end; on the loop's thread, attached. */
final class WebSocketCall extends Call {
  private static final int NORMAL = 1000;
  private static final int FAILED_HERE = 1011;

  private enum State {
    /** The client waits for an answer to its handshake. */
    CONNECTING,
    OPEN,
    /** The handshake is being answered by an ordinary response. */
    DENYING,
    /** The application has closed it, or denied it. */
    CLOSED
  }

  private final WebSocket socket;
  private final SocketInbox inbox;
  private final HttpResponse denial;
  private State state = State.CONNECTING;
  private boolean told;

  WebSocketCall(AsgiService service, Exchange exchange, WebSocket socket) {
    super(service, exchange, true);
    this.socket = socket;
    inbox = new SocketInbox(socket, this::eventArrived);
    denial = new HttpResponse(python, service.reader(), exchange);
    exchange.whenGone(inbox::gone);
  }

  @Override
  long scope(Attached py) {
    long scope = service.scopes().common(py, "websocket", exchange);
    if (scope == 0) {
      return 0;
    }
    try (PyObject offered = py.toPython(socket.subprotocols())) {
      if (Scopes.put(scope, python.names().subprotocols, offered.address())) {
        return scope;
      }
    }
    ObjectApi.decRef(scope);
    return 0;
  }

  @Override
  long nextEvent() {
    if (!told) {
      told = true;
      return python.message(python.names().webSocketConnect);
    }
    SocketInbox.Message message = inbox.poll();
    if (message != null) {
      return received(message);
    }
    return inbox.isClosed() ? disconnected() : 0;
  }

  @Override
  boolean hasEvent() {
    return !told || inbox.hasMore() || inbox.isClosed();
  }

  private long received(SocketInbox.Message message) {
    long event = python.message(python.names().webSocketReceive);
    if (event == 0) {
      return FAILED;
    }
    byte[] payload = message.payload();
    long key = message.text() ? python.names().text : python.names().bytes;
    long value = message.text() ? UnicodeApi.fromUtf8(payload) : BytesApi.fromArray(payload);
    if (Scopes.give(event, key, value)) {
      return event;
    }
    ObjectApi.decRef(event);
    return FAILED;
  }

  private long disconnected() {
    long event = python.socketDisconnect(inbox.code(), inbox.reason());
    return event == 0 ? FAILED : event;
  }

  @Override
  void awaitEvent() {
    inbox.await();
  }

  @Override
  boolean isAnswered() {
    return false;
  }

  @Override
  void whenLeft(Runnable action) {
    exchange.whenGone(action);
  }

  @Override
  boolean sent(Kind kind, long message) {
    return switch (kind) {
      case ACCEPT -> accept(message);
      case SEND -> send(message);
      case CLOSE -> close(message);
      case DENIAL_START, DENIAL_BODY -> deny(kind, message);
      default -> unexpected(kind);
    };
  }

  private boolean unexpected(Kind kind) {
    String why =
        switch (state) {
          case CONNECTING -> "before websocket.accept";
          case OPEN -> "after websocket.accept";
          case DENYING -> "while the handshake is denied";
          case CLOSED -> "after the WebSocket was closed";
        };
    return ResponseReader.refuse(
        ErrorApi.Types.RUNTIME_ERROR, "%s was sent %s".formatted(kind.type(), why));
  }

  private boolean isGone() {
    if (inbox.isClosed() || (state == State.CONNECTING && !exchange.isOpen())) {
      python.raiseGone();
      return true;
    }
    return false;
  }

  private boolean accept(long message) {
    if (state != State.CONNECTING) {
      return unexpected(Kind.ACCEPT);
    }
    ResponseHead extra = new ResponseHead();
    extra.reset(101, "Switching Protocols");
    if (isGone() || !service.reader().readSocketHeaders(message, extra)) {
      return false;
    }
    long given = ContainerApi.getDictItem(message, python.names().subprotocol);
    String subprotocol = null;
    if (given != 0 && given != ObjectApi.NONE) {
      if (!ObjectApi.is(given, UnicodeApi.TYPE)) {
        return ResponseReader.refuse(ErrorApi.Types.TYPE_ERROR, "the subprotocol must be a str");
      }
      subprotocol = UnicodeApi.toString(given);
    }
    try {
      socket.accept(subprotocol, extra, inbox);
    } catch (IllegalArgumentException e) {
      return ResponseReader.refuse(
          ErrorApi.Types.VALUE_ERROR, "the handshake cannot be answered: " + e.getMessage());
    }
    state = State.OPEN;
    return true;
  }

  private boolean send(long message) {
    if (state != State.OPEN) {
      return unexpected(Kind.SEND);
    }
    if (isGone()) {
      return false;
    }
    long bytes = ContainerApi.getDictItem(message, python.names().bytes);
    if (bytes != 0 && bytes != ObjectApi.NONE) {
      return sendBytes(bytes);
    }
    long text = ContainerApi.getDictItem(message, python.names().text);
    if (text == 0 || !ObjectApi.is(text, UnicodeApi.TYPE)) {
      return ResponseReader.refuse(
          ErrorApi.Types.TYPE_ERROR, "websocket.send needs 'bytes' or a str as 'text'");
    }
    long slot = service.slot();
    long utf8 = UnicodeApi.utf8(text, slot);
    if (utf8 == 0) {
      return false;
    }
    socket.send(true, Memory.view(utf8, Math.toIntExact(Memory.getLong(slot))));
    return true;
  }

  private boolean sendBytes(long given) {
    long bytes = python.bytes(given);
    if (bytes == 0) {
      return false;
    }
    try {
      socket.send(false, Memory.view(BytesApi.data(bytes), Math.toIntExact(BytesApi.size(bytes))));
    } finally {
      ObjectApi.decRef(bytes);
    }
    return true;
  }

  private boolean close(long message) {
    if (state != State.CONNECTING && state != State.OPEN) {
      return unexpected(Kind.CLOSE);
    }
    long code = ContainerApi.getDictItem(message, python.names().code);
    long number = code == 0 || code == ObjectApi.NONE ? NORMAL : NumberApi.asLong(code);
    if (number == -1 && ErrorApi.occurred()) {
      return false;
    }
    long given = ContainerApi.getDictItem(message, python.names().reason);
    String reason =
        given != 0 && ObjectApi.is(given, UnicodeApi.TYPE) ? UnicodeApi.toString(given) : "";
    if (state == State.CONNECTING) {
      state = State.CLOSED;
      answer(403, "Forbidden");
      return true;
    }
    try {
      socket.close((int) number, reason);
    } catch (IllegalArgumentException e) {
      return ResponseReader.refuse(
          ErrorApi.Types.VALUE_ERROR, "the WebSocket cannot be closed so: " + e.getMessage());
    }
    state = State.CLOSED;
    return true;
  }

  private void answer(int status, String reason) {
    ResponseHead head = new ResponseHead();
    head.reset(status, reason);
    exchange.respond(head, ByteBuffer.allocate(0));
    inbox.denied();
    eventArrived();
  }

  private boolean deny(Kind kind, long message) {
    if (state != State.CONNECTING && state != State.DENYING) {
      return unexpected(kind);
    }
    if (!denial.send(kind, message)) {
      return false;
    }
    state = State.DENYING;
    if (denial.isEnded()) {
      state = State.CLOSED;
      inbox.denied();
      eventArrived();
    }
    return true;
  }

  @Override
  boolean isCongested() {
    return state == State.OPEN ? socket.isCongested() : exchange.isCongested();
  }

  @Override
  void awaitWritable() {
    if (state == State.OPEN) {
      socket.whenWritable(this::mayWrite);
    } else {
      exchange.whenWritable(this::mayWrite);
    }
  }

  @Override
  void returned(Attached py, @Nullable PyObject failure) {
    boolean gone = inbox.isClosed() || (state == State.CONNECTING && !exchange.isOpen());
    if (failure != null && gone) {
      Failures.gone(exchange, failure);
    } else if (failure != null) {
      Failures.report(py, exchange, failure);
    }
    switch (state) {
      case CONNECTING -> {
        if (failure == null && !gone) {
          Failures.log(
              py, exchange, "was not answered: the application returned without websocket.accept");
        }
        if (!gone) {
          answer(500, "Internal Server Error");
        }
      }
      case OPEN -> socket.close(failure == null ? NORMAL : FAILED_HERE, "");
      case DENYING -> denial.abandon(py, failure);
      case CLOSED -> {}
    }
    state = State.CLOSED;
  }
}
