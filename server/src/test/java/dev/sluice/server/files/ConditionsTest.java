package dev.sluice.server.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.exchange.HeaderName;
import dev.sluice.server.exchange.RequestHead;
import dev.sluice.server.files.Conditions.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Conditional requests: RFC 9110, section 13. */
class ConditionsTest {
  private static final String TAG = "\"abc\"";
  private static final long MODIFIED = HttpDate.parse("Mon, 06 May 2024 07:08:09 GMT");

  /**
   * Headers are separated by {@code |}; {@code B}, {@code S}, {@code A} is a second before, the
   * same, a second after the modification.
   */
  private static RequestHead head(String headers) {
    RequestHead head = new RequestHead("GET", "/", "HTTP/1.1");
    for (String header : headers.split("\\|", -1)) {
      int colon = header.indexOf(':');
      if (colon < 0) {
        continue;
      }
      String value =
          switch (header.substring(colon + 1).strip()) {
            case "B" -> HttpDate.format(MODIFIED - 1);
            case "S" -> HttpDate.format(MODIFIED);
            case "A" -> HttpDate.format(MODIFIED + 1);
            default -> header.substring(colon + 1).strip();
          };
      head.add(HeaderName.of(header.substring(0, colon).strip()), value);
    }
    return head;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "x: y; PROCEED",
        // If-Match compares strongly.
        "if-match: \"abc\"; PROCEED",
        "if-match: *; PROCEED",
        "if-match: \"x\", \"abc\"; PROCEED",
        "if-match: \"x\"; FAILED",
        "if-match: W/\"abc\"; FAILED",
        "if-match: abc; FAILED",
        "if-match: \"abc; FAILED",
        "if-match: \"x\"|if-match: \"abc\"; PROCEED",
        "if-match: \"x\" \"abc\"; FAILED",
        // If-Unmodified-Since counts only without If-Match.
        "if-unmodified-since: A; PROCEED",
        "if-unmodified-since: S; PROCEED",
        "if-unmodified-since: B; FAILED",
        "if-unmodified-since: yesterday; PROCEED",
        "if-unmodified-since: B|if-unmodified-since: B; PROCEED",
        "if-match: \"abc\"|if-unmodified-since: B; PROCEED",
        "if-match: \"x\"|if-unmodified-since: A; FAILED",
        // If-None-Match compares weakly.
        "if-none-match: \"abc\"; NOT_MODIFIED",
        "if-none-match: W/\"abc\"; NOT_MODIFIED",
        "if-none-match: *; NOT_MODIFIED",
        "if-none-match: \"x\"; PROCEED",
        "if-none-match: \"x\" , W/\"y\",,\"abc\"; NOT_MODIFIED",
        "if-none-match: \"x\"|if-none-match: \"abc\"; NOT_MODIFIED",
        "if-none-match: \"a,b\", \"abc\"; NOT_MODIFIED",
        "if-none-match: \"ABC\"; PROCEED",
        "if-none-match: w/\"abc\"; PROCEED",
        "if-none-match: abc; PROCEED",
        "if-none-match: \"abcd\"; PROCEED",
        "if-none-match: \"x\", *; PROCEED",
        "if-none-match: ; PROCEED",
        // If-Modified-Since counts only without If-None-Match.
        "if-modified-since: S; NOT_MODIFIED",
        "if-modified-since: A; NOT_MODIFIED",
        "if-modified-since: B; PROCEED",
        "if-modified-since: Monday, 06-May-24 07:08:09 GMT; NOT_MODIFIED",
        "if-modified-since: Mon May  6 07:08:09 2024; NOT_MODIFIED",
        "if-modified-since: 2024-05-06; PROCEED",
        "if-modified-since: S|if-modified-since: S; PROCEED",
        "if-none-match: \"x\"|if-modified-since: A; PROCEED",
        "if-none-match: \"abc\"|if-modified-since: B; NOT_MODIFIED",
        // The first pair is evaluated before the second.
        "if-match: \"x\"|if-none-match: \"abc\"; FAILED",
        "if-match: \"abc\"|if-none-match: \"abc\"; NOT_MODIFIED",
        "if-match: \"abc\"|if-none-match: \"x\"; PROCEED",
        "if-unmodified-since: B|if-none-match: \"abc\"; FAILED",
        "if-unmodified-since: S|if-modified-since: S; NOT_MODIFIED",
        "if-unmodified-since: B|if-modified-since: S; FAILED",
      })
  void evaluates(String headers, Verdict expected) {
    assertThat(Conditions.evaluate(head(headers), TAG, MODIFIED)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "x: y; true",
        "if-range: \"abc\"; true",
        "if-range: \"x\"; false",
        "if-range: W/\"abc\"; false",
        "if-range: *; false",
        "if-range: \"abc\", \"abc\"; false",
        "if-range: S; true",
        "if-range: B; false",
        "if-range: A; false",
        "if-range: nonsense; false",
        "if-range: \"abc\"|if-range: \"abc\"; false",
      })
  void ifRange(String headers, boolean expected) {
    assertThat(Conditions.rangeCounts(head(headers), TAG, MODIFIED, MODIFIED + 10))
        .isEqualTo(expected);
  }

  @Test
  void aDateOfThisSecondIsNotStrong() {
    assertThat(Conditions.rangeCounts(head("if-range: S"), TAG, MODIFIED, MODIFIED)).isFalse();
    assertThat(Conditions.rangeCounts(head("if-range: S"), TAG, MODIFIED, MODIFIED + 1)).isTrue();
  }

  @Test
  void aLongListTakesLinearTime() {
    String list = "\"x\",".repeat(100_000) + "W/".repeat(100_000) + ",".repeat(100_000);
    long start = System.nanoTime();
    assertThat(Conditions.evaluate(head("if-none-match:" + list), TAG, MODIFIED))
        .isEqualTo(Verdict.PROCEED);
    assertThat(System.nanoTime() - start).isLessThan(2_000_000_000L);
  }
}
