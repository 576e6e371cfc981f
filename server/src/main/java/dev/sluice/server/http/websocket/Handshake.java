package dev.sluice.server.http.websocket;

import dev.sluice.server.exchange.HeaderName;
import dev.sluice.server.exchange.RequestHead;
import dev.sluice.server.exchange.ResponseHead;
import dev.sluice.server.http.connection.HttpExchange;
import dev.sluice.server.http.connection.Refused;
import dev.sluice.server.http.connection.WebSocketLimits;
import dev.sluice.server.http.websocket.Tokens.Element;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a client says to get a WebSocket (RFC 6455, 4.2; RFC 8441 for HTTP/2), and what it is
 * answered; immutable.
 */
final class Handshake {
  private static final String VERSION = "13";
  private static final String ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private final @Nullable String key;
  private final List<String> subprotocols;
  private final @Nullable Deflation deflation;

  private Handshake(
      @Nullable String key, List<String> subprotocols, @Nullable Deflation deflation) {
    this.key = key;
    this.subprotocols = subprotocols;
    this.deflation = deflation;
  }

  /**
   * What a request asks for; null if it asks for nothing, or badly, and then it is answered here.
   *
   * @param http1 whether its headers have to say that it asks
   */
  static @Nullable Handshake of(HttpExchange exchange, boolean http1, WebSocketLimits limits) {
    if (http1 && !isAskedBy(exchange.request())) {
      return null;
    }
    try {
      if (exchange.body().length() != 0) {
        throw new Refused(400, "a WebSocket handshake has no body");
      }
      return of(exchange.request(), http1, limits.compression());
    } catch (Refused e) {
      exchange.takeOver(e.status(), e.reason());
      return null;
    }
  }

  /** Whether a request of HTTP/1 asks for a WebSocket, well or badly. */
  private static boolean isAskedBy(RequestHead head) {
    return head.header(HeaderName.UPGRADE) != null
        && head.protocol().equals("HTTP/1.1")
        && head.method().equals("GET")
        && Tokens.contains(Tokens.joined(head, HeaderName.UPGRADE), "websocket")
        && Tokens.contains(Tokens.joined(head, HeaderName.CONNECTION), "upgrade");
  }

  /**
   * Reads a handshake.
   *
   * @param http1 whether it came by HTTP/1, where it has a key
   * @param compression whether compression may be agreed on
   * @throws Refused if it is malformed, or for another version
   */
  private static Handshake of(RequestHead head, boolean http1, boolean compression) throws Refused {
    String version = only(head, HeaderName.SEC_WEBSOCKET_VERSION);
    if (!version.equals(VERSION)) {
      throw new Refused(426, "version 13 of the WebSocket protocol is spoken here");
    }
    String key = http1 ? only(head, HeaderName.SEC_WEBSOCKET_KEY) : null;
    if (key != null && !isKey(key)) {
      throw new Refused(400, "Sec-WebSocket-Key is not 16 bytes in base64");
    }
    List<Element> extensions = list(head, HeaderName.SEC_WEBSOCKET_EXTENSIONS);
    List<String> subprotocols = new ArrayList<>();
    for (Element protocol : list(head, HeaderName.SEC_WEBSOCKET_PROTOCOL)) {
      if (!protocol.parameters().isEmpty()) {
        throw new Refused(400, "Sec-WebSocket-Protocol is no list of tokens");
      }
      if (!subprotocols.contains(protocol.name())) {
        subprotocols.add(protocol.name());
      }
    }
    return new Handshake(
        key, List.copyOf(subprotocols), compression ? Deflation.of(extensions) : null);
  }

  private static String only(RequestHead head, HeaderName name) throws Refused {
    String value = head.header(name);
    if (value == null || head.occurrences(name) > 1) {
      throw new Refused(400, "a WebSocket handshake has one header " + name.text());
    }
    return value;
  }

  private static List<Element> list(RequestHead head, HeaderName name) throws Refused {
    String value = Tokens.joined(head, name);
    return value == null ? List.of() : Tokens.list(value);
  }

  private static boolean isKey(String key) {
    try {
      return key.length() == 24 && Base64.getDecoder().decode(key).length == 16;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  List<String> subprotocols() {
    return subprotocols;
  }

  /** What was agreed on about compression; null for none. */
  @Nullable Deflation deflation() {
    return deflation;
  }

  /** The head that opens the socket. */
  ResponseHead answer(int status, @Nullable String subprotocol, ResponseHead extra) {
    ResponseHead head = new ResponseHead();
    if (key == null) {
      head.reset(status, "OK");
    } else {
      head.reset(status, "Switching Protocols");
      head.header("Upgrade", "websocket");
      head.header("Connection", "Upgrade");
      head.header("Sec-WebSocket-Accept", acceptance(key));
    }
    if (subprotocol != null) {
      head.header("Sec-WebSocket-Protocol", subprotocol);
    }
    if (deflation != null) {
      head.header("Sec-WebSocket-Extensions", deflation.answer());
    }
    head.headersOf(extra);
    return head;
  }

  private static String acceptance(String key) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1")
              .digest((key + ACCEPT_SUFFIX).getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }
}
