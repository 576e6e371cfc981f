package dev.sluice.server.http.tls;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the first byte of a connection that is to be encrypted, on its {@code sluice-io} thread:
 * lets handshakes pass, and tells who speaks plain HTTP that this is the wrong port.
 */
final class TlsGate extends ByteToMessageDecoder {
  private static final Logger LOG = LoggerFactory.getLogger(TlsGate.class);
  private static final int HANDSHAKE = 22;
  private static final int LINGER_SECONDS = 2;
  private static final String WHY = "This port speaks HTTPS: use https:// in the address.\n";
  private static final ByteBuf PLAIN =
      Unpooled.unreleasableBuffer(
          Unpooled.copiedBuffer(
              "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n"
                  + "Content-Type: text/plain; charset=utf-8\r\nContent-Length: "
                  + WHY.length()
                  + "\r\n\r\n"
                  + WHY,
              StandardCharsets.US_ASCII));

  private final Tls tls;
  private boolean refused;

  TlsGate(Tls tls) {
    this.tls = tls;
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    int first = in.getUnsignedByte(in.readerIndex());
    if (refused) {
      in.skipBytes(in.readableBytes());
    } else if (first == HANDSHAKE) {
      context.pipeline().replace(this, null, new CertificateChoice(tls));
    } else {
      refused = true;
      in.skipBytes(in.readableBytes());
      refuse(context, first);
    }
  }

  private static void refuse(ChannelHandlerContext context, int first) {
    boolean http = (first >= 'A' && first <= 'Z') || (first >= 'a' && first <= 'z');
    if (!http) {
      LOG.debug("a connection was closed: it began with neither TLS nor HTTP");
      context.close();
      return;
    }
    LOG.debug("a connection was closed: it spoke HTTP where TLS is expected");
    context
        .writeAndFlush(PLAIN.duplicate())
        .addListener(sent -> {
          if (context.channel() instanceof DuplexChannel duplex) {
            duplex.shutdownOutput();
          }
          // A connection closed at once would be reset if the client still sends.
          context.executor().schedule(() -> context.close(), LINGER_SECONDS, TimeUnit.SECONDS);
        })
        .addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
  }
}
