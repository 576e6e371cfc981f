package dev.sluice.server.http.h2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;

/**
 * Brings the frames that Netty has found to be in order to the streams that they belong to; on the
 * connection's IO thread.
 */
final class RequestFrames extends Http2FrameAdapter {
  private final Http2Session session;

  RequestFrames(Http2Session session) {
    this.session = session;
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext context,
      int id,
      Http2Headers headers,
      int dependency,
      short weight,
      boolean exclusive,
      int padding,
      boolean endsHere)
      throws Http2Exception {
    RequestFields fields = (RequestFields) headers;
    RequestStream stream = session.stream(id);
    if (stream == null) {
      session.beginRequest(id, fields, endsHere);
      return;
    }
    if (fields.hasPseudo()) {
      throw Http2Exception.streamError(
          id, Http2Error.PROTOCOL_ERROR, "trailers have no pseudo-header fields");
    }
    stream.ended();
  }

  @Override
  public int onDataRead(
      ChannelHandlerContext context, int id, ByteBuf data, int padding, boolean endsHere)
      throws Http2Exception {
    RequestStream stream = session.stream(id);
    int size = data.readableBytes();
    return padding + (stream == null ? size : stream.received(data, endsHere));
  }

  @Override
  public void onSettingsAckRead(ChannelHandlerContext context) {
    session.settingsKnown();
  }

  @Override
  public void onPingAckRead(ChannelHandlerContext context, long data) {
    session.pingAnswered();
  }

  @Override
  public void onGoAwayRead(
      ChannelHandlerContext context, int lastStream, long error, ByteBuf debugData) {
    session.clientLeaves();
  }
}
