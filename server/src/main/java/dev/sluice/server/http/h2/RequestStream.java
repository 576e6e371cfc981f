package dev.sluice.server.http.h2;

import dev.sluice.server.exchange.Peer;
import dev.sluice.server.exchange.RequestHead;
import dev.sluice.server.exchange.ResponseHead;
import dev.sluice.server.http.connection.Bodies;
import dev.sluice.server.http.connection.BodySource;
import dev.sluice.server.http.connection.IncomingBody;
import dev.sluice.server.http.connection.OwnAnswers;
import dev.sluice.server.http.connection.Refused;
import dev.sluice.server.http.websocket.Session;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

/**
 * One request of a connection of HTTP/2, on the connection's IO thread: receives its body, hands it
 * to the handler, and ends with the answer or with a reset.
 */
final class RequestStream implements BodySource {

  /** How far the request is. */
  enum State {
    /** The body is on its way, and nobody has the exchange. */
    RECEIVING,
    /** The handler has the exchange, the body is on its way. */
    STREAMING,
    /** The body has arrived: it is being stored, or the handler has the exchange. */
    IN_FLIGHT,
    /** The stream is closed, or was answered before there was an exchange. */
    CLOSED
  }

  /** Bodies in smaller pieces share buffers of this size. */
  private static final int LEAST_BUFFER = 2048;

  private final Http2Session session;
  private final Http2Stream netty;
  private final StreamOutput output;
  private final StreamClock clock;
  private State state = State.RECEIVING;
  private @Nullable Http2Exchange exchange;
  private long declared = -1;
  private long received;
  private boolean handed;
  private boolean bodyFull;
  private int withheld;
  private boolean continueWanted;
  private @Nullable Http2Socket socket;

  RequestStream(Http2Session session, Http2Stream netty) {
    this.session = session;
    this.netty = netty;
    output = new StreamOutput(session.output(), netty);
    clock = new StreamClock(session.serving().limits(), session.io().second());
  }

  void begin(Http2Heads heads, RequestFields fields, boolean endsHere)
      throws Http2Exception, Refused {
    boolean head = "HEAD".equals(fields.requestMethod());
    output.forHead(head);
    RequestHead request = heads.head(netty.id(), fields);
    declared = heads.bodyLength(netty.id(), request, endsHere);
    boolean expects = declared != 0 && Http2Heads.expectsContinue(request);
    boolean toSocket = Http2Socket.isAskedBy(fields, session.serving());
    boolean atOnce = expects || fields.requestProtocol() != null;
    IncomingBody body =
        Bodies.of(
            request, toSocket ? 0 : declared, atOnce, session.serving(), session.bodyMemory, this);
    Peer client = session.serving().forwarding().apply(request, session.peer());
    Http2Exchange begun = new Http2Exchange(this, request, body, client, output);
    exchange = begun;
    continueWanted = expects && !toSocket;
    socket = toSocket ? new Http2Socket(this) : null;
    if (endsHere) {
      state = State.IN_FLIGHT;
      if (socket != null) {
        socket.inputEnded();
      }
      dispatch(begun);
    } else if (body.isStream() || toSocket) {
      state = State.STREAMING;
      dispatch(begun);
    }
  }

  /** Whether the client asks for a WebSocket; any thread that was given the exchange. */
  boolean asksForSocket() {
    return socket != null;
  }

  /** Accepts the socket that was asked for; null if the client is gone. */
  @Nullable Http2Socket open(Http2Exchange its, ResponseFields head, Session opened) {
    Http2Socket asked = socket;
    if (state == State.CLOSED || asked == null) {
      finished(its);
      its.report(session.serving().observer(), false);
      return null;
    }
    output.head(head);
    return asked.open(its, opened);
  }

  /** The server ends: sockets have no end of their own. */
  void drain() {
    if (socket != null) {
      socket.drain();
    }
  }

  void cancel() {
    session.reset(netty.id(), Http2Error.CANCEL);
  }

  /**
   * Takes a piece of the body.
   *
   * @return how many bytes of window may be given back at once
   */
  int received(ByteBuf data, boolean endsHere) throws Http2Exception {
    int size = data.readableBytes();
    Http2Exchange receiving = exchange;
    if (receiving == null || !isReceiving()) {
      return size;
    }
    if (socket != null) {
      return received(socket, data, endsHere);
    }
    received += size;
    if (declared >= 0 && (received > declared || (endsHere && received < declared))) {
      throw Http2Exception.streamError(
          netty.id(), Http2Error.PROTOCOL_ERROR, "the body is not as long as content-length says");
    }
    if (received > session.serving().limits().requestBody()) {
      Refused tooLarge = Refused.tooLarge(session.serving().limits());
      refuse(tooLarge.status(), tooLarge.reason());
      return size;
    }
    if (size > 0) {
      continueWanted = false;
      // A copy: a slice of what was read would keep all of it, other streams' data too, in memory.
      receiving.incoming().add(output.allocate(Math.max(size, LEAST_BUFFER)).writeBytes(data));
    }
    if (endsHere) {
      complete(receiving);
    }
    if (bodyFull) {
      withheld += size;
      return 0;
    }
    return size;
  }

  private int received(Http2Socket its, ByteBuf data, boolean endsHere) {
    int size = data.readableBytes();
    its.received(data);
    if (endsHere && state != State.CLOSED) {
      state = State.IN_FLIGHT;
      its.inputEnded();
    }
    if (bodyFull) {
      withheld += size;
      return 0;
    }
    return size;
  }

  /** The client has ended the stream with trailers, which nobody reads. */
  void ended() throws Http2Exception {
    Http2Exchange receiving = exchange;
    if (receiving == null || !isReceiving()) {
      return;
    }
    if (declared > received) {
      throw Http2Exception.streamError(
          netty.id(), Http2Error.PROTOCOL_ERROR, "the body is shorter than content-length says");
    }
    complete(receiving);
  }

  private void complete(Http2Exchange receiving) {
    boolean streaming = state == State.STREAMING;
    state = State.IN_FLIGHT;
    if (socket != null) {
      socket.inputEnded();
    }
    receiving.incoming().complete(streaming ? () -> {} : () -> dispatch(receiving));
  }

  private boolean isReceiving() {
    return state == State.RECEIVING || state == State.STREAMING;
  }

  private void dispatch(Http2Exchange begun) {
    if (state == State.CLOSED) {
      begun.incoming().discard();
    } else if (!handed) {
      handed = true;
      session.dispatch(begun);
    }
  }

  /** Answers a request that did not get as far as an exchange. */
  void refuseHead(Refused refused) {
    state = State.CLOSED;
    byte[] text = OwnAnswers.text(refused.reason());
    ResponseHead head = OwnAnswers.head(refused.status(), text);
    output.respond(
        new ResponseFields(head),
        -1,
        Unpooled.wrappedBuffer(text),
        written -> {
          if (written) {
            resetIfReceiving();
          }
        });
  }

  /** Answers in the place of whoever has the exchange, or would have got it. */
  void refuse(int status, String why) {
    Http2Exchange refused = exchange;
    if (refused == null) {
      return;
    }
    claim();
    refused.takeOver(status, why);
  }

  /** From now on the exchange ends by itself, so that its end has to be counted. */
  private void claim() {
    if (!handed) {
      handed = true;
      session.started();
    }
  }

  /**
   * The exchange is done; what it sends last has been given to the output.
   *
   * @param its the exchange, whose body is not read any more
   */
  void finished(Http2Exchange its) {
    its.incoming().discard();
    session.finished();
    giveBack();
  }

  /** The last byte of the answer has gone out, or never will. */
  void answered(Http2Exchange its, boolean whole) {
    its.report(session.serving().observer(), whole);
    if (whole) {
      session.answered();
      resetIfReceiving();
    }
  }

  /** A client that still sends the body of an answered request is asked to stop. */
  private void resetIfReceiving() {
    if (netty.state().remoteSideOpen()) {
      session.reset(netty.id(), Http2Error.NO_ERROR);
    }
  }

  void abort(Http2Exchange its) {
    finished(its);
    its.report(session.serving().observer(), false);
    if (state != State.CLOSED) {
      session.reset(netty.id(), Http2Error.INTERNAL_ERROR);
    }
  }

  /** The stream is closed: by its end, by a reset from either side, or with the connection. */
  void closed() {
    State before = state;
    state = State.CLOSED;
    output.close();
    if (socket != null) {
      socket.closed();
    }
    Http2Exchange cut = exchange;
    if (cut == null) {
      return;
    }
    cut.clientGone("the client has taken the request back");
    if (!handed) {
      if (before == State.RECEIVING) {
        cut.incoming().discard();
      }
    } else if (!output.hasEnded()) {
      cut.report(session.serving().observer(), false);
    }
  }

  /** Nothing more comes from the client. */
  void inputEnded() {
    output.outflow().endInput();
    if (isReceiving() && socket != null && socket.isOpen()) {
      state = State.IN_FLIGHT;
      socket.inputEnded();
    } else if (isReceiving()) {
      session.reset(netty.id(), Http2Error.CANCEL);
    } else if (exchange != null) {
      exchange.inputEnded();
    }
  }

  void sent(int bytes) {
    output.count(bytes);
  }

  void checkTimeout(int second, WatchedFrameReader reader) {
    if (socket != null) {
      socket.tick(second);
    } else if (isReceiving()) {
      boolean may = !bodyFull && !continueWanted;
      boolean slow = clock.isBodySlow(second, may, received + reader.partialData(netty.id()));
      if (slow || keepsReaderWaiting()) {
        refuse(408, "the body of the request took too long to arrive");
        return;
      }
    }
    if (clock.isSendSlow(second, output.waits(), output.sent())) {
      session.reset(netty.id(), Http2Error.CANCEL);
    }
  }

  private boolean keepsReaderWaiting() {
    return exchange != null && exchange.incoming().keepsReaderWaiting(session.serving().limits());
  }

  @Override
  public void onIoThread(Runnable action) {
    session.io().loop().execute(action);
  }

  @Override
  public void pauseReading() {
    bodyFull = true;
  }

  @Override
  public void resumeReading() {
    bodyFull = false;
    giveBack();
  }

  private void giveBack() {
    int bytes = withheld;
    withheld = 0;
    if (bytes > 0 && state != State.CLOSED) {
      session.output().consumed(netty, bytes);
    }
  }

  /** The client has leave to send its body, unless it does so already. */
  @Override
  public void bodyWanted() {
    if (state == State.STREAMING && continueWanted) {
      continueWanted = false;
      clock.bodyBegins(session.io().second());
      output.sendContinue();
    }
  }

  @Override
  public void spoolFailed() {
    Http2Exchange storing = exchange;
    if (storing != null && state == State.CLOSED) {
      storing.incoming().discard();
    } else if (!handed) {
      refuse(507, "the body cannot be stored here");
    }
  }

  Http2Session session() {
    return session;
  }

  StreamOutput output() {
    return output;
  }
}
