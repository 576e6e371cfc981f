package dev.sluice.server.access;

import dev.sluice.server.access.TextFormat.Field;
import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.HeaderName;
import dev.sluice.server.exchange.Peer;
import dev.sluice.server.exchange.RequestHead;
import dev.sluice.server.exchange.TlsDetails;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What may stand in a format: gunicorn's names, which are Apache's letters, and granian's words;
 * used by all IO threads at once.
 */
final class Tokens {
  private static final Map<String, Field> TEXTS = new LinkedHashMap<>();
  private static final Map<String, Field> NUMBERS = new LinkedHashMap<>();

  static {
    // Gunicorn's.
    TEXTS.put("h", (line, exchange, outcome) -> line.text(exchange.peer().remoteAddress()));
    TEXTS.put("l", (line, exchange, outcome) -> line.raw('-'));
    TEXTS.put("u", (line, exchange, outcome) -> line.raw('-'));
    TEXTS.put("t", (line, exchange, outcome) -> line.raw('[').apacheTime().raw(']'));
    TEXTS.put("r", (line, exchange, outcome) -> requestLine(line, exchange.request()));
    TEXTS.put("m", (line, exchange, outcome) -> line.text(exchange.request().method()));
    TEXTS.put("U", (line, exchange, outcome) -> path(line, exchange.request().target()));
    TEXTS.put("q", (line, exchange, outcome) -> query(line, exchange.request().target()));
    TEXTS.put("H", (line, exchange, outcome) -> line.text(exchange.request().protocol()));
    NUMBERS.put("s", (line, exchange, outcome) -> line.number(outcome.status()));
    NUMBERS.put("B", (line, exchange, outcome) -> line.number(outcome.bytes()));
    TEXTS.put(
        "b",
        (line, exchange, outcome) -> {
          if (outcome.bytes() == 0) {
            line.raw('-');
          } else {
            line.number(outcome.bytes());
          }
        });
    TEXTS.put("f", (line, exchange, outcome) -> line.text(header(exchange, HeaderName.REFERER)));
    TEXTS.put("a", (line, exchange, outcome) -> line.text(header(exchange, HeaderName.USER_AGENT)));
    NUMBERS.put("T", (line, exchange, outcome) -> line.number(outcome.nanos() / 1_000_000_000));
    NUMBERS.put("M", (line, exchange, outcome) -> line.number(outcome.nanos() / 1_000_000));
    NUMBERS.put("D", (line, exchange, outcome) -> line.number(outcome.nanos() / 1000));
    TEXTS.put("L", (line, exchange, outcome) -> line.decimal(outcome.nanos(), 1_000_000_000, 6));
    long process = ProcessHandle.current().pid();
    NUMBERS.put("p", (line, exchange, outcome) -> line.number(process));
    // Granian's.
    TEXTS.put("addr", TEXTS.get("h"));
    TEXTS.put("time", (line, exchange, outcome) -> line.plainTime());
    TEXTS.put("dt_ms", (line, exchange, outcome) -> line.decimal(outcome.nanos(), 1_000_000, 3));
    NUMBERS.put("status", NUMBERS.get("s"));
    TEXTS.put("path", TEXTS.get("U"));
    TEXTS.put("query_string", TEXTS.get("q"));
    TEXTS.put("method", TEXTS.get("m"));
    TEXTS.put("scheme", (line, exchange, outcome) -> line.text(exchange.peer().scheme()));
    TEXTS.put("protocol", TEXTS.get("H"));
    // Ours.
    TEXTS.put(
        "id", (line, exchange, outcome) -> line.text(header(exchange, HeaderName.X_REQUEST_ID)));
    TEXTS.put("host", (line, exchange, outcome) -> line.text(header(exchange, HeaderName.HOST)));
    NUMBERS.put("port", (line, exchange, outcome) -> line.number(exchange.peer().remotePort()));
    TEXTS.put("tls", (line, exchange, outcome) -> line.text(tlsVersion(exchange.peer())));
    TEXTS.put("X", (line, exchange, outcome) -> line.raw(outcome.complete() ? '-' : 'X'));
  }

  private Tokens() {}

  static @Nullable Field find(String name) {
    Field field = TEXTS.get(name);
    return field != null ? field : NUMBERS.get(name);
  }

  /** Only what can be written as {@code %d} in Python. */
  static @Nullable Field findNumber(String name) {
    return NUMBERS.get(name);
  }

  static String list() {
    Map<String, Field> all = new LinkedHashMap<>(TEXTS);
    all.putAll(NUMBERS);
    return all.keySet().stream().map(name -> "%(" + name + ")s").collect(Collectors.joining(" "));
  }

  static @Nullable String header(Exchange exchange, HeaderName name) {
    RequestHead head = exchange.request();
    if (name.number() >= 0) {
      return head.header(name);
    }
    for (int i = 0; i < head.headerCount(); i++) {
      if (head.headerName(i).isSame(name)) {
        return head.headerValue(i);
      }
    }
    return null;
  }

  private static void requestLine(LogLine line, RequestHead head) {
    line.text(head.method()).raw(' ').text(head.target()).raw(' ').text(head.protocol());
  }

  private static void path(LogLine line, String target) {
    int question = target.indexOf('?');
    line.text(target, 0, question < 0 ? target.length() : question);
  }

  private static void query(LogLine line, String target) {
    int question = target.indexOf('?');
    if (question >= 0) {
      line.text(target, question + 1, target.length());
    }
  }

  private static @Nullable String tlsVersion(Peer peer) {
    TlsDetails tls = peer.tls();
    return tls == null ? null : tls.version();
  }
}
