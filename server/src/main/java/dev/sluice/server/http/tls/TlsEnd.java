package dev.sluice.server.http.tls;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a connection when its TLS ends, on its {@code sluice-io} thread: a client that has said
 * close_notify gets no more, since BoringSSL ends both directions at once. What breaks TLS is the
 * client's doing, and no error of the server's.
 */
public final class TlsEnd extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(TlsEnd.class);

  private boolean outputClosed;

  TlsEnd() {}

  /**
   * Closes our side of a connection after all that was written, and goes on reading. Inside TLS the
   * end has to be said in its own words first: close_notify.
   */
  public static void shutdownOutput(Channel channel) {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    TlsEnd end = channel.pipeline().get(TlsEnd.class);
    if (!(channel instanceof DuplexChannel duplex)) {
      channel.close();
    } else if (tls == null || end == null) {
      duplex.shutdownOutput();
    } else {
      end.outputClosed = true;
      tls.closeOutbound().addListener(said -> duplex.shutdownOutput());
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    context.fireUserEventTriggered(event);
    // Once our side is closed, BoringSSL calls the client's closed too, whatever still comes.
    if (event instanceof SslCloseCompletionEvent && !outputClosed) {
      context.close();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    boolean clients =
        cause instanceof SSLException
            || (cause instanceof DecoderException && cause.getCause() instanceof SSLException);
    if (clients) {
      LOG.debug("a connection was closed: {}", cause.getMessage());
      context.close();
    } else {
      context.fireExceptionCaught(cause);
    }
  }
}
