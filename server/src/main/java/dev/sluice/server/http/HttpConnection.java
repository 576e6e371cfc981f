package dev.sluice.server.http;

import dev.sluice.server.exchange.RequestHandler;
import dev.sluice.server.exchange.RequestHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection, on its {@code sluice-io} thread: receives requests one after the other, hands
 * each to the handler, and sends what the exchange gives back. What other threads call is in {@link
 * Outflow} and says so.
 *
 * <p>A client may send further requests before the first is answered; they wait, decoded, and after
 * a few of them the connection is not read any more.
 */
final class HttpConnection extends ChannelInboundHandlerAdapter implements Spool.Owner {
  private static final Logger LOG = LoggerFactory.getLogger(HttpConnection.class);
  private static final int MOST_WAITING = 16;
  private static final int LINGER_SECONDS = 2;
  private static final ByteBuf CONTINUE =
      Unpooled.unreleasableBuffer(
          Unpooled.directBuffer()
              .writeBytes("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));

  private enum State {
    /** Between requests. */
    IDLE,
    /** The head is here, the body is on its way. */
    RECEIVING,
    /** The body is being stored, or the handler has the exchange. */
    IN_FLIGHT,
    /** A request was refused: whatever still comes is thrown away until the client closes. */
    REFUSED,
    CLOSED
  }

  private final IoThread io;
  private final HttpLimits limits;
  private final RequestHandler handler;
  private final Outflow outflow = new Outflow();
  private final Deque<Object> waiting = new ArrayDeque<>(0);
  private ChannelHandlerContext context;
  private State state = State.IDLE;
  private int lastProgress;
  private boolean halfClosed;
  private boolean spoolFull;

  private @Nullable HttpExchange exchange;
  private byte[] responseArray = new byte[0];
  private Endpoints endpoints = Endpoints.UNKNOWN;

  @SuppressWarnings("NullAway.Init") // the context is given by handlerAdded, before anything else
  HttpConnection(IoThread io, HttpLimits limits, RequestHandler handler) {
    this.io = io;
    this.limits = limits;
    this.handler = handler;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
  }

  @Override
  public void channelActive(ChannelHandlerContext active) {
    endpoints = Endpoints.of(active.channel().remoteAddress(), active.channel().localAddress());
    lastProgress = io.second();
    io.add(this);
  }

  @Override
  public void channelInactive(ChannelHandlerContext inactive) {
    io.remove(this);
    State before = state;
    state = State.CLOSED;
    outflow.close();
    waiting.forEach(ReferenceCountUtil::release);
    waiting.clear();
    if (before == State.RECEIVING && exchange != null) {
      exchange.collector().discard();
      exchange = null;
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext reading, Object message) {
    switch (state) {
      case IDLE, RECEIVING, IN_FLIGHT -> {
        lastProgress = io.second();
        waiting.add(message);
        proceed();
      }
      case REFUSED, CLOSED -> ReferenceCountUtil.release(message);
    }
  }

  /** Receives what waits, unless a request is in flight or the client takes no answers. */
  private void proceed() {
    while (!waiting.isEmpty()
        && (state == State.RECEIVING || (state == State.IDLE && context.channel().isWritable()))) {
      receive(waiting.poll());
    }
    updateReading();
  }

  /** Reads on, unless there is no room for what would come. */
  private void updateReading() {
    boolean full =
        spoolFull
            || waiting.size() >= MOST_WAITING
            || (state == State.IDLE && !context.channel().isWritable());
    if (context.channel().config().isAutoRead() == full) {
      context.channel().config().setAutoRead(!full);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext changed) {
    // Not at once: this may be called from within a write of ours.
    io.loop().execute(this::proceed);
  }

  private void receive(Object message) {
    try {
      if (message instanceof HttpRequest request) {
        begin(request);
      }
      if (message instanceof HttpContent content && state == State.RECEIVING) {
        RequestParts.checkDecoded(content.decoderResult());
        receive(content);
      }
    } catch (RequestParts.Refused e) {
      refuse(e.status(), e.getMessage() == null ? "" : e.getMessage());
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void begin(HttpRequest request) throws RequestParts.Refused {
    RequestHead head = io.parts().head(request);
    RequestIntent intent = RequestIntent.of(head, limits);
    if (intent.expectsContinue()) {
      context.writeAndFlush(CONTINUE.duplicate());
    }
    BodyCollector body =
        intent.hasBody() ? new BodyCollector(limits.bodyInMemory(), this) : BodyCollector.EMPTY;
    exchange = new HttpExchange(this, head, body, intent.keepAlive());
    state = State.RECEIVING;
  }

  private void receive(HttpContent content) throws RequestParts.Refused {
    HttpExchange receiving = exchange;
    if (receiving == null) {
      return;
    }
    BodyCollector body = receiving.collector();
    ByteBuf piece = content.content();
    if (piece.isReadable()) {
      if (body.length() + piece.readableBytes() > limits.requestBody()) {
        throw RequestIntent.tooLarge(limits);
      }
      body.add(piece.retain());
    }
    if (content instanceof LastHttpContent) {
      state = State.IN_FLIGHT;
      body.whenComplete(() -> dispatch(receiving));
    }
  }

  private void dispatch(HttpExchange received) {
    if (state == State.CLOSED) {
      received.collector().discard();
      return;
    }
    try {
      if (!handler.accept(received)) {
        OwnAnswers.respond(received, 503, "too many requests are waiting here: try again soon");
      }
    } catch (RuntimeException e) {
      LOG.error("a request could not be handed over: {}", e.toString());
      received.abort();
    }
  }

  /** Answers, then reads nothing more: what follows cannot be trusted to be a request. */
  private void refuse(int status, String why) {
    if (exchange != null) {
      exchange.collector().discard();
      exchange = null;
    }
    state = State.REFUSED;
    waiting.forEach(ReferenceCountUtil::release);
    waiting.clear();
    closeAfter(OwnAnswers.refusal(context.alloc(), status, why, io.date()));
    resumeReading();
  }

  /**
   * Sends the last bytes and closes our side only: closing both at once would make the system reset
   * the connection if the client is still sending, and it would never see the answer.
   */
  private void closeAfter(ByteBuf out) {
    context
        .writeAndFlush(out)
        .addListener(future -> {
          lastProgress = io.second();
          if (!future.isSuccess()) {
            reset();
          } else if (context.channel() instanceof DuplexChannel duplex && !halfClosed) {
            duplex.shutdownOutput();
          } else {
            context.close();
          }
        });
  }

  void writePart(ByteBuf out) {
    int size = out.readableBytes();
    context.writeAndFlush(out).addListener(future -> outflow.sent(size));
  }

  void finish(HttpExchange ended, ByteBuf out, boolean close) {
    ended.collector().discard();
    if (exchange != ended || state == State.CLOSED) {
      out.release();
      return;
    }
    exchange = null;
    lastProgress = io.second();
    if (close || outflow.isDraining() || (halfClosed && waiting.isEmpty())) {
      state = State.REFUSED;
      closeAfter(out);
      resumeReading();
      return;
    }
    context.writeAndFlush(out, context.voidPromise());
    state = State.IDLE;
    proceed();
  }

  /** Whether a part of an answer has not yet been taken by the system. */
  private boolean hasUnsent() {
    ChannelOutboundBuffer buffer = context.channel().unsafe().outboundBuffer();
    return buffer != null && !buffer.isEmpty();
  }

  void abort(HttpExchange aborted) {
    aborted.collector().discard();
    if (exchange == aborted) {
      exchange = null;
      reset();
    }
  }

  /** Ends the connection, and cuts off what is in flight. */
  void closeNow() {
    if (isBusy()) {
      reset();
    } else {
      context.close();
    }
  }

  /** Ends the connection so that nobody takes what was sent for the whole. */
  private void reset() {
    if (context.channel().isActive()) {
      context.channel().config().setOption(ChannelOption.SO_LINGER, 0);
      context.close();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext triggered, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      halfClosed = true;
      if (state == State.RECEIVING) {
        context.close();
      } else if (state != State.IN_FLIGHT) {
        state = State.REFUSED;
        closeAfter(Unpooled.EMPTY_BUFFER);
      }
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext caught, Throwable cause) {
    if (!(cause instanceof IOException)) { // those are clients that have gone
      LOG.error("the connection of {} was closed: {}", endpoints.remoteAddress(), cause.toString());
    }
    context.close();
  }

  void checkTimeout(int second) {
    if (hasUnsent()) {
      lastProgress = second;
    }
    int quiet = second - lastProgress;
    switch (state) {
      case IDLE -> {
        if (quiet > limits.keepAlive().toSeconds()) {
          context.close();
        }
      }
      case RECEIVING -> {
        if (quiet > limits.request().toSeconds()) {
          refuse(408, "the request took too long to arrive");
        }
      }
      case REFUSED -> {
        if (quiet > LINGER_SECONDS) {
          context.close();
        }
      }
      case IN_FLIGHT, CLOSED -> {}
    }
  }

  void drain() {
    outflow.drain();
    if (state == State.IDLE) {
      state = State.REFUSED;
      closeAfter(Unpooled.EMPTY_BUFFER);
    }
  }

  /** Whether a request is being received or answered, or its answer sent. */
  boolean isBusy() {
    return state == State.RECEIVING || state == State.IN_FLIGHT || hasUnsent();
  }

  @Override
  public void pauseReading() {
    spoolFull = true;
    updateReading();
  }

  @Override
  public void resumeReading() {
    spoolFull = false;
    updateReading();
  }

  @Override
  public void spoolFailed() {
    if (state == State.CLOSED && exchange != null) {
      exchange.collector().discard();
    } else if (state == State.RECEIVING || state == State.IN_FLIGHT) {
      refuse(507, "the body cannot be stored here");
    }
  }

  @Override
  public void onIoThread(Runnable action) {
    io.loop().execute(action);
  }

  ByteBuf allocate(int size) {
    return context.alloc().directBuffer(size);
  }

  /** An array that the one exchange in flight may fill; keeps what {@code old} has in it. */
  byte[] responseArray(byte[] old, int keep, int size) {
    if (responseArray.length < size) {
      responseArray = new byte[Math.max(size, 1024)];
    }
    if (old != responseArray) {
      System.arraycopy(old, 0, responseArray, 0, keep);
    }
    return responseArray;
  }

  byte[] date() {
    return io.date();
  }

  Outflow outflow() {
    return outflow;
  }

  Endpoints endpoints() {
    return endpoints;
  }
}
