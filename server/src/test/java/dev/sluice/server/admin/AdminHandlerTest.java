package dev.sluice.server.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.exchange.RecordedExchange;
import dev.sluice.server.metrics.FixedGauges;
import dev.sluice.server.metrics.ServerMetrics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdminHandlerTest {
  private final FixedGauges gauges = new FixedGauges();
  private final Readiness readiness = new Readiness(gauges);
  private final AdminHandler handler = new AdminHandler(readiness, new ServerMetrics(gauges));

  private RecordedExchange ask(String method, String target, String... headers) {
    RecordedExchange exchange = new RecordedExchange(method, target, headers);
    assertThat(handler.accept(exchange)).isTrue();
    assertThat(exchange.response()).contains("\r\nCache-Control: no-store\r\n");
    return exchange;
  }

  private void expect(String target, String status, String text) {
    RecordedExchange exchange = ask("GET", target);
    assertThat(exchange.response()).startsWith(status + "\r\n");
    assertThat(exchange.text()).isEqualTo(text);
  }

  @Test
  void itLivesFromTheBeginningToTheEnd() {
    expect("/-/live", "200 OK", "live\n");
    readiness.draining();
    expect("/-/live", "200 OK", "live\n");
  }

  @Test
  void itIsReadyBetweenStartAndDrain() {
    expect("/-/ready", "503 Service Unavailable", "not ready: starting\n");
    readiness.started();
    expect("/-/ready", "200 OK", "ready\n");
    readiness.draining();
    expect("/-/ready", "503 Service Unavailable", "not ready: draining\n");
    readiness.started();
    expect("/-/ready", "503 Service Unavailable", "not ready: draining\n");
  }

  @Test
  void itIsNotReadyWhileTheQueueIsFull() {
    readiness.started();
    gauges.depth = 99;
    expect("/-/ready", "200 OK", "ready\n");
    gauges.depth = 100;
    expect(
        "/-/ready", "503 Service Unavailable", "not ready: the queue is full: 100 requests wait\n");
    gauges.depth = 3;
    expect("/-/ready", "200 OK", "ready\n");
    gauges.stuck = true;
    expect(
        "/-/ready",
        "503 Service Unavailable",
        "not ready: all workers have requests that took too long\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/metrics", "/-/metrics", "/metrics?name=x", "http://admin:9000/-/metrics?a"})
  void showsMetricsAsTheyAreAccepted(String target) {
    RecordedExchange plain = ask("GET", target);
    assertThat(plain.response()).contains("200 OK", "Content-Type: text/plain; version=0.0.4");
    assertThat(plain.text()).contains("sluice_connections 55.0");
    RecordedExchange open = ask("GET", target, "Accept", "application/openmetrics-text");
    assertThat(open.response()).contains("Content-Type: application/openmetrics-text");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/-",
        "/-/",
        "/-/live/",
        "/-/LIVE",
        "//-/live",
        "/-/live%20",
        "/-/../metrics",
        "/x?/-/live",
        "*",
        "http://a",
        "http://a?/metrics",
        "/metrics/",
        "/-/ready#",
        "nonsense",
        "/%2d/live",
      })
  void listsWhatThereIsForAnythingElse(String target) {
    for (String method : new String[] {"GET", "POST"}) {
      RecordedExchange exchange = ask(method, target);
      assertThat(exchange.response()).startsWith("404 Not Found\r\n");
      assertThat(exchange.text()).contains("/-/live", "/-/ready", "/-/metrics", "/metrics");
    }
  }

  @ParameterizedTest
  @CsvSource({"/-/live,POST", "/-/ready,DELETE", "/metrics,OPTIONS", "/-/metrics,get"})
  void onlyReads(String target, String method) {
    assertThat(ask(method, target).response())
        .startsWith("405 Method Not Allowed\r\n")
        .contains("\r\nAllow: GET, HEAD\r\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/-/live", "/-/ready", "/metrics", "/none"})
  void headIsAnsweredAsGet(String target) {
    assertThat(ask("HEAD", target).response()).isEqualTo(ask("GET", target).response());
  }
}
