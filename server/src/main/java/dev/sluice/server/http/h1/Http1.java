package dev.sluice.server.http.h1;

import dev.sluice.server.exchange.Peer;
import dev.sluice.server.http.connection.HttpLimits;
import dev.sluice.server.http.connection.IoThread;
import dev.sluice.server.http.connection.Serving;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.stream.ChunkedWriteHandler;

/** Makes a channel speak HTTP/1; on its IO thread. */
public final class Http1 {
  private static final int LARGEST_PIECE = 64 * 1024;

  private Http1() {}

  /** Adds the handlers at the pipeline's end. */
  public static void addTo(ChannelPipeline pipeline, IoThread io, Serving serving, Peer peer) {
    HttpLimits limits = serving.limits();
    StrictRequestDecoder decoder =
        new StrictRequestDecoder(
            new HttpDecoderConfig()
                .setMaxInitialLineLength(limits.requestLine())
                .setMaxHeaderSize(limits.headerBytes())
                .setHeadersFactory(ReceivedHeaders.FACTORY)
                .setMaxChunkSize(LARGEST_PIECE)
                .setAllowDuplicateContentLengths(false)
                .setUseRfc9112TransferEncoding(true),
            serving.webSockets() != null);
    pipeline.addLast(decoder);
    if (pipeline.get(SslHandler.class) != null) {
      pipeline.addLast(new ChunkedWriteHandler());
    }
    pipeline.addLast(new Http1Connection(io, serving, decoder, peer));
  }
}
