package dev.sluice.server.http.h2;

import dev.sluice.server.exchange.Peer;
import dev.sluice.server.http.connection.IoThread;
import dev.sluice.server.http.connection.Serving;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.Http2CodecUtil;

/** Makes a channel speak HTTP/2; on its IO thread. */
public final class Http2 {
  /** What a client sends first, 24 bytes. */
  private static final ByteBuf PREFACE =
      Unpooled.unreleasableBuffer(Http2CodecUtil.connectionPrefaceBuf());

  private Http2() {}

  /** The first bytes of every connection of HTTP/2. */
  public static ByteBuf preface() {
    return PREFACE.duplicate();
  }

  /** Adds the handler at the pipeline's end; nothing may have been read of the preface. */
  public static void addTo(ChannelPipeline pipeline, IoThread io, Serving serving, Peer peer) {
    addTo(pipeline, io, serving, peer, serving.webSockets() != null);
  }

  /**
   * The same.
   *
   * @param extendedConnect whether clients may ask for other protocols on a stream (RFC 8441):
   *     their requests have the method CONNECT, and a body that is read while it arrives
   */
  static void addTo(
      ChannelPipeline pipeline, IoThread io, Serving serving, Peer peer, boolean extendedConnect) {
    Http2Session session = new Http2Session(io, serving, peer, extendedConnect);
    pipeline.addLast(SessionHandler.of(session));
  }
}
