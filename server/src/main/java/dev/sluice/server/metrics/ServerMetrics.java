package dev.sluice.server.metrics;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.Outcome;
import dev.sluice.server.exchange.RequestObserver;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.function.DoubleConsumer;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What Prometheus is told of a server. Requests are reported by their IO threads, waits by whoever
 * has waited, each at some tens of nanoseconds and without allocation; scraped by any thread.
 */
public final class ServerMetrics implements RequestObserver {
  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final ExpositionFormats formats = ExpositionFormats.init();
  private final RequestCounts requests = new RequestCounts(registry);
  private final Durations durations =
      durations("sluice_request_duration_seconds", "From a request's first byte to its end.");
  private final Durations queueWait =
      durations("sluice_queue_wait_seconds", "How long requests have waited for a worker.");
  private final Durations gilWait =
      durations("sluice_gil_wait_seconds", "How long workers have waited for the GIL.");
  private final Counter bytes =
      counter("sluice_response_bytes_total", "Bytes of responses' bodies that were sent.");
  private final Counter broken =
      counter("sluice_responses_broken_total", "Responses that ended before they were whole.");

  /** What a scrape has brought, and in which format; to be read once. */
  public record Scrape(String contentType, ByteBuffer body) {}

  /** Makes the metrics of a server that is described by these gauges, and of this process. */
  public ServerMetrics(ServerGauges gauges) {
    this(gauges, Path.of("/proc/self"));
  }

  ServerMetrics(ServerGauges gauges, Path processFolder) {
    gauge("sluice_requests_in_flight", "Requests being answered.", gauges::requestsInFlight);
    gauge("sluice_queue_depth", "Requests that wait for a worker.", gauges::queueDepth);
    gauge("sluice_queue_limit", "How many requests may wait for a worker.", gauges::queueLimit);
    gauge("sluice_workers", "Workers.", gauges::workers);
    gauge("sluice_workers_busy", "Workers inside the application.", gauges::workersBusy);
    gauge("sluice_connections", "Open connections.", gauges::connections);
    total(
        "sluice_access_log_dropped_total",
        "Lines of the access log that were dropped.",
        gauges::logLinesDropped);
    process(new ProcessFigures(processFolder));
  }

  private void process(ProcessFigures figures) {
    gauge("process_resident_memory_bytes", "Memory in RAM, Python's too.", figures::residentBytes);
    gauge("process_virtual_memory_bytes", "Address space.", figures::virtualBytes);
    gauge("process_threads", "Threads, Python's too.", figures::threads);
    gauge("process_open_fds", "Open descriptors.", figures::openDescriptors);
    gauge("process_max_fds", "How many descriptors may be open.", figures::mostDescriptors);
    ProcessHandle.Info info = ProcessHandle.current().info();
    double start = info.startInstant().map(Instant::toEpochMilli).orElse(-1000L) / 1000.0;
    gauge("process_start_time_seconds", "When the process started, since 1970.", () -> start);
    total(
        "process_cpu_seconds_total",
        "Time that the processors have spent for the process.",
        () ->
            ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .map(spent -> spent.toNanos() / 1e9)
                .orElse(-1.0));
  }

  private Durations durations(String name, String help) {
    Durations made = new Durations(name, help);
    registry.register(made);
    return made;
  }

  private Counter counter(String name, String help) {
    return Counter.builder().name(name).help(help).withoutExemplars().register(registry);
  }

  /** A figure that is asked for at each scrape. */
  private void gauge(String name, String help, DoubleSupplier value) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .callback(callback -> tell(value, callback::call))
        .register(registry);
  }

  /** The same for one that only grows. */
  private void total(String name, String help, DoubleSupplier value) {
    CounterWithCallback.builder()
        .name(name)
        .help(help)
        .callback(callback -> tell(value, callback::call))
        .register(registry);
  }

  /** A negative figure is one that is not to be had. */
  private static void tell(DoubleSupplier value, DoubleConsumer callback) {
    double now = value.getAsDouble();
    if (now >= 0) {
      callback.accept(now);
    }
  }

  @Override
  public void ended(Exchange exchange, Outcome outcome) {
    requests.count(exchange.request().method(), outcome.status());
    durations.waited(outcome.nanos());
    bytes.inc(outcome.bytes());
    if (!outcome.complete()) {
      broken.inc(1L);
    }
  }

  /** To be told how long each request has waited in the queue; by the worker that takes it. */
  public WaitObserver queueWait() {
    return queueWait;
  }

  /** To be told how long each attaching of a worker has taken. */
  public WaitObserver gilWait() {
    return gilWait;
  }

  /**
   * Collects everything: about a tenth of a millisecond.
   *
   * @param accept what the scraper accepts: OpenMetrics, or else Prometheus' own text format
   */
  public Scrape scrape(@Nullable String accept) {
    ExpositionFormatWriter writer =
        accept != null && formats.getOpenMetricsTextFormatWriter().accepts(accept)
            ? formats.getOpenMetricsTextFormatWriter()
            : formats.getPrometheusTextFormatWriter();
    ByteArrayOutputStream body = new ByteArrayOutputStream(8192);
    try {
      writer.write(body, registry.scrape());
    } catch (IOException e) {
      throw new UncheckedIOException(e); // (an array takes everything)
    }
    return new Scrape(writer.getContentType(), ByteBuffer.wrap(body.toByteArray()));
  }
}
