package dev.sluice.server.requestids;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.exchange.HeaderName;
import dev.sluice.server.exchange.RequestHead;
import dev.sluice.server.exchange.ResponseHead;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestIdsTest {
  private final RequestIds ids = new RequestIds();

  private static RequestHead head(String... values) {
    RequestHead head = new RequestHead("GET", "/", "HTTP/1.1");
    for (String value : values) {
      head.add(HeaderName.X_REQUEST_ID, value);
    }
    return head;
  }

  private static String only(RequestHead head) {
    assertThat(head.headerCount()).isEqualTo(1);
    assertThat(head.headerName(0)).isSameAs(HeaderName.X_REQUEST_ID);
    return head.headerValue(0);
  }

  @Test
  void makesOneThatIsFoundInTheHead() {
    RequestHead head = head();
    String id = ids.assign(head, true, 1);
    assertThat(id).matches("[0-9a-f]{32}");
    assertThat(only(head)).isEqualTo(id);
  }

  @Test
  void noTwoAreTheSame() {
    Set<String> seen = new HashSet<>();
    for (int number = 1; number <= 100_000; number++) {
      assertThat(seen.add(ids.assign(head(), false, number))).isTrue();
    }
    String first = ids.assign(head(), false, 1);
    assertThat(seen).contains(first);
    String another = new RequestIds().assign(head(), false, 1);
    assertThat(another.substring(0, 16)).isNotEqualTo(first.substring(0, 16));
    assertThat(another.substring(16)).isNotEqualTo(first.substring(16));
  }

  @Test
  void theProcessComesFirstAndTheNumberIsHidden() {
    RequestIds known = new RequestIds(0x0123456789abcdefL, 0);
    String one = known.assign(head(), false, 1);
    String two = known.assign(head(), false, 2);
    assertThat(one).startsWith("0123456789abcdef");
    assertThat(two).startsWith("0123456789abcdef");
    int same = 0;
    for (int i = 16; i < 32; i++) {
      same += one.charAt(i) == two.charAt(i) ? 1 : 0;
    }
    assertThat(same).isLessThan(8);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "7b1c-4d", "!#$%&'*+-.^_`|~", "Root=", "a b", "1"})
  void believesATrustedProxyIfItIsAToken(String given) {
    boolean token = !given.contains("=") && !given.contains(" ");
    RequestHead head = head(given);
    String id = ids.assign(head, true, 1);
    assertThat(id.equals(given)).isEqualTo(token);
    assertThat(only(head)).isEqualTo(id);
  }

  @Test
  void believesUpTo128Characters() {
    assertThat(ids.assign(head("a".repeat(128)), true, 1)).isEqualTo("a".repeat(128));
    assertThat(ids.assign(head("a".repeat(129)), true, 1)).hasSize(32);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "a\r\nX: y", "a\u0000", "\u00e9", "a,b", "a;b", "\"a\"", "a\tb", "(a)", "a/b"})
  void replacesWhatIsMalformed(String given) {
    RequestHead head = head(given);
    assertThat(ids.assign(head, true, 7)).isEqualTo(only(head)).matches("[0-9a-f]{32}");
  }

  @Test
  void replacesTwoOfThem() {
    RequestHead head = head("a", "a");
    assertThat(ids.assign(head, true, 1)).isEqualTo(only(head)).hasSize(32);
  }

  @Test
  void believesNobodyElse() {
    RequestHead head = head("abc");
    assertThat(ids.assign(head, false, 1)).isEqualTo(only(head)).isNotEqualTo("abc");
  }

  private static String answered(RequestHead request, String... header) {
    ResponseHead response = new ResponseHead();
    response.reset(200, "OK");
    for (int i = 0; i < header.length; i += 2) {
      response.header(header[i], header[i + 1]);
    }
    ResponseHead answer = RequestIds.answer(request, response);
    return new String(answer.bytes(), 0, answer.length(), StandardCharsets.ISO_8859_1);
  }

  @Test
  void theResponseCarriesItOnce() {
    RequestHead named = head("abc");
    ids.assign(named, true, 1);
    assertThat(answered(named)).isEqualTo("200 OK\r\nX-Request-ID: abc\r\n");
    assertThat(answered(named, "x-REQUEST-id", "own")).isEqualTo("200 OK\r\nx-REQUEST-id: own\r\n");
    assertThat(answered(named, "A", "X-Request-ID: x", "X-Request-Idx", "y"))
        .endsWith("\r\nX-Request-ID: abc\r\n");
    assertThat(answered(head("abc"))).as("a client's own").isEqualTo("200 OK\r\n");
  }
}
