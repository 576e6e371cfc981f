package dev.sluice.server.access;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.HeaderName;
import dev.sluice.server.exchange.Outcome;
import dev.sluice.server.exchange.Peer;
import dev.sluice.server.exchange.RequestHead;
import java.nio.charset.StandardCharsets;

/** How a line of the access log looks; immutable, used by all IO threads at once. */
sealed interface LineFormat permits TextFormat, LineFormat.Json {
  /** Writes the line, without its end. */
  void write(LogLine line, Exchange exchange, Outcome outcome);

  /** Says in the log itself that lines are missing. */
  String note(long dropped);

  /**
   * Reads what a user asks for.
   *
   * @param text {@code combined}, {@code common}, {@code json}, or a text with tokens
   * @throws dev.sluice.python.SluiceException (SL320) if it is not understood
   */
  static LineFormat of(String text) {
    return switch (text) {
      case "combined" ->
          TextFormat.parse("%(h)s %(l)s %(u)s %(t)s \"%(r)s\" %(s)s %(b)s \"%(f)s\" \"%(a)s\"");
      case "common" -> TextFormat.parse("%(h)s %(l)s %(u)s %(t)s \"%(r)s\" %(s)s %(b)s");
      case "json" -> new Json();
      default -> TextFormat.parse(text);
    };
  }

  /** An object of JSON in each line, all of them with the same keys, in ASCII. */
  final class Json implements LineFormat {
    private static final byte[] TIME = bytes("{\"time\":\"");
    private static final byte[] REMOTE = bytes("\",\"remote\":");
    private static final byte[] SCHEME = bytes(",\"scheme\":");
    private static final byte[] HOST = bytes(",\"host\":");
    private static final byte[] METHOD = bytes(",\"method\":");
    private static final byte[] TARGET = bytes(",\"target\":");
    private static final byte[] PROTOCOL = bytes(",\"protocol\":");
    private static final byte[] STATUS = bytes(",\"status\":");
    private static final byte[] BYTES = bytes(",\"bytes\":");
    private static final byte[] SECONDS = bytes(",\"seconds\":");
    private static final byte[] COMPLETE = bytes(",\"complete\":");
    private static final byte[] REFERER = bytes(",\"referer\":");
    private static final byte[] USER_AGENT = bytes(",\"user_agent\":");
    private static final byte[] ID = bytes(",\"id\":");
    private static final byte[] TRUE = bytes("true");
    private static final byte[] FALSE = bytes("false");

    @Override
    public void write(LogLine line, Exchange exchange, Outcome outcome) {
      RequestHead head = exchange.request();
      Peer peer = exchange.peer();
      line.raw(TIME).isoTime().raw(REMOTE).json(peer.remoteAddress());
      line.raw(SCHEME).json(peer.scheme());
      line.raw(HOST).json(head.header(HeaderName.HOST));
      line.raw(METHOD).json(head.method());
      line.raw(TARGET).json(head.target());
      line.raw(PROTOCOL).json(head.protocol());
      line.raw(STATUS).number(outcome.status());
      line.raw(BYTES).number(outcome.bytes());
      line.raw(SECONDS).decimal(outcome.nanos(), 1_000_000_000, 6);
      line.raw(COMPLETE).raw(outcome.complete() ? TRUE : FALSE);
      line.raw(REFERER).json(head.header(HeaderName.REFERER));
      line.raw(USER_AGENT).json(head.header(HeaderName.USER_AGENT));
      line.raw(ID).json(head.header(HeaderName.X_REQUEST_ID));
      line.raw('}');
    }

    @Override
    public String note(long dropped) {
      return "{\"dropped\":" + dropped + "}";
    }

    private static byte[] bytes(String text) {
      return text.getBytes(StandardCharsets.ISO_8859_1);
    }
  }
}
