package dev.sluice.server.http.h1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Netty's decoder, without its lenience about request lines and folded headers: one space between
 * the words, nothing else, the version spelled as RFC 9112 has it, and each header on a line of its
 * own. What one server takes for a space and the next for a part of the path is how requests are
 * smuggled. Runs on the connection's IO thread.
 *
 * <p>Behind a request that wants to change the protocol nothing is decoded until it is known
 * whether that is done: it may be no HTTP.
 */
final class StrictRequestDecoder extends HttpRequestDecoder {
  private static final DecoderResult MISPLACED =
      DecoderResult.failure(
          new IllegalArgumentException("a line of the head begins with white space"));

  /** As many bytes of an unknown protocol are enough. */
  private static final int MOST_HELD = 64 * 1024;

  private static final byte[] HTTP = {'H', 'T', 'T', 'P', '/'};

  private final HeadLines lines = new HeadLines();
  private int lastEnd;
  private boolean inHead;
  private boolean inBody;
  private final boolean upgrades;
  private boolean upgrade;
  private boolean held;
  private boolean releasing;
  private @Nullable ChannelHandlerContext context;

  /**
   * A decoder at the beginning of a connection.
   *
   * @param upgrades whether the protocol may be changed
   */
  StrictRequestDecoder(HttpDecoderConfig config, boolean upgrades) {
    super(config);
    this.upgrades = upgrades;
  }

  @Override
  protected void decode(ChannelHandlerContext decoding, ByteBuf buffer, List<Object> out)
      throws Exception {
    if (held) {
      return;
    }
    int before = out.size();
    int from = buffer.readerIndex();
    super.decode(decoding, buffer, out);
    if (!inBody) {
      lines.look(buffer, from, buffer.readerIndex());
    }
    if (out.size() > before) {
      if (!inBody && lines.endHead()) {
        ((HttpObject) out.get(before)).setDecoderResult(MISPLACED);
      }
      inHead = false;
      inBody = !(out.getLast() instanceof LastHttpContent);
      if (upgrades) {
        look(decoding, out.get(before));
      }
    } else if (!inBody) {
      inHead = true;
    }
  }

  private void look(ChannelHandlerContext decoding, Object first) {
    if (first instanceof HttpRequest request) {
      upgrade = request.headers().contains(HttpHeaderNames.UPGRADE);
    }
    held = upgrade && !inBody;
    context = decoding;
  }

  /** Whether so much waits behind a request that nothing more should be read. */
  boolean isFull() {
    return held && actualReadableBytes() >= MOST_HELD;
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext read) throws Exception {
    if (isFull()) {
      read.channel().config().setAutoRead(false);
    }
    super.channelReadComplete(read);
  }

  /** All requests have been answered, and the protocol stays what it is: what follows is HTTP. */
  void goOn() {
    ChannelHandlerContext its = context;
    if (held && !releasing && its != null) {
      releasing = true;
      // Not at once: this may be called from within the decoder.
      its.executor().execute(() -> goOn(its));
    }
  }

  private void goOn(ChannelHandlerContext its) {
    releasing = false;
    if (held && !its.isRemoved()) {
      held = false;
      its.channel().config().setAutoRead(true);
      try {
        channelRead(its, Unpooled.EMPTY_BUFFER);
      } catch (Exception e) {
        its.fireExceptionCaught(e);
      }
    }
  }

  /** Whether a head has begun to arrive and is not complete. */
  boolean isInHead() {
    return inHead;
  }

  @Override
  protected String splitFirstWordInitialLine(byte[] line, int start, int length) {
    if (start > 0) {
      throw new IllegalArgumentException("there is a space before the request line");
    }
    lastEnd = start + length;
    return super.splitFirstWordInitialLine(line, start, length);
  }

  @Override
  protected String splitSecondWordInitialLine(byte[] line, int start, int length) {
    requireOneSpace(line, start);
    lastEnd = start + length;
    return super.splitSecondWordInitialLine(line, start, length);
  }

  @Override
  protected String splitThirdWordInitialLine(byte[] line, int start, int length) {
    requireOneSpace(line, start);
    if (length != HTTP.length + 3 || !Arrays.equals(line, start, start + 5, HTTP, 0, 5)) {
      throw new IllegalArgumentException("the version is not spelled HTTP/1.1");
    }
    return super.splitThirdWordInitialLine(line, start, length);
  }

  /** Becomes a failed decoder result, which is answered 400. */
  private void requireOneSpace(byte[] line, int start) {
    if (start != lastEnd + 1 || line[lastEnd] != ' ') {
      throw new IllegalArgumentException("the words of a request line have one space between them");
    }
  }
}
