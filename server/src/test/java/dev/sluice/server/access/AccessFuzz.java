package dev.sluice.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.Outcome;
import dev.sluice.server.exchange.RecordedExchange;
import dev.sluice.server.fuzz.SentHead;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Random heads as lines of the access log. */
public final class AccessFuzz {
  private static final Outcome OUTCOME = new Outcome(200, 512, 0, 1_234_567_891L, true);
  private static final String TEXT =
      "\"(?:[^\"\\\\\\x00-\\x1f]|\\\\(?:[\"\\\\/bfnrt]|u[0-9a-fA-F]{4}))*+\"";
  private static final Pattern JSON =
      Pattern.compile(
          "\\{(?:T:(?:T|-?[0-9.]+|true|false|null)(?:,(?!\\})|(?=\\})))*+\\}".replace("T", TEXT));
  private static final Pattern COMBINED =
      Pattern.compile(
          "[^ ]+ - - \\[[^\\]]+\\] \"Q*+\" 200 512 \"Q*+\" \"Q*+\""
              .replace("Q", "(?:[^\"\\\\]|\\\\.)"));

  private AccessFuzz() {}

  /** Whatever a client sends, a line is one line in ASCII, of the form that was asked for. */
  public static void line(SentHead sent) {
    Exchange exchange = new RecordedExchange(sent.method(), sent.target(), sent.array());
    assertThat(written("combined", exchange)).matches(COMBINED);
    assertThat(written("json", exchange)).matches(JSON);
    written("%(h)s %(U)s %(q)s %({x}i)s", exchange);
  }

  private static String written(String format, Exchange exchange) {
    LogLine line = new LogLine();
    line.begin(0);
    LineFormat.of(format).write(line, exchange, OUTCOME);
    String text = new String(line.bytes(), 0, line.length(), StandardCharsets.ISO_8859_1);
    assertThat(text.chars()).allMatch(c -> c >= ' ' && c < 0x7f);
    return text;
  }
}
