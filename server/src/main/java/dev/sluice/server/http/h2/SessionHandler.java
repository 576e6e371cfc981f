package dev.sluice.server.http.h2;

import dev.sluice.server.http.connection.HttpLimits;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionDecoder;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionEncoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2LocalFlowController;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Exception.HeaderListSizeException;
import io.netty.handler.codec.http2.Http2Exception.StreamException;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * Netty's side of a connection of HTTP/2, on its IO thread: frames, compression, windows and the
 * states of streams are Netty's; what errors mean for the connection is decided here and in {@link
 * Http2Session}.
 *
 * <p>Windows: a stream may have {@link #STREAM_WINDOW} bytes on their way that nobody has taken;
 * more leave is given when the body is read. The window of the whole connection is always given
 * back at once, so that a stalled application stops its own stream only. Priorities of clients are
 * ignored: streams get equal shares.
 */
final class SessionHandler extends Http2ConnectionHandler {
  static final int STREAM_WINDOW = 256 * 1024;
  static final int CONNECTION_WINDOW = 1024 * 1024;
  private static final float WINDOW_UPDATE_RATIO = 0.5f;

  /** The least that a stream is given at a time, where the connection's window is shared. */
  private static final int LEAST_SHARE = 16 * 1024;

  private static final char ENABLE_CONNECT_PROTOCOL = 0x8;

  private final Http2Session session;
  private final WatchedFrameReader reader;
  private boolean started;

  private SessionHandler(
      Http2ConnectionDecoder decoder,
      Http2ConnectionEncoder encoder,
      Http2Settings settings,
      Http2Session session,
      WatchedFrameReader reader) {
    super(decoder, encoder, settings, true);
    this.session = session;
    this.reader = reader;
  }

  static SessionHandler of(Http2Session session) {
    HttpLimits limits = session.serving().limits();
    Http2Connection connection = new DefaultHttp2Connection(true, 0);
    UniformStreamByteDistributor shares = new UniformStreamByteDistributor(connection);
    shares.minAllocationChunk(LEAST_SHARE);
    connection.remote().flowController(new DefaultHttp2RemoteFlowController(connection, shares));
    connection
        .local()
        .flowController(new DefaultHttp2LocalFlowController(connection, WINDOW_UPDATE_RATIO, true));
    WatchedFrameReader reader =
        new WatchedFrameReader(
            new DefaultHttp2HeadersDecoder(false, limits.headerBytes()) {
              @Override
              protected Http2Headers newHeaders() {
                return new RequestFields(session.io().names(), limits.headers());
              }
            },
            session.budget(),
            session::checkHeaders);
    FrameWriter writer = new FrameWriter(session::dataSent);
    Http2ConnectionEncoder encoder = new DefaultHttp2ConnectionEncoder(connection, writer);
    Http2ConnectionDecoder decoder = new DefaultHttp2ConnectionDecoder(connection, encoder, reader);
    SessionHandler handler =
        new SessionHandler(decoder, encoder, settings(limits, session), session, reader);
    decoder.frameListener(new RequestFrames(session));
    return handler;
  }

  private static Http2Settings settings(HttpLimits limits, Http2Session session) {
    Http2Settings settings =
        new Http2Settings()
            .maxConcurrentStreams(limits.streams())
            .initialWindowSize(STREAM_WINDOW)
            .maxHeaderListSize(limits.headerBytes());
    if (session.extendedConnect()) {
      settings.put(ENABLE_CONNECT_PROTOCOL, Long.valueOf(1));
    }
    return settings;
  }

  WatchedFrameReader reader() {
    return reader;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) throws Exception {
    super.handlerAdded(context);
    session.added(this, context);
    if (context.channel().isActive()) {
      start(context);
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext context) throws Exception {
    super.channelActive(context);
    start(context);
  }

  /** The preface has been sent: widens the connection's window, which has no setting. */
  private void start(ChannelHandlerContext context) throws Http2Exception {
    if (!started) {
      started = true;
      session.begin();
      decoder()
          .flowController()
          .incrementWindowSize(
              connection().connectionStream(),
              CONNECTION_WINDOW - decoder().flowController().initialWindowSize());
      context.flush();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    if (session.isClosing()) {
      ReferenceCountUtil.release(message);
    } else {
      session.received();
      super.channelRead(context, message);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    session.gone();
    super.channelInactive(context);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
    if (event instanceof ChannelInputShutdownEvent) {
      session.inputEnded();
    }
    super.userEventTriggered(context, event);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) throws Exception {
    if (Http2CodecUtil.getEmbeddedHttp2Exception(cause) != null) {
      super.exceptionCaught(context, cause);
    } else {
      session.failed(cause);
    }
  }

  @Override
  protected void onConnectionError(
      ChannelHandlerContext context,
      boolean outbound,
      Throwable cause,
      @Nullable Http2Exception known) {
    if (known == null) {
      session.failed(cause);
    } else {
      session.fail(known.error(), String.valueOf(known.getMessage()));
    }
  }

  @Override
  protected void onStreamError(
      ChannelHandlerContext context, boolean outbound, Throwable cause, StreamException error) {
    Http2Stream stream = connection().stream(error.streamId());
    boolean closed = stream == null || stream.state() == Http2Stream.State.CLOSED;
    if (outbound) {
      // What could not be sent on a closed stream concerns nobody any more.
      if (!closed) {
        super.onStreamError(context, true, cause, error);
      }
    } else if (error instanceof HeaderListSizeException large && large.duringDecode()) {
      session.headersTooLarge(error.streamId());
    } else if (!(closed && session.hasReset(error.streamId()))) {
      session.streamFault(error.streamId(), error.error());
    }
  }

  /**
   * Resets a stream, and closes it at once. Netty closes it when the frame is out: data that waited
   * for that would go out behind it, which nobody may send (RFC 9113, 5.1).
   */
  @Override
  public ChannelFuture resetStream(
      ChannelHandlerContext context, int id, long error, ChannelPromise promise) {
    Http2Stream stream = connection().stream(id);
    session.noteReset(id);
    ChannelFuture written = super.resetStream(context, id, error, promise);
    if (stream != null) {
      stream.close();
    }
    return written;
  }

  /** Resets a stream, whether it is known or not. */
  void reset(ChannelHandlerContext context, int stream, Http2Error error) {
    encoder().writeRstStream(context, stream, error.code(), context.newPromise());
  }
}
