package dev.sluice.server.http.h1;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.Arrays;
import java.util.List;

/**
 * Netty's decoder, without its lenience about request lines and folded headers: one space between
 * the words, nothing else, the version spelled as RFC 9112 has it, and each header on a line of its
 * own. What one server takes for a space and the next for a part of the path is how requests are
 * smuggled. Runs on the connection's IO thread.
 */
final class StrictRequestDecoder extends HttpRequestDecoder {
  private static final DecoderResult MISPLACED =
      DecoderResult.failure(
          new IllegalArgumentException("a line of the head begins with white space"));
  private static final byte[] HTTP = {'H', 'T', 'T', 'P', '/'};

  private final HeadLines lines = new HeadLines();
  private int lastEnd;
  private boolean inHead;
  private boolean inBody;

  StrictRequestDecoder(HttpDecoderConfig config) {
    super(config);
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf buffer, List<Object> out)
      throws Exception {
    int before = out.size();
    int from = buffer.readerIndex();
    super.decode(context, buffer, out);
    if (!inBody) {
      lines.look(buffer, from, buffer.readerIndex());
    }
    if (out.size() > before) {
      if (!inBody && lines.endHead()) {
        ((HttpObject) out.get(before)).setDecoderResult(MISPLACED);
      }
      inHead = false;
      inBody = !(out.getLast() instanceof LastHttpContent);
    } else if (!inBody) {
      inHead = true;
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
