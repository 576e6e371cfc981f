package dev.sluice.server.http.h2;

import dev.sluice.server.http.connection.Refused;
import dev.sluice.server.http.connection.Serving;
import dev.sluice.server.http.websocket.Carrier;
import dev.sluice.server.http.websocket.Session;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;

/**
 * A stream of HTTP/2 that carries a WebSocket (RFC 8441), or is asked to, on the connection's IO
 * thread. What comes before the socket is accepted is kept, and its window not given back.
 */
final class Http2Socket implements Carrier {
  private final RequestStream stream;
  private @Nullable Session session;
  private @Nullable Http2Exchange exchange;
  private @Nullable ByteBuf early;
  private boolean inputEnded;
  private boolean draining;

  Http2Socket(RequestStream stream) {
    this.stream = stream;
    stream.pauseReading();
  }

  /**
   * Whether a request asks for a WebSocket.
   *
   * @throws Refused if it asks for something else
   */
  static boolean isAskedBy(RequestFields fields, Serving serving) throws Refused {
    String protocol = fields.requestProtocol();
    if (protocol == null || serving.webSockets() == null) {
      return false;
    }
    if (!protocol.equals("websocket")) {
      throw new Refused(501, "no other protocol than websocket can be asked for");
    }
    return true;
  }

  /** The exchange has been accepted. */
  Http2Socket open(Http2Exchange its, Session opened) {
    exchange = its;
    session = opened;
    return this;
  }

  /** Takes what the client has sent, which stays the caller's. */
  void received(ByteBuf data) {
    Session its = session;
    if (its != null) {
      its.received(data);
      its.readComplete();
    } else if (data.isReadable()) {
      early = early == null ? allocator().buffer(data.readableBytes()) : early;
      early.writeBytes(data);
    }
  }

  @Override
  public void begin() {
    stream.resumeReading();
    ByteBuf kept = early;
    early = null;
    if (kept != null) {
      received(kept);
      kept.release();
    }
    if (inputEnded) {
      inputEnded();
    }
    if (draining) {
      drain();
    }
  }

  /** Nothing more comes from the client. */
  void inputEnded() {
    inputEnded = true;
    if (session != null) {
      session.inputEnded();
    }
  }

  void drain() {
    draining = true;
    if (session != null) {
      session.drain();
    }
  }

  /** The stream is closed. */
  void closed() {
    if (early != null) {
      early.release();
      early = null;
    }
    if (session != null) {
      session.gone();
    }
  }

  /** Whether it has been accepted. */
  boolean isOpen() {
    return session != null;
  }

  void tick(int second) {
    if (session != null) {
      session.tick(second, stream.output().waits());
    }
  }

  private ChannelHandlerContext context() {
    return stream.session().output().context();
  }

  @Override
  public ByteBufAllocator allocator() {
    return context().alloc();
  }

  @Override
  public void write(ByteBuf bytes) {
    int size = bytes.readableBytes();
    stream.output().outflow().queued(size);
    stream
        .output()
        .piece(
            bytes,
            size,
            () -> {
              if (session != null) {
                session.writabilityChanged();
              }
            });
  }

  /** The connection flushes by itself, for all of its streams. */
  @Override
  public void flush() {}

  @Override
  public boolean isCongested() {
    return stream.output().outflow().isCongested();
  }

  @Override
  public void setReading(boolean reads) {
    if (reads) {
      stream.resumeReading();
    } else {
      stream.pauseReading();
    }
  }

  @Override
  public void end(long sent, boolean clean) {
    Http2Exchange its = exchange;
    if (its != null) {
      its.socketEnded(sent);
      stream.finished(its);
      stream.output().end(null, written -> stream.answered(its, written && clean));
    }
  }

  @Override
  public void abort() {
    stream.cancel();
  }
}
