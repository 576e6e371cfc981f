package dev.sluice.server.http;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The frames that a server has sent, read by the book: RFC 9113's order of them, and windows. */
final class Http2Answers {
  private static final int PREFACE_LENGTH = 24;
  private static final int LARGEST_FRAME = 16_384;

  private final DefaultHttp2HeadersDecoder hpack = new DefaultHttp2HeadersDecoder(false, 1 << 20);
  private final Map<Integer, Answer> answers = new LinkedHashMap<>();
  private final Set<Integer> opened = new HashSet<>();
  private int largestFrame = LARGEST_FRAME;

  /** The answer on one stream, as far as it has come. */
  static final class Answer {
    private final List<String> headers = new ArrayList<>();
    private final StringBuilder body = new StringBuilder();
    private int status;
    private boolean ended;
    private boolean reset;

    int status() {
      return status;
    }

    String body() {
      return body.toString();
    }

    /** Whether the server said that this was all of it. */
    boolean ended() {
      return ended;
    }

    @Nullable String header(String name) {
      return headers.stream()
          .filter(header -> header.startsWith(name + ": "))
          .map(header -> header.substring(name.length() + 2))
          .findFirst()
          .orElse(null);
    }

    @Override
    public String toString() {
      return status + " " + headers + " " + body + (ended ? " (whole)" : "");
    }
  }

  /** Learns from what the client sent how large frames and tables may be, and what it asked for. */
  Http2Answers(byte[] sent) {
    ByteBuffer in = ByteBuffer.wrap(sent).position(PREFACE_LENGTH);
    while (in.remaining() >= 9) {
      int length = in.getInt(in.position()) >>> 8;
      int type = in.get(in.position() + 3);
      int flags = in.get(in.position() + 4);
      int stream = in.getInt(in.position() + 5) & 0x7fff_ffff;
      in.position(in.position() + 9);
      if (length > in.remaining()) {
        return;
      }
      ByteBuffer payload = in.slice(in.position(), length);
      in.position(in.position() + length);
      if (type == 1) {
        opened.add(stream);
      } else if (type == 4 && (flags & 1) == 0) {
        learn(payload);
      }
    }
  }

  private void learn(ByteBuffer settings) {
    while (settings.remaining() >= 6) {
      int key = settings.getShort();
      long value = settings.getInt() & 0xffff_ffffL;
      if (key == 1) {
        try {
          long table = hpack.configuration().maxHeaderTableSize();
          hpack.configuration().maxHeaderTableSize(Math.max(table, value));
        } catch (Http2Exception e) {
          throw new AssertionError(e);
        }
      } else if (key == 5) {
        largestFrame = (int) Math.max(largestFrame, Math.min(value, 0xff_ffff));
      }
    }
  }

  Collection<Answer> all() {
    return answers.values().stream().filter(answer -> answer.status > 0).toList();
  }

  int streamsOpened() {
    return opened.size();
  }

  /** Reads everything; the last frame may be cut only by the connection's end. */
  void read(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    boolean first = true;
    while (in.remaining() >= 9) {
      int word = in.getInt();
      int length = word >>> 8;
      int flags = in.get() & 0xff;
      int stream = in.getInt();
      require(length <= largestFrame, "a frame of " + length + " bytes");
      require(length <= in.remaining(), "a frame that is cut off");
      require(!first || (word & 0xff) == 4, "SETTINGS comes first");
      first = false;
      byte[] payload = new byte[length];
      in.get(payload);
      frame(word & 0xff, flags, stream, payload);
    }
    require(!in.hasRemaining(), "half a frame");
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError("the server sent " + what);
    }
  }

  private void frame(int type, int flags, int stream, byte[] payload) {
    switch (type) {
      case 0 -> data(answer(stream), flags, payload);
      case 1 -> headers(answer(stream), flags, stream, payload);
      case 3 -> {
        // Those that were passed over when a later one was opened are closed, too.
        boolean idle = opened.stream().noneMatch(number -> number >= stream);
        require(payload.length == 4 && !idle, "RST_STREAM for stream " + stream);
        answers.computeIfAbsent(stream, number -> new Answer()).reset = true;
      }
      case 4 -> require(stream == 0 && payload.length % 6 == 0, "SETTINGS that are none");
      case 6 -> require(stream == 0 && payload.length == 8, "PING that is none");
      case 7 -> require(stream == 0 && payload.length >= 8, "GOAWAY that is none");
      case 8 -> {
        require(payload.length == 4, "WINDOW_UPDATE that is none");
        require(ByteBuffer.wrap(payload).getInt() > 0, "WINDOW_UPDATE of nothing");
      }
      default -> require(false, "a frame of type " + type);
    }
  }

  private Answer answer(int stream) {
    require(opened.contains(stream), "a frame on stream " + stream + ", which nobody opened");
    Answer answer = answers.computeIfAbsent(stream, number -> new Answer());
    require(!answer.ended && !answer.reset, "a frame behind the end of stream " + stream);
    return answer;
  }

  private static void data(Answer answer, int flags, byte[] payload) {
    require(answer.status >= 200, "DATA before HEADERS");
    answer.body.append(new String(payload, StandardCharsets.ISO_8859_1));
    answer.ended = (flags & 1) != 0;
  }

  private void headers(Answer answer, int flags, int stream, byte[] payload) {
    require((flags & 4) != 0, "a block of headers in parts, though all are small");
    Http2Headers block;
    try {
      block = hpack.decodeHeaders(stream, Unpooled.wrappedBuffer(payload));
    } catch (Http2Exception e) {
      throw new AssertionError("the server sent headers that cannot be read", e);
    }
    CharSequence status = block.status();
    if (answer.status >= 200) {
      require(status == null && (flags & 1) != 0, "trailers that are none: " + block);
    } else {
      require(status != null, "headers without a status");
      answer.status = Integer.parseInt(String.valueOf(status));
      answer.headers.clear();
    }
    block.forEach(field -> {
      String name = field.getKey().toString();
      require(name.equals(name.toLowerCase(java.util.Locale.ROOT)), "a name in capitals: " + name);
      if (answer.status >= 200 && status != null) {
        answer.headers.add(name + ": " + field.getValue());
      }
    });
    answer.ended = (flags & 1) != 0;
    require(answer.status >= 200 || !answer.ended, "an informational response that ends");
  }
}
