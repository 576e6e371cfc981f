package dev.sluice.server.http.websocket;

import dev.sluice.server.exchange.ResponseHead;
import dev.sluice.server.exchange.WebSocket;
import dev.sluice.server.http.connection.HttpExchange;
import dev.sluice.server.http.connection.IoThread;
import dev.sluice.server.http.connection.WebSocketLimits;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One WebSocket, on its connection's IO thread, whatever carries it; what other threads call is
 * handed over to that one.
 */
public final class Session implements WebSocket {
  private static final Logger LOG = LoggerFactory.getLogger(Session.class);

  private enum State {
    /** The exchange is to be answered. */
    OFFERED,
    OPEN,
    /** This side has said that it ends, the client has not. */
    CLOSING,
    /** Nothing can be said any more, but the listener has yet to get what the client has said. */
    LEFT,
    /** Nothing more is said or heard. */
    CLOSED
  }

  private final IoThread io;
  private final WebSocketLimits limits;
  private final Handshake handshake;
  private final Opening opening;
  private final Handover handover;
  private final WaitingActions waiting = new WaitingActions();

  private volatile boolean accepted;
  private volatile State state = State.OFFERED;
  private volatile @Nullable Parts parts;
  private boolean receiving;
  private @Nullable Leftover leftover;

  private Session(IoThread io, WebSocketLimits limits, Handshake handshake, Opening opening) {
    this.io = io;
    this.limits = limits;
    this.handshake = handshake;
    this.opening = opening;
    handover = new Handover(io.loop());
  }

  /**
   * The socket that a request asks for, if it does; a bad handshake is answered here.
   *
   * @param limits null if there are no sockets
   * @param http1 whether the request has to say by its headers that it asks
   */
  public static @Nullable Session of(
      HttpExchange exchange,
      IoThread io,
      @Nullable WebSocketLimits limits,
      boolean http1,
      Opening opening) {
    Handshake handshake = limits == null ? null : Handshake.of(exchange, http1, limits);
    return limits == null || handshake == null ? null : new Session(io, limits, handshake, opening);
  }

  @Override
  public List<String> subprotocols() {
    return handshake.subprotocols();
  }

  @Override
  public void accept(@Nullable String subprotocol, ResponseHead extra, Listener listener) {
    if (subprotocol != null && !Tokens.isToken(subprotocol)) {
      throw new IllegalArgumentException("a subprotocol is a token");
    }
    ResponseHead head = handshake.answer(opening.status(), subprotocol, extra);
    if (opening.claim()) {
      accepted = true;
      run(() -> open(head, listener));
    } else {
      accepted = true;
      run(() -> late(listener));
    }
  }

  /** At once if this is the IO thread, else soon. */
  private void run(Runnable action) {
    if (io.loop().inEventLoop()) {
      action.run();
    } else {
      io.loop().execute(action);
    }
  }

  private void open(ResponseHead head, Listener listener) {
    Carrier carrier = opening.open(head, this);
    if (carrier == null) {
      late(listener);
      return;
    }
    parts = Parts.of(this, listener, carrier, limits, handshake.deflation(), io.second());
    state = State.OPEN;
    carrier.begin();
  }

  private void late(Listener listener) {
    state = State.CLOSED;
    Incoming.tellEnd(listener, BROKEN, "");
  }

  private void checkAccepted() {
    if (!accepted) {
      throw new IllegalStateException("the WebSocket has not been accepted");
    }
  }

  @Override
  public void send(boolean text, ByteBuffer payload) {
    checkAccepted();
    if (io.loop().inEventLoop()) {
      sendNow(text, payload);
    } else {
      handover.give(payload, copy -> sendHanded(text, copy));
    }
  }

  private void sendHanded(boolean text, ByteBuffer payload) {
    try {
      sendNow(text, payload);
    } catch (RuntimeException | Error e) {
      LOG.error("a message of a WebSocket could not be sent: {}", e.toString());
      fail(CloseCodes.INTERNAL_ERROR, "");
    }
    writabilityChanged();
  }

  private void sendNow(boolean text, ByteBuffer payload) {
    Parts its = parts;
    if (its != null && state == State.OPEN) {
      its.output().message(text, payload);
      flush(its);
    }
  }

  /** What is sent while bytes are being received goes out together. */
  private void flush(Parts its) {
    if (!receiving) {
      its.output().flush();
    }
  }

  @Override
  public void close(int code, String reason) {
    checkAccepted();
    if (!CloseCodes.isValid(code)) {
      throw new IllegalArgumentException("no close frame may have the code " + code);
    }
    ByteBuffer payload = CloseCodes.payload(code, reason);
    run(() -> closeNow(payload));
  }

  private void closeNow(ByteBuffer payload) {
    Parts its = parts;
    if (its != null && state == State.OPEN) {
      its.output().frame(FrameReader.CLOSE, payload);
      state = State.CLOSING;
      its.clock().closing(io.second());
      flush(its);
      its.incoming().drop();
      writabilityChanged();
    } else if (its != null && state == State.LEFT) {
      its.incoming().drop();
    }
  }

  @Override
  public boolean isCongested() {
    Parts its = parts;
    return its != null && state == State.OPEN && (handover.isMuch() || its.carrier().isCongested());
  }

  @Override
  public void whenWritable(Runnable action) {
    run(() -> {
      waiting.add(action);
      writabilityChanged();
    });
  }

  @Override
  public void pause() {
    tell(Incoming::pause);
  }

  @Override
  public void resume() {
    tell(Incoming::resume);
  }

  private void tell(Consumer<Incoming> action) {
    run(() -> {
      if (parts != null) {
        action.accept(parts.incoming());
      }
    });
  }

  @Override
  public boolean isOpen() {
    return state == State.OPEN;
  }

  @Override
  public void abort() {
    run(() -> {
      Parts its = parts;
      if (its != null && state != State.CLOSED) {
        boolean there = state != State.LEFT;
        its.incoming().drop();
        if (there) {
          its.carrier().abort();
        }
      }
    });
  }

  /** Bytes from the client, which stay the caller's. */
  public void received(ByteBuf bytes) {
    Parts its = parts;
    if (its == null) {
      return;
    }
    receiving = true;
    its.incoming().received(bytes);
  }

  /** There is nothing more to receive for now: what was sent meanwhile goes out. */
  public void readComplete() {
    receiving = false;
    if (parts != null) {
      parts.output().flush();
    }
  }

  /** A control frame from the client, whose payload is valid during the call. */
  void control(int opcode, ByteBuffer payload) throws Failure {
    Parts its = parts;
    if (its == null || state == State.CLOSED) {
      return;
    }
    if (opcode == FrameReader.PONG) {
      its.clock().answered();
    } else if (opcode == FrameReader.PING) {
      if (state == State.OPEN) {
        its.pongs().answer(payload);
        flush(its);
      }
    } else {
      int code = CloseCodes.code(payload);
      String reason = CloseCodes.reason(payload);
      if (state == State.OPEN) {
        its.output().frame(FrameReader.CLOSE, payload.limit(code == 0 ? 0 : 2));
      }
      finish(its, code == 0 ? NO_CODE : code, reason, true);
    }
  }

  /** Ends the socket for something that has gone wrong. */
  void fail(int code, String reason) {
    Parts its = parts;
    if (its == null || state == State.CLOSED) {
      return;
    }
    LOG.debug("a WebSocket was ended: {} {}", code, reason);
    if (state == State.OPEN) {
      its.output().frame(FrameReader.CLOSE, CloseCodes.payload(code, reason));
    }
    finish(its, code, reason, false);
  }

  /** The client says nothing more, but what it has said last may not have been received. */
  public void inputEnding() {
    if (parts != null) {
      parts.clock().inputEnding(io.second());
    }
  }

  /** Everything that the client says has been received: it counts as gone when that is used up. */
  public void inputEnded() {
    inputEnding();
    if (parts != null) {
      parts.incoming().inputEnded();
    }
  }

  /** The client is gone; what it had said by an orderly end is still delivered. */
  public void gone() {
    Parts its = parts;
    if (its == null || isClosed()) {
      return;
    }
    if (its.incoming().isLeftOver() && !io.isClosing()) {
      endOutput(its, State.LEFT, false);
      leftover = new Leftover(this);
      io.add(leftover);
    } else {
      finish(its, BROKEN, "", false);
    }
  }

  /** Everything that the client said is used up, and it did not say goodbye. */
  void usedUp() {
    Parts its = parts;
    if (its != null && state != State.CLOSED) {
      finish(its, BROKEN, "", false);
    }
  }

  private void finish(Parts its, int code, String reason, boolean clean) {
    if (leftover == null) {
      endOutput(its, State.CLOSED, clean);
    } else {
      state = State.CLOSED;
      io.remove(leftover);
    }
    its.incoming().end(code, reason);
  }

  private void endOutput(Parts its, State then, boolean clean) {
    its.output().flush();
    state = then;
    its.output().close();
    its.carrier().end(its.output().sent(), clean);
    writabilityChanged();
  }

  /** Something that was sent has been taken, or nothing will be any more. */
  public void writabilityChanged() {
    if (!waiting.isEmpty() || owesPong()) {
      // Not at once: this may be called from within a write of ours.
      io.loop().execute(this::wake);
    }
  }

  private boolean owesPong() {
    return parts != null && state == State.OPEN && parts.pongs().isOwed();
  }

  private void wake() {
    if (!isCongested()) {
      if (parts != null && owesPong()) {
        parts.pongs().answerOwed();
        flush(parts);
      }
      waiting.runAll();
    }
  }

  /**
   * Looks after the socket, once a second.
   *
   * @param unsent whether anything waits to be sent
   */
  public void tick(int second, boolean unsent) {
    Parts its = parts;
    if (its == null || state == State.CLOSED) {
      return;
    }
    switch (its.check(second, unsent)) {
      case FINE -> {}
      case PING -> its.ping();
      case GONE -> fail(CloseCodes.INTERNAL_ERROR, "there was no answer to a ping");
      case SLOW_END -> its.carrier().abort();
      case UNTAKEN -> usedUp();
    }
    its.tidy(second);
  }

  /** The server ends: says so. */
  public void drain() {
    closeNow(CloseCodes.payload(CloseCodes.GOING_AWAY, "the server is going away"));
  }

  /** Whether the carrier has nothing more to do. */
  public boolean isClosed() {
    return state == State.LEFT || state == State.CLOSED;
  }

  /** Whether more is likely to be sent soon; on the IO thread. */
  public boolean answersMore() {
    return parts != null && parts.incoming().listenerHasMore();
  }
}
