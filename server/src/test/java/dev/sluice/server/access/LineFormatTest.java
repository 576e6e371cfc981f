package dev.sluice.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.python.SluiceException;
import dev.sluice.server.ServerError;
import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.Outcome;
import dev.sluice.server.exchange.Peer;
import dev.sluice.server.exchange.RecordedExchange;
import dev.sluice.server.exchange.TlsDetails;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a line says, and that no client can make it say anything else. */
class LineFormatTest {
  private static final long WHEN = Instant.parse("2026-02-03T04:05:06.789Z").toEpochMilli();
  private static final Outcome OUTCOME = new Outcome(200, 512, 0, 1_234_567_891L, true);

  private static final Exchange EXCHANGE =
      new RecordedExchange(
              "GET",
              "/a/b?x=1&y=2",
              "Host",
              "example.com",
              "Referer",
              "http://r/",
              "User-Agent",
              "curl/8",
              "X-Request-ID",
              "id7",
              "X-Other",
              "o")
          .from(
              new Peer(
                  "192.0.2.1",
                  4711,
                  "192.0.2.2",
                  443,
                  "https",
                  new TlsDetails("TLSv1.3", "c", "", null, List.of())));

  private static String line(String format, Exchange exchange, Outcome outcome) {
    LogLine line = new LogLine();
    line.begin(WHEN);
    LineFormat.of(format).write(line, exchange, outcome);
    return new String(line.bytes(), 0, line.length(), StandardCharsets.UTF_8);
  }

  private static String local(String pattern) {
    return DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH)
        .format(Instant.ofEpochMilli(WHEN).atZone(ZoneId.systemDefault()));
  }

  @Test
  void combined() {
    assertThat(line("combined", EXCHANGE, OUTCOME))
        .isEqualTo(
            "192.0.2.1 - - [%s] \"GET /a/b?x=1&y=2 HTTP/1.1\" 200 512 \"http://r/\" \"curl/8\""
                .formatted(local("dd/MMM/yyyy:HH:mm:ss Z")));
    Exchange bare = new RecordedExchange("GET", "/").from(Peer.UNKNOWN);
    assertThat(line("combined", bare, new Outcome(499, 0, 0, 1, false)))
        .startsWith("- - - [")
        .endsWith("] \"GET / HTTP/1.1\" 499 - \"-\" \"-\"");
  }

  @Test
  void common() {
    assertThat(line("common", EXCHANGE, OUTCOME))
        .endsWith("] \"GET /a/b?x=1&y=2 HTTP/1.1\" 200 512");
  }

  @Test
  void json() {
    assertThat(line("json", EXCHANGE, OUTCOME))
        .isEqualTo(
            "{\"time\":\"%s\",\"remote\":\"192.0.2.1\",\"scheme\":\"https\",\"host\":\"example.com\","
                    .formatted(local("yyyy-MM-dd'T'HH:mm:ss.SSSxxx"))
                + "\"method\":\"GET\",\"target\":\"/a/b?x=1&y=2\",\"protocol\":\"HTTP/1.1\","
                + "\"status\":200,\"bytes\":512,\"seconds\":1.234568,\"complete\":true,"
                + "\"referer\":\"http://r/\",\"user_agent\":\"curl/8\",\"id\":\"id7\"}");
    assertThat(line("json", new RecordedExchange("GET", "/"), new Outcome(500, 0, 0, 0, false)))
        .endsWith(
            "\"seconds\":0.000000,\"complete\":false,\"referer\":null,\"user_agent\":null,\"id\":null}");
  }

  @ParameterizedTest
  @CsvSource({
    "%(h)s|%(addr)s,192.0.2.1|192.0.2.1",
    "%(l)s %(u)s,- -",
    "%(r)s,GET /a/b?x=1&y=2 HTTP/1.1",
    "%(m)s %(method)s,GET GET",
    "%(U)s %(path)s,/a/b /a/b",
    "%(q)s %(query_string)s,x=1&y=2 x=1&y=2",
    "%(H)s %(protocol)s,HTTP/1.1 HTTP/1.1",
    "%(s)s %(s)d %(status)d,200 200 200",
    "%(B)s %(B)d %(b)s,512 512 512",
    "%(f)s %(a)s,http://r/ curl/8",
    "%(T)s %(M)s %(D)s %(L)s,1 1234 1234567 1.234568",
    "%(dt_ms)s %(dt_ms).3f %(dt_ms).0f %(dt_ms).6f,1234.568 1234.568 1235 1234.567891",
    "%(scheme)s %(port)s %(host)s %(tls)s %(id)s,https 4711 example.com TLSv1.3 id7",
    "%(X)s,-",
    "%({x-other}i)s %({X-OTHER}i)s %({none}i)s,o o -",
    "100%% \u00e9 %(s)s%%,100% \u00e9 200%",
  })
  void tokens(String format, String expected) {
    assertThat(line(format, EXCHANGE, OUTCOME)).isEqualTo(expected);
  }

  @Test
  void graniansOwnFormat() {
    String format =
        "[%(time)s] %(addr)s - \"%(method)s %(path)s %(protocol)s\" %(status)d %(dt_ms).3f";
    assertThat(line(format, EXCHANGE, OUTCOME))
        .isEqualTo(
            "[%s] 192.0.2.1 - \"GET /a/b HTTP/1.1\" 200 1234.568"
                .formatted(local("yyyy-MM-dd HH:mm:ss Z")));
  }

  @Test
  void theProcessAndABrokenResponse() {
    assertThat(line("%(p)s%(X)s", EXCHANGE, new Outcome(200, 0, 0, 0, false)))
        .isEqualTo(ProcessHandle.current().pid() + "X");
    assertThat(
            line("%(q)s.%(b)s", new RecordedExchange("GET", "/"), new Outcome(200, 0, 0, 0, true)))
        .isEqualTo(".-");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "combin",
        "Combined",
        "%",
        "%s",
        "%(",
        "%(h",
        "%(h)",
        "%(h)x",
        "%(h)d",
        "%(zz)s",
        "%()s",
        "%(h)s %",
        "%(h)s %z",
        "%{h}s",
        "%(h)s\n",
        "%(h)s\u0000",
        "%({x}o)s",
        "%({x}e)s",
        "%({}i)s",
        "%({x}i)d",
        "%({x)s",
        "%(dt_ms).3",
        "%(dt_ms).9f",
        "%(dt_ms).f",
        "%(s).3f",
        "%(status)f",
        "%(h )s",
        "plain text",
        "100%%",
      })
  void refusesWhatItDoesNotKnow(String format) {
    assertThatThrownBy(() -> LineFormat.of(format))
        .isInstanceOfSatisfying(
            SluiceException.class,
            e -> assertThat(e.code()).isEqualTo(ServerError.ACCESS_LOG_FORMAT_INVALID))
        .hasMessageContaining("\"" + format + "\"")
        .hasMessageContaining("%(h)s")
        .hasMessageContaining("%(dt_ms)s")
        .hasMessageContaining("%({NAME}i)s");
  }

  // What a client may send, and how it looks in a text, and in JSON.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "plain | plain | plain",
        "` \" 200 0 \"-\"` | ` \\x22 200 0 \\x22-\\x22` | ` \\\" 200 0 \\\"-\\\"`",
        "`a\r\nb` | a\\x0D\\x0Ab | a\\u000D\\u000Ab",
        "`a\u0000b` | a\\x00b | a\\u0000b",
        "`\u001b[31m` | \\x1B[31m | \\u001B[31m",
        "`\u0007\b\t\f` | \\x07\\x08\\x09\\x0C | \\u0007\\u0008\\u0009\\u000C",
        "`\u007f` | \\x7F | \\u007F",
        "`\u0080\u009b\u00ff` | \\x80\\x9B\\xFF | \\u0080\\u009B\\u00FF",
        "`\u00c3\u00a9` | \\xC3\\xA9 | \\u00C3\\u00A9",
        "`\\` | \\x5C | \\\\",
        "`\\n` | \\x5Cn | \\\\n",
        "`\\x22` | \\x5Cx22 | \\\\x22",
        "`</script>'&` | `</script>'&` | `</script>'&`",
        "`%(h)s%s%n` | `%(h)s%s%n` | `%(h)s%s%n`",
        "`${jndi:ldap://x}` | `${jndi:ldap://x}` | `${jndi:ldap://x}`",
        "`\u00e2\u0080\u00a8` | \\xE2\\x80\\xA8 | \\u00E2\\u0080\\u00A8",
      })
  void whateverComesFromAClientIsEscaped(String sent, String inText, String inJson) {
    Exchange exchange =
        new RecordedExchange(
            sent, "/" + sent, "User-Agent", sent, "Referer", sent, "Host", sent, "X-A", sent);
    String[] tokens = {"m", "a", "f", "host", "{x-a}i"};
    for (String token : tokens) {
      assertThat(line("%(" + token + ")s", exchange, OUTCOME)).as(token).isEqualTo(inText);
    }
    for (String token : new String[] {"U", "path"}) {
      assertThat(line("%(" + token + ")s", exchange, OUTCOME)).isEqualTo("/" + inText);
    }
    assertThat(line("%(r)s", exchange, OUTCOME)).isEqualTo(inText + " /" + inText + " HTTP/1.1");
    assertThat(line("json", exchange, OUTCOME))
        .contains(
            "\"method\":\"" + inJson + "\",\"target\":\"/" + inJson + "\"",
            "\"host\":\"" + inJson + "\"",
            "\"referer\":\"" + inJson + "\",\"user_agent\":\"" + inJson + "\"");
  }

  /** Whatever was sent can be read back, and the line is one line of printable ASCII. */
  @Test
  void escapingLosesNothing() {
    Random random = new Random(42);
    for (int round = 0; round < 2000; round++) {
      StringBuilder sent = new StringBuilder("/");
      for (int i = random.nextInt(60); i > 0; i--) {
        sent.append((char) random.nextInt(256));
      }
      Exchange exchange = new RecordedExchange("GET", sent.toString());
      LogLine text = new LogLine();
      text.begin(0);
      text.text(sent.toString());
      LogLine json = new LogLine();
      json.begin(0);
      json.json(sent.toString());
      String written = new String(text.bytes(), 0, text.length(), StandardCharsets.ISO_8859_1);
      String quoted = new String(json.bytes(), 1, json.length() - 2, StandardCharsets.ISO_8859_1);
      assertThat(written).matches("[ !#-~]*");
      assertThat(line("%(r)s", exchange, OUTCOME)).isEqualTo("GET " + written + " HTTP/1.1");
      assertThat(unescape(written, "\\x", 2)).isEqualTo(sent.toString());
      assertThat(unescape(quoted, "\\u", 4)).isEqualTo(sent.toString());
    }
  }

  private static String unescape(String text, String mark, int digits) {
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      if (text.startsWith(mark, i)) {
        plain.append((char) Integer.parseInt(text.substring(i + 2, i + 2 + digits), 16));
        i += 1 + digits;
      } else if (text.charAt(i) == '\\') {
        plain.append(text.charAt(++i));
      } else {
        plain.append(text.charAt(i));
      }
    }
    return plain.toString();
  }

  @Test
  void valuesHaveAnEnd() {
    Exchange exchange = new RecordedExchange("GET", "/", "User-Agent", "x".repeat(10_000));
    assertThat(line("%(a)s", exchange, OUTCOME)).isEqualTo("x".repeat(8192) + "...");
    exchange = new RecordedExchange("GET", "/", "User-Agent", "\u00ff".repeat(10_000));
    assertThat(line("%(a)s", exchange, OUTCOME)).isEqualTo("\\xFF".repeat(8192) + "...");
  }

  private static List<ZoneId> zones() {
    return List.of(
        ZoneOffset.UTC, ZoneOffset.ofHoursMinutes(-3, -30), ZoneOffset.ofHoursMinutes(5, 45));
  }

  @ParameterizedTest
  @MethodSource("zones")
  void timesAreThoseOfTheZone(ZoneId zone) {
    LogTime apache = new LogTime(LogTime.Style.APACHE, zone);
    LogTime iso = new LogTime(LogTime.Style.ISO, zone);
    DateTimeFormatter expected =
        DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ENGLISH);
    DateTimeFormatter isoExpected =
        DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ssxxx", Locale.ENGLISH);
    // Neighbours, the same again, and seconds that share a place in the table.
    for (long second :
        new long[] {0, 1, 0, 16, 0, -1, 1_800_000_000, 1_800_000_016, 1_790_000_000}) {
      Instant instant = Instant.ofEpochSecond(second);
      assertThat(new String(apache.of(second), StandardCharsets.UTF_8))
          .isEqualTo(expected.format(instant.atZone(zone)));
      assertThat(new String(iso.of(second), StandardCharsets.UTF_8))
          .isEqualTo(isoExpected.format(instant.atZone(zone)));
    }
  }

  @Test
  void numbersOfAllSizes() {
    LogLine line = new LogLine();
    for (long number : new long[] {0, 9, 10, 999, 1000, Long.MAX_VALUE, -1, -1000}) {
      line.begin(0);
      line.number(number);
      assertThat(new String(line.bytes(), 0, line.length(), StandardCharsets.UTF_8))
          .isEqualTo(Long.toString(number));
    }
  }
}
