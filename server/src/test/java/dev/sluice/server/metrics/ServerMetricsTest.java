package dev.sluice.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.exchange.Allocations;
import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.Outcome;
import dev.sluice.server.exchange.RecordedExchange;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class ServerMetricsTest {
  private final FixedGauges gauges = new FixedGauges();
  private final ServerMetrics metrics = new ServerMetrics(gauges);

  private static Outcome outcome(int status, long bytes, double millis, boolean complete) {
    return new Outcome(status, bytes, 0, (long) (millis * 1e6), complete);
  }

  private static String text(ServerMetrics.Scrape scrape) {
    return StandardCharsets.UTF_8.decode(scrape.body()).toString();
  }

  private static List<String> scraped(ServerMetrics from) {
    return text(from.scrape(null)).lines().filter(line -> !line.startsWith("#")).toList();
  }

  private List<String> scraped() {
    return scraped(metrics);
  }

  private static double figure(List<String> lines, String name) {
    List<String> found = lines.stream().filter(line -> line.startsWith(name + " ")).toList();
    assertThat(found).as(name).hasSize(1);
    return Double.parseDouble(found.getFirst().substring(name.length() + 1));
  }

  @Test
  void countsRequestsByMethodAndClassOfStatus() {
    for (int i = 0; i < 3; i++) {
      metrics.ended(new RecordedExchange("GET", "/"), outcome(200 + i, 10, 1, true));
    }
    metrics.ended(new RecordedExchange("POST", "/"), outcome(499, 5, 1, false));
    assertThat(scraped())
        .contains(
            "sluice_requests_total{method=\"GET\",status=\"2xx\"} 3.0",
            "sluice_requests_total{method=\"POST\",status=\"4xx\"} 1.0",
            "sluice_response_bytes_total 35.0",
            "sluice_responses_broken_total 1.0",
            "sluice_request_duration_seconds_count 4");
  }

  @Test
  void clientsCannotInventLabels() {
    for (int i = 0; i < 1000; i++) {
      metrics.ended(new RecordedExchange("M" + i, "/"), outcome(i * 7, 0, 1, true));
    }
    metrics.ended(new RecordedExchange("get", "/"), outcome(-1, 0, 1, true));
    assertThat(scraped())
        .filteredOn(line -> line.startsWith("sluice_requests_total"))
        .hasSize(6)
        .allMatch(line -> line.contains("method=\"other\""))
        .anyMatch(line -> line.contains("status=\"other\""));
  }

  @Test
  void sortsDurationsIntoBuckets() {
    double[] millis = {-1, 0, 0.1, 0.2, 3, 30_000, 31_000};
    for (double each : millis) {
      metrics.ended(new RecordedExchange("GET", "/"), outcome(200, 0, each, true));
    }
    assertThat(scraped())
        .contains(
            "sluice_request_duration_seconds_bucket{le=\"1.0E-4\"} 3",
            "sluice_request_duration_seconds_bucket{le=\"2.5E-4\"} 4",
            "sluice_request_duration_seconds_bucket{le=\"0.0025\"} 4",
            "sluice_request_duration_seconds_bucket{le=\"0.005\"} 5",
            "sluice_request_duration_seconds_bucket{le=\"30.0\"} 6",
            "sluice_request_duration_seconds_bucket{le=\"+Inf\"} 7",
            "sluice_request_duration_seconds_count 7");
    assertThat(figure(scraped(), "sluice_request_duration_seconds_sum")).isBetween(61.003, 61.004);
  }

  @Test
  void tellsWaits() {
    metrics.queueWait().waited(2_000_000);
    metrics.gilWait().waited(50_000);
    metrics.gilWait().waited(60_000);
    assertThat(scraped())
        .contains("sluice_queue_wait_seconds_count 1", "sluice_gil_wait_seconds_count 2");
  }

  @Test
  void asksTheGaugesAtEachScrape() {
    gauges.depth = 5;
    assertThat(scraped())
        .contains(
            "sluice_requests_in_flight 7.0",
            "sluice_queue_depth 5.0",
            "sluice_queue_limit 100.0",
            "sluice_workers 4.0",
            "sluice_workers_busy 2.0",
            "sluice_connections 55.0",
            "sluice_access_log_dropped_total 3.0");
    gauges.depth = 6;
    assertThat(scraped()).contains("sluice_queue_depth 6.0");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void describesTheProcess() {
    List<String> lines = scraped();
    assertThat(figure(lines, "process_resident_memory_bytes")).isBetween(1e7, 1e11);
    assertThat(figure(lines, "process_virtual_memory_bytes"))
        .isGreaterThan(figure(lines, "process_resident_memory_bytes"));
    assertThat(figure(lines, "process_threads"))
        .isGreaterThanOrEqualTo(ManagementFactory.getThreadMXBean().getThreadCount());
    assertThat(figure(lines, "process_open_fds")).isBetween(3.0, figure(lines, "process_max_fds"));
    double start = ManagementFactory.getRuntimeMXBean().getStartTime() / 1000.0;
    assertThat(figure(lines, "process_start_time_seconds")).isBetween(start - 60, start + 60);
    assertThat(figure(lines, "process_cpu_seconds_total")).isPositive();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void openDescriptorsAreCountedAsTheyAre() throws IOException {
    ProcessFigures figures = new ProcessFigures(Path.of("/proc/self"));
    long before = figures.openDescriptors();
    try (var first = Files.newInputStream(Path.of("/proc/self/status"));
        var second = Files.newInputStream(Path.of("/proc/self/status"))) {
      assertThat(first).isNotSameAs(second);
      assertThat(figures.openDescriptors()).isEqualTo(before + 2);
    }
  }

  @Test
  void readsTheKernelsFiles(@TempDir Path folder) throws IOException {
    Files.writeString(
        folder.resolve("status"),
        "Name:\tVmRSS: 9\nVmSize:\t  300 kB\nVmRSS:\t     200 kB\nThreads:\t12\nLast:");
    Files.writeString(folder.resolve("limits"), "Limit  Soft\nMax open files  1024  4096  files\n");
    Files.createDirectory(folder.resolve("fd"));
    for (int i = 0; i < 5; i++) {
      Files.createFile(folder.resolve("fd").resolve("" + i));
    }
    assertThat(scraped(new ServerMetrics(gauges, folder)))
        .contains(
            "process_resident_memory_bytes 204800.0",
            "process_virtual_memory_bytes 307200.0",
            "process_threads 12.0",
            "process_open_fds 4.0",
            "process_max_fds 1024.0");
  }

  @Test
  void whatIsNotToBeHadIsLeftOut(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("status"), "VmRSS:\tmuch\n");
    Files.writeString(folder.resolve("limits"), "Max open files            unlimited");
    assertThat(scraped(new ServerMetrics(gauges, folder)))
        .contains("sluice_workers 4.0")
        .noneMatch(line -> line.matches("process_(res|virt|thr|open|max).*"));
  }

  @Test
  void speaksBothFormats() {
    ServerMetrics.Scrape plain = metrics.scrape("text/html, */*");
    assertThat(plain.contentType()).startsWith("text/plain; version=0.0.4");
    String accept = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5";
    ServerMetrics.Scrape open = metrics.scrape(accept);
    assertThat(open.contentType()).startsWith("application/openmetrics-text; version=1.0.0");
    assertThat(text(open)).endsWith("# EOF\n");
    assertThat(text(plain)).doesNotContain("# EOF");
  }

  @Test
  void countingAllocatesNothing() {
    Exchange[] exchanges = {new RecordedExchange("GET", "/"), new RecordedExchange("X", "/")};
    Outcome outcome = outcome(200, 10, 2, false);
    long spent =
        Allocations.of(() -> {
          for (int i = 0; i < 10_000; i++) {
            metrics.ended(exchanges[i & 1], outcome);
            metrics.queueWait().waited(i);
          }
        });
    assertThat(spent).isLessThan(1000);
  }
}
