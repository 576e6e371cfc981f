package dev.sluice.server.http;

import dev.sluice.server.exchange.Peer;
import dev.sluice.server.http.connection.IoThread;
import dev.sluice.server.http.connection.Serving;
import dev.sluice.server.http.h1.Http1;
import dev.sluice.server.http.h2.Http2;
import dev.sluice.server.http.tls.Alpn;
import io.netty.channel.ChannelPipeline;

/** Makes a connection speak HTTP, once its peer is known; on its {@code sluice-io} thread. */
final class Protocols {
  private Protocols() {}

  /** A connection that is not encrypted: the client's first bytes say which HTTP it speaks. */
  static void plain(ChannelPipeline pipeline, IoThread io, Serving serving, Peer peer) {
    pipeline.addLast(new CleartextProtocol(io, serving, peer));
  }

  /**
   * An encrypted one.
   *
   * @param agreed one of {@link Alpn}'s names
   */
  static void encrypted(
      ChannelPipeline pipeline, IoThread io, Serving serving, Peer peer, String agreed) {
    if (agreed.equals(Alpn.HTTP2)) {
      Http2.addTo(pipeline, io, serving, peer);
    } else {
      Http1.addTo(pipeline, io, serving, peer);
    }
  }
}
