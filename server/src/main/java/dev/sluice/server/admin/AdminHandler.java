package dev.sluice.server.admin;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.HeaderName;
import dev.sluice.server.exchange.RequestHandler;
import dev.sluice.server.exchange.ResponseHead;
import dev.sluice.server.metrics.ServerMetrics;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Answers the server's own pages, at once and on the IO thread that brings the request: no queue
 * and no Python, so that there are answers under overload and while Python hangs. A page of metrics
 * takes about a tenth of a millisecond of that thread, the others next to nothing.
 */
public final class AdminHandler implements RequestHandler {
  private static final String TEXT = "text/plain; charset=utf-8";
  private static final String LIST =
      """
      not found; there are:
      /-/live     200 while the process runs
      /-/ready    200, or 503 and why no requests should be sent here
      /-/metrics  for Prometheus (also /metrics)
      """;

  private final Readiness readiness;
  private final ServerMetrics metrics;

  /** Makes a handler, which may serve any number of addresses and IO threads. */
  public AdminHandler(Readiness readiness, ServerMetrics metrics) {
    this.readiness = readiness;
    this.metrics = metrics;
  }

  @Override
  public boolean accept(Exchange exchange) {
    String path = path(exchange.request().target());
    switch (path) {
      case "/-/live", "/-/ready", "/-/metrics", "/metrics" -> {
        String method = exchange.request().method();
        if (!method.equals("GET") && !method.equals("HEAD")) {
          respond(exchange, 405, "Method Not Allowed", TEXT, bytes("GET and HEAD only\n"));
          return true;
        }
      }
      default -> {
        respond(exchange, 404, "Not Found", TEXT, bytes(LIST));
        return true;
      }
    }
    switch (path) {
      case "/-/live" -> respond(exchange, 200, "OK", TEXT, bytes("live\n"));
      case "/-/ready" -> ready(exchange);
      default -> {
        String accept = exchange.request().header(HeaderName.ACCEPT);
        ServerMetrics.Scrape scrape = metrics.scrape(accept);
        respond(exchange, 200, "OK", scrape.contentType(), scrape.body());
      }
    }
    return true;
  }

  private void ready(Exchange exchange) {
    @Nullable String obstacle = readiness.obstacle();
    if (obstacle == null) {
      respond(exchange, 200, "OK", TEXT, bytes("ready\n"));
    } else {
      respond(exchange, 503, "Service Unavailable", TEXT, bytes("not ready: " + obstacle + "\n"));
    }
  }

  /** Without the query, and without the authority of a target that is a whole URL. */
  private static String path(String target) {
    int question = target.indexOf('?');
    int end = question < 0 ? target.length() : question;
    int start = 0;
    if (!target.startsWith("/")) {
      int authority = target.indexOf("://");
      start = authority < 0 ? -1 : target.indexOf('/', authority + 3);
    }
    return start < 0 || start > end ? "" : target.substring(start, end);
  }

  private static void respond(
      Exchange exchange, int status, String reason, String type, ByteBuffer body) {
    ResponseHead head = new ResponseHead();
    head.reset(status, reason);
    head.header("Content-Type", type);
    head.header("Cache-Control", "no-store");
    if (status == 405) {
      head.header("Allow", "GET, HEAD");
    }
    exchange.respond(head, body);
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }
}
