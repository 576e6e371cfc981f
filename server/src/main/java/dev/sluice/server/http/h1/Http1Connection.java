package dev.sluice.server.http.h1;

import dev.sluice.bridge.loop.LastingEpoll;
import dev.sluice.server.exchange.Peer;
import dev.sluice.server.exchange.RequestHead;
import dev.sluice.server.http.connection.Bodies;
import dev.sluice.server.http.connection.BodyAllowance;
import dev.sluice.server.http.connection.BodySource;
import dev.sluice.server.http.connection.Connection;
import dev.sluice.server.http.connection.IncomingBody;
import dev.sluice.server.http.connection.IoThread;
import dev.sluice.server.http.connection.Outflow;
import dev.sluice.server.http.connection.Refused;
import dev.sluice.server.http.connection.Serving;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * One connection of HTTP/1, on its {@code sluice-io} thread: receives requests one after the other,
 * hands each to the handler, and sends what the exchange gives back.
 *
 * <p>A client may send further requests before the first is answered; a few wait, decoded.
 */
public final class Http1Connection extends ChannelInboundHandlerAdapter implements Connection {
  private final IoThread io;
  private final Serving serving;
  private final Http1Heads heads;
  private final StrictRequestDecoder decoder;
  private final Peer peer;
  private final Outflow outflow = new Outflow();
  private final Http1Clock clock;
  private final BodyAllowance bodyMemory;
  private final BodySource source = new Http1BodySource(this);
  private final Backlog waiting = new Backlog();
  private Http1Output output;
  private ChannelHandlerContext context;
  private State state = State.IDLE;
  private boolean bodyFull;
  private boolean continueWanted;
  private @Nullable Http1Exchange exchange;
  final HeadArray headArray = new HeadArray();

  @SuppressWarnings("NullAway.Init") // handlerAdded gives the rest, before anything else
  Http1Connection(IoThread io, Serving serving, StrictRequestDecoder decoder, Peer peer) {
    this.io = io;
    this.serving = serving;
    this.decoder = decoder;
    this.peer = peer;
    heads = new Http1Heads(io.names(), serving.limits());
    clock = new Http1Clock(serving.limits());
    bodyMemory = new BodyAllowance(serving.bodyMemory());
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
    output =
        new Http1Output(io, added, outflow, () -> clock.progress(io.second()), waiting::hasMore);
    if (added.channel().isActive()) {
      begin();
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext active) {
    begin();
  }

  private void begin() {
    clock.progress(io.second());
    io.add(this);
  }

  @Override
  public void channelInactive(ChannelHandlerContext inactive) {
    io.remove(this);
    State before = state;
    state = State.CLOSED;
    outflow.close();
    waiting.forget();
    Http1Exchange cut = exchange;
    if (cut == null) {
      return;
    }
    cut.clientGone("the client has closed the connection");
    if (before == State.RECEIVING) {
      exchange = null;
      cut.incoming().discard();
    } else {
      cut.report(serving.observer(), false);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext reading, Object message) {
    switch (state) {
      case IDLE, RECEIVING, STREAMING, IN_FLIGHT -> {
        clock.progress(io.second());
        waiting.add(message);
        proceed();
      }
      case REFUSED, CLOSED -> ReferenceCountUtil.release(message);
    }
  }

  /** Receives what waits, unless a request is in flight or the client takes no answers. */
  private void proceed() {
    Object next;
    while (mayReceive() && (next = waiting.poll()) != null) {
      receive(next);
    }
    updateReading();
  }

  private boolean mayReceive() {
    return isReceiving() || (state == State.IDLE && context.channel().isWritable());
  }

  /** Reads on, unless there is no room for what would come. */
  private void updateReading() {
    boolean unable = state == State.IDLE && !context.channel().isWritable();
    boolean full = bodyFull || waiting.isFull() || decoder.isFull() || unable;
    if (state != State.CLOSED && context.channel().config().isAutoRead() == full) {
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
      if (message instanceof HttpContent content && isReceiving()) {
        Http1Heads.checkContent(content.decoderResult());
        receive(content);
      }
    } catch (Refused e) {
      refuse(e.status(), e.reason());
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private boolean isReceiving() {
    return state == State.RECEIVING || state == State.STREAMING;
  }

  private void begin(HttpRequest request) throws Refused {
    RequestHead head = heads.head(request);
    RequestIntent intent = RequestIntent.of(head, serving.limits());
    IncomingBody body =
        Bodies.of(head, intent.length(), intent.expectsContinue(), serving, bodyMemory, source);
    Peer client = serving.forwarding().apply(head, peer);
    Http1Exchange begun = new Http1Exchange(this, head, body, client, intent.keepAlive());
    exchange = begun;
    clock.bodyBegins(io.second());
    continueWanted = intent.expectsContinue();
    state = body.isStream() ? State.STREAMING : State.RECEIVING;
    if (body.isStream()) {
      dispatch(begun);
    }
  }

  private void receive(HttpContent content) throws Refused {
    Http1Exchange receiving = exchange;
    if (receiving == null) {
      return;
    }
    IncomingBody body = receiving.incoming();
    ByteBuf piece = content.content();
    if (piece.isReadable()) {
      continueWanted = false;
      if (body.received() + piece.readableBytes() > serving.limits().requestBody()) {
        throw Refused.tooLarge(serving.limits());
      }
      clock.bodyArrived(piece.readableBytes());
      body.add(piece.retain());
    }
    if (content instanceof LastHttpContent) {
      boolean streaming = state == State.STREAMING;
      state = State.IN_FLIGHT;
      body.complete(streaming ? () -> {} : () -> dispatch(receiving));
    }
  }

  private void dispatch(Http1Exchange received) {
    if (state == State.CLOSED) {
      received.incoming().discard();
      return;
    }
    received.handTo(serving.handler());
  }

  /** Answers, then reads nothing more: what follows cannot be trusted to be a request. */
  private void refuse(int status, String why) {
    waiting.forget();
    Http1Exchange refused = exchange;
    if (refused != null && state == State.STREAMING) {
      // The handler has it: what it sends from now on has no effect.
      refused.incoming().fail(why);
      refused.takeOver(status, why);
      return;
    }
    exchange = null;
    if (refused != null) {
      refused.incoming().discard();
      refused.refused(serving.observer(), status);
    }
    state = State.REFUSED;
    output.closeAfter(Refusal.encode(context.alloc(), status, why, io.date()));
    setBodyFull(false);
  }

  Http1Output output() {
    return output;
  }

  /** Sends the last part of an answer, and what is to follow it; on the IO thread. */
  void finish(Http1Exchange ended, ByteBuf out, @Nullable SharedRegion body, boolean close) {
    ended.incoming().discard();
    if (exchange != ended || state == State.CLOSED) {
      Http1Output.drop(out, body);
      ended.report(serving.observer(), false);
      return;
    }
    exchange = null;
    clock.progress(io.second());
    boolean ending = outflow.isDraining() || (output.isInputEnded() && !waiting.hasWholeRequest());
    if (close || state == State.STREAMING || ending) {
      ended.reportAfter(endWith(output.join(out, body)), serving.observer(), body);
      return;
    }
    ended.sendLast(out, body, serving.observer());
    state = State.IDLE;
    proceed();
    if (state == State.IDLE && !waiting.hasMore()) {
      decoder.goOn();
    }
  }

  /** Sends the last bytes of all, and what waits before them; reads nothing more. */
  private ChannelFuture endWith(Object last) {
    waiting.forget();
    state = State.REFUSED;
    ChannelFuture sent = output.closeAfter(last);
    setBodyFull(false);
    return sent;
  }

  /** Leaves the connection to another protocol; false if the client is gone. */
  boolean leave(Http1Exchange its) {
    boolean there = exchange == its && state == State.IN_FLIGHT;
    if (there) {
      exchange = null;
      state = State.CLOSED;
      io.remove(this);
    }
    return there;
  }

  void abort(Http1Exchange aborted) {
    aborted.incoming().discard();
    aborted.report(serving.observer(), false);
    if (exchange == aborted) {
      exchange = null;
      if (aborted.showsItsEnd() && state != State.CLOSED) {
        endWith(Unpooled.EMPTY_BUFFER);
      } else {
        output.reset();
      }
    }
  }

  @Override
  public void closeNow() {
    output.close(isBusy());
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext triggered, Object event) {
    boolean ended = event instanceof ChannelInputShutdownEvent;
    if (ended || event == LastingEpoll.Event.INPUT_ENDING) {
      outflow.endInput();
      if (exchange != null) {
        exchange.inputEnded();
      }
    }
    if (ended) {
      output.inputEnded();
      switch (state) {
        case RECEIVING, STREAMING -> context.close();
        case IDLE -> endIdle();
        case IN_FLIGHT, REFUSED, CLOSED -> {}
      }
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext caught, Throwable cause) {
    output.failed(cause, peer);
  }

  @Override
  public void checkTimeout(int second) {
    boolean reads = context.channel().config().isAutoRead() && !continueWanted;
    boolean inHead = decoder.isInHead() && !waiting.hasMore();
    Http1Exchange read = isReceiving() ? exchange : null;
    boolean slow = read != null && read.incoming().keepsReaderWaiting(serving.limits());
    Http1Clock.Verdict verdict = clock.check(second, state, reads, inHead, output.progress());
    switch (slow ? Http1Clock.Verdict.SLOW_BODY : verdict) {
      case FINE -> {}
      case CLOSE -> context.close();
      case RESET -> output.reset();
      case SLOW_HEAD -> refuse(408, "the head of the request took too long to arrive");
      case SLOW_BODY -> refuse(408, Refusal.SLOW_BODY);
    }
  }

  @Override
  public void announceEnd() {
    outflow.announceEnd();
  }

  @Override
  public void drain() {
    outflow.drain();
    endIdle();
  }

  private void endIdle() {
    if (state == State.IDLE && !waiting.hasWholeRequest()) { // else behind its answer
      state = State.REFUSED;
      output.closeAfter(Unpooled.EMPTY_BUFFER);
    }
  }

  @Override
  public boolean isBusy() {
    return isReceiving() || state == State.IN_FLIGHT || output.hasUnsent();
  }

  @Override
  public boolean isSilent() {
    return state == State.IDLE && !clock.hasServed();
  }

  /** Whether there is no room for more of the body. */
  void setBodyFull(boolean full) {
    bodyFull = full;
    updateReading();
  }

  /** The client has leave to send its body, unless it does so already. */
  void bodyWanted() {
    if (state == State.STREAMING && continueWanted) {
      continueWanted = false;
      clock.bodyBegins(io.second());
      output.sendContinue(exchange);
    }
  }

  /** The body cannot be kept. */
  void spoolFailed() {
    Http1Exchange storing = exchange;
    if (state == State.CLOSED && storing != null) {
      storing.incoming().discard();
    } else if (state == State.RECEIVING || state == State.IN_FLIGHT) {
      refuse(507, "the body cannot be stored here");
    }
  }

  IoThread io() {
    return io;
  }

  Serving serving() {
    return serving;
  }

  Outflow outflow() {
    return outflow;
  }
}
