package dev.sluice.server;

import dev.sluice.server.access.AccessLog;
import dev.sluice.server.admin.AdminHandler;
import dev.sluice.server.admin.Readiness;
import dev.sluice.server.exchange.Forwarding;
import dev.sluice.server.exchange.RequestObserver;
import dev.sluice.server.http.HttpServer;
import dev.sluice.server.http.ListenerOptions;
import dev.sluice.server.http.connection.HttpLimits;
import dev.sluice.server.http.connection.Serving;
import dev.sluice.server.metrics.ServerGauges;
import dev.sluice.server.metrics.ServerMetrics;
import dev.sluice.server.proxies.ForwardedHeaders;
import dev.sluice.server.requestids.RequestIds;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a server that look at it from outside: the access log, the metrics, the admin
 * address; started and stopped with it, by any thread that may block.
 */
final class Operating implements AutoCloseable {
  private final Operations operations;
  private final @Nullable AccessLog accessLog;
  private @Nullable ServerMetrics metrics;
  private @Nullable Readiness readiness;
  private @Nullable HttpServer admin;

  /** Opens the access log; nothing is served yet. */
  Operating(Operations operations) {
    this.operations = operations;
    accessLog =
        operations.accessLog() == null
            ? null
            : AccessLog.open(
                operations.accessLog(), operations.accessLogFormat(), operations.accessLogLimit());
  }

  /**
   * Makes the pages of the admin address, where the server is starting.
   *
   * @param unixMode its permissions, if it is a unix socket; null for what the umask leaves
   * @throws dev.sluice.python.SluiceException if the address cannot be bound
   */
  void openAdmin(ServerGauges gauges, @Nullable Set<PosixFilePermission> unixMode) {
    if (operations.admin() == null) {
      return;
    }
    ServerMetrics made = new ServerMetrics(gauges);
    Readiness ready = new Readiness(gauges);
    HttpServer server =
        new HttpServer(Serving.plain(HttpLimits.DEFAULT, new AdminHandler(ready, made)), 1);
    try {
      ListenerOptions options = ListenerOptions.plain(operations.admin());
      server.bind(unixMode == null ? options : options.withUnixMode(unixMode));
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
    metrics = made;
    readiness = ready;
    admin = server;
  }

  RequestObserver observer() {
    RequestObserver observer = operations.observer();
    if (metrics != null) {
      observer = observer.and(metrics);
    }
    return accessLog == null ? observer : observer.and(accessLog);
  }

  /** Is told how long requests wait for a worker. */
  LongConsumer queueWait() {
    ServerMetrics told = metrics;
    return told == null ? nanos -> {} : told.queueWait()::waited;
  }

  /** Is told how long workers wait for the GIL. */
  LongConsumer gilWait() {
    ServerMetrics told = metrics;
    return told == null ? nanos -> {} : told.gilWait()::waited;
  }

  /** Whom requests come from, and what they are called. */
  Forwarding forwarding() {
    ForwardedHeaders headers = new ForwardedHeaders(operations.trusted(), operations.forwarded());
    if (!operations.requestIds()) {
      return headers::apply;
    }
    RequestIds ids = new RequestIds();
    AtomicLong numbers = new AtomicLong();
    return (head, connection) -> {
      ids.assign(head, operations.trusted().trusts(connection), numbers.incrementAndGet());
      return headers.apply(head, connection);
    };
  }

  long linesDropped() {
    return accessLog == null ? 0 : accessLog.dropped();
  }

  /** The URLs of the admin address. */
  List<String> adminUrls() {
    return admin == null ? List.of() : admin.urls();
  }

  void started() {
    if (readiness != null) {
      readiness.started();
    }
  }

  void draining() {
    if (readiness != null) {
      readiness.draining();
    }
  }

  /** Ends the admin address, and writes what waits for the log. */
  @Override
  public void close() {
    if (admin != null) {
      admin.close();
    }
    if (accessLog != null) {
      accessLog.close(Duration.ofMillis(200));
    }
  }
}
