package dev.sluice.server.http.tls;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.AbstractSniHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Reads which name a client asks for, and puts the handler with the right certificate in its own
 * place; on the connection's {@code sluice-io} thread.
 */
final class CertificateChoice extends AbstractSniHandler<Tls> {
  /** As much as BoringSSL takes; a client that announces more is refused before memory is taken. */
  private static final int LARGEST_HELLO = 16 * 1024;

  private final Tls tls;

  CertificateChoice(Tls tls) {
    super(LARGEST_HELLO, 0); // no clock of its own
    this.tls = tls;
  }

  @Override
  protected Future<Tls> lookup(ChannelHandlerContext context, @Nullable String name) {
    return context.executor().newSucceededFuture(tls);
  }

  @Override
  protected void onLookupComplete(
      ChannelHandlerContext context, @Nullable String name, Future<Tls> found) {
    SslHandler handler = tls.newHandler(Handshake.serverName(name), context.alloc());
    boolean placed = false;
    try {
      context.pipeline().replace(this, null, handler);
      placed = true;
    } finally {
      if (!placed) {
        ReferenceCountUtil.release(handler.engine());
      }
    }
  }
}
