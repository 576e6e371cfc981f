package dev.sluice.server.redirect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.exchange.Peer;
import dev.sluice.server.exchange.RecordedExchange;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where requests by plain HTTP are sent, and where nobody is sent. */
class HttpsRedirectTest {
  private static final Set<String> HOSTS = Set.of("example.com", "[2001:db8::1]", "192.0.2.1");

  private final AtomicInteger passedOn = new AtomicInteger();

  private RecordedExchange ask(int port, RecordedExchange exchange) {
    boolean taken =
        new HttpsRedirect(port, HOSTS::contains)
            .before(next -> {
              passedOn.incrementAndGet();
              return true;
            })
            .accept(exchange);
    assertThat(taken).isTrue();
    return exchange;
  }

  private static String location(RecordedExchange exchange) {
    return String.valueOf(exchange.response())
        .lines()
        .filter(line -> line.startsWith("Location: "))
        .map(line -> line.substring(10))
        .findFirst()
        .orElse("");
  }

  @ParameterizedTest
  @CsvSource({
    "443, example.com, /, https://example.com/",
    "443, example.com:80, /a/b?c=d&e, https://example.com/a/b?c=d&e",
    "443, example.com:8000, /, https://example.com/",
    "8443, example.com, /, https://example.com:8443/",
    "8443, example.com:8000, /x, https://example.com:8443/x",
    "8443, [2001:db8::1]:8000, /x, https://[2001:db8::1]:8443/x",
    "443, [2001:db8::1], /x, https://[2001:db8::1]/x",
    "443, 192.0.2.1, /x, https://192.0.2.1/x",
    "443, example.com, //evil.com/x, https://example.com//evil.com/x",
    "443, example.com, /\\evil.com, https://example.com/%5Cevil.com",
    "443, example.com, /@evil.com, https://example.com/@evil.com",
    "443, example.com, /a%0d%0aX:y, https://example.com/a%0d%0aX:y",
    "443, example.com, /<script>, https://example.com/%3Cscript%3E",
    "443, example.com, /\u00e9, https://example.com/%E9",
    "443, example.com, http://example.com/path?q, https://example.com/path?q",
    "443, example.com, http://example.com, https://example.com/",
    "443, example.com, http://example.com?q, https://example.com/?q",
    "443, example.com, /.well-known/other, https://example.com/.well-known/other",
    "443, example.com, /.well-known/acme-challenge, https://example.com/.well-known/acme-challenge",
    "443, example.com, /.well-known/acme-challenge/../../x, https://example.com/.well-known/acme-challenge/../../x",
    "443, example.com, /.well-known/acme-challenge/%2e%2e/x, https://example.com/.well-known/acme-challenge/%2e%2e/x",
  })
  void aRequestIsSentToTheSamePlaceByHttps(int port, String host, String target, String location) {
    RecordedExchange exchange = ask(port, new RecordedExchange("POST", target, "Host", host));
    assertThat(exchange.response()).startsWith("308 Permanent Redirect\r\n");
    assertThat(location(exchange)).isEqualTo(location);
    assertThat(passedOn).hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.com",
        "evil.com:443",
        "example.com.evil.com",
        "evil.com/example.com",
        "example.com@evil.com",
        "evil.com#example.com",
        "evil.com?example.com",
        "evil.com\\example.com",
        "example.com evil.com",
        "[2001:db8::2]",
        "[2001:db8::1",
        "192.0.2.2",
        ":443",
        "",
        "*",
      })
  void nobodyIsSentToAHostThatIsNotOurs(String host) {
    RecordedExchange exchange = ask(443, new RecordedExchange("GET", "/", "Host", host));
    assertThat(exchange.response()).startsWith("400 Bad Request\r\n").doesNotContain("Location");
    assertThat(exchange.text()).doesNotContain("evil");
    assertThat(passedOn).hasValue(0);
  }

  @Test
  void withoutAHostThereIsNowhereToSendTo() {
    assertThat(ask(443, new RecordedExchange("GET", "/")).response()).startsWith("400 ");
    assertThat(ask(443, new RecordedExchange("OPTIONS", "*", "Host", "example.com")).response())
        .startsWith("400 ");
  }

  @Test
  void challengesOfCertificateAuthoritiesArePassedOn() {
    String target = "/.well-known/acme-challenge/token-1_2";
    RecordedExchange exchange = ask(443, new RecordedExchange("GET", target, "Host", "any.test"));
    assertThat(exchange.response()).isNull();
    assertThat(passedOn).hasValue(1);
  }

  @Test
  void whatCameByHttpsIsPassedOn() {
    Peer client = Peer.UNKNOWN.onBehalfOf("192.0.2.9", 0, "https");
    assertThat(ask(443, new RecordedExchange("GET", "/", "Host", "x").from(client)).response())
        .isNull();
    assertThat(passedOn).hasValue(1);
  }
}
