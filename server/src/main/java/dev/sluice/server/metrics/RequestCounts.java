package dev.sluice.server.metrics;

import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import org.jspecify.annotations.Nullable;

/**
 * Counts requests by method and class of status; told of them by any thread.
 *
 * <p>Labels come from what clients send, and each new value would be kept for ever: so methods that
 * are not among those below are {@code other}. Each pair of labels is looked up once.
 */
final class RequestCounts {
  private static final String[] METHODS = {
    "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "other"
  };
  private static final String[] CLASSES = {"other", "1xx", "2xx", "3xx", "4xx", "5xx"};

  private final Counter counter;

  // Two threads may look the same pair up, and find the same counter.
  private final @Nullable CounterDataPoint[] children =
      new @Nullable CounterDataPoint[METHODS.length * CLASSES.length];

  RequestCounts(PrometheusRegistry registry) {
    counter =
        Counter.builder()
            .name("sluice_requests_total")
            .help("Requests that have ended, by method and class of status.")
            .labelNames("method", "status")
            .withoutExemplars()
            .register(registry);
  }

  void count(String method, int status) {
    int hundred = status >= 100 && status < 600 ? status / 100 : 0;
    int index = indexOf(method) * CLASSES.length + hundred;
    CounterDataPoint child = children[index];
    if (child == null) {
      child = counter.labelValues(METHODS[index / CLASSES.length], CLASSES[hundred]);
      children[index] = child;
    }
    child.inc(1L);
  }

  private static int indexOf(String method) {
    return switch (method) {
      case "GET" -> 0;
      case "HEAD" -> 1;
      case "POST" -> 2;
      case "PUT" -> 3;
      case "DELETE" -> 4;
      case "PATCH" -> 5;
      case "OPTIONS" -> 6;
      case "TRACE" -> 7;
      case "CONNECT" -> 8;
      default -> 9;
    };
  }
}
