package dev.sluice.server.http.h2;

import dev.sluice.server.exchange.HeaderName;
import dev.sluice.server.http.connection.HeaderNames;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One block of header fields, filled by Netty's HPACK decoder on the IO thread, field by field in
 * the order in which they came.
 *
 * <p>It refuses what RFC 9113 calls malformed (sections 8.2 and 8.3): pseudo-header fields that are
 * unknown, repeated or behind others, names that are no lower-case tokens, values that would break
 * a line or begin or end with white space, and the fields of HTTP/1 connections. An {@link
 * IllegalArgumentException} here becomes a stream error of type PROTOCOL_ERROR. Nothing is kept in
 * the class that this one extends, because the decoder asks for one.
 */
final class RequestFields extends DefaultHttp2Headers {
  private static final HeaderName TE = HeaderName.of("te");
  private static final List<HeaderName> OF_CONNECTIONS =
      List.of(
          HeaderName.CONNECTION,
          HeaderName.TRANSFER_ENCODING,
          HeaderName.of("keep-alive"),
          HeaderName.of("proxy-connection"),
          HeaderName.of("upgrade"),
          HeaderName.of("http2-settings"));
  private static final boolean[] NAME_CHARACTERS = new boolean[128];

  static {
    for (char c : "abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~".toCharArray()) {
      NAME_CHARACTERS[c] = true;
    }
  }

  private final HeaderNames known;
  private final int most;
  private HeaderName[] names = new HeaderName[8];
  private String[] values = new String[8];
  private int count;
  private boolean tooMany;
  private boolean pseudoSeen;
  private @Nullable String method;
  private @Nullable String scheme;
  private @Nullable String authority;
  private @Nullable String path;
  private @Nullable String protocol;

  /**
   * Makes an empty block.
   *
   * @param most how many fields are kept
   */
  RequestFields(HeaderNames known, int most) {
    super(false, 2);
    this.known = known;
    this.most = most;
  }

  @Override
  public Http2Headers add(CharSequence name, CharSequence value) {
    AsciiString text = AsciiString.of(name);
    AsciiString content = AsciiString.of(value);
    checkValue(content);
    if (!text.isEmpty() && text.byteAt(0) == ':') {
      addPseudo(text, content.toString());
    } else {
      checkName(text);
      addField(known.of(text), content);
    }
    return this;
  }

  private void addPseudo(AsciiString name, String value) {
    if (count > 0 || tooMany) {
      throw new IllegalArgumentException("a pseudo-header field behind others");
    }
    pseudoSeen = true;
    switch (name.toString()) {
      case ":method" -> method = once(method, value);
      case ":scheme" -> scheme = once(scheme, value);
      case ":authority" -> authority = once(authority, value);
      case ":path" -> path = once(path, value);
      case ":protocol" -> protocol = once(protocol, value);
      default -> throw new IllegalArgumentException("an unknown pseudo-header field");
    }
  }

  private static String once(@Nullable String before, String value) {
    if (before != null) {
      throw new IllegalArgumentException("a pseudo-header field twice");
    }
    return value;
  }

  private static void checkName(AsciiString name) {
    boolean good = !name.isEmpty();
    byte[] bytes = name.array();
    int end = name.arrayOffset() + name.length();
    for (int i = name.arrayOffset(); i < end; i++) {
      good &= bytes[i] >= 0 && NAME_CHARACTERS[bytes[i] & 0x7f];
    }
    if (!good) {
      throw new IllegalArgumentException("a field's name is no lower-case token");
    }
  }

  private static void checkValue(AsciiString value) {
    byte[] bytes = value.array();
    int start = value.arrayOffset();
    int end = start + value.length();
    boolean good = start == end || !(isSpace(bytes[start]) || isSpace(bytes[end - 1]));
    for (int i = start; i < end; i++) {
      byte b = bytes[i];
      good &= (b < 0 || b >= ' ' || b == '\t') && b != 0x7f;
    }
    if (!good) {
      throw new IllegalArgumentException("a field's value has a character that is not allowed");
    }
  }

  private static boolean isSpace(byte b) {
    return b == ' ' || b == '\t';
  }

  private void addField(HeaderName name, AsciiString value) {
    if (belongsToConnections(name)) {
      throw new IllegalArgumentException("a field that belongs to connections of HTTP/1");
    }
    if (name.isSame(TE) && !value.contentEqualsIgnoreCase("trailers")) {
      throw new IllegalArgumentException("te has another value than trailers");
    }
    if (count == most) {
      tooMany = true;
      return;
    }
    if (count == names.length) {
      names = Arrays.copyOf(names, count * 2);
      values = Arrays.copyOf(values, count * 2);
    }
    names[count] = name;
    values[count++] = value.toString();
  }

  private static boolean belongsToConnections(HeaderName name) {
    for (HeaderName other : OF_CONNECTIONS) {
      if (name.isSame(other)) {
        return true;
      }
    }
    return false;
  }

  /** Whether there were more fields than are kept. */
  boolean hasTooMany() {
    return tooMany;
  }

  /** Whether there was any pseudo-header field, which trailers must not have. */
  boolean hasPseudo() {
    return pseudoSeen;
  }

  @Nullable String requestMethod() {
    return method;
  }

  @Nullable String requestScheme() {
    return scheme;
  }

  @Nullable String requestAuthority() {
    return authority;
  }

  @Nullable String requestPath() {
    return path;
  }

  /** What an extended CONNECT (RFC 8441) asks for, such as {@code websocket}. */
  @Nullable String requestProtocol() {
    return protocol;
  }

  int fieldCount() {
    return count;
  }

  HeaderName fieldName(int index) {
    return names[index];
  }

  String fieldValue(int index) {
    return values[index];
  }
}
