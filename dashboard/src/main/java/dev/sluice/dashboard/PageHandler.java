package dev.sluice.dashboard;

import dev.sluice.guard.Guards;
import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.RequestHandler;
import dev.sluice.server.exchange.RequestHead;
import dev.sluice.server.exchange.ResponseHead;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Answers the page's requests, on its IO thread and without Python; what sets something is done on
 * {@code sluice-page-set}, as it has to enter interpreters.
 */
final class PageHandler implements RequestHandler {
  private static final String JSON = "application/json";
  private static final String TEXT = "text/plain; charset=utf-8";
  private static final Set<String> POLICIES = Set.of("off", "report", "raise", "farm", "default");
  private static final Duration SET_LIMIT = Duration.ofSeconds(2);
  private static final int LONGEST_SITE = 8192;

  /** What browsers are told about each answer: no scripts but the page's, and no other sites. */
  private static final Map<String, String> ALWAYS =
      Map.of(
          "Content-Security-Policy",
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src"
              + " 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
          "X-Content-Type-Options",
          "nosniff",
          "Referrer-Policy",
          "no-referrer",
          "Cross-Origin-Resource-Policy",
          "same-origin",
          "Cache-Control",
          "no-store");

  private final Door door;
  private final Facts facts;
  private final ExecutorService setting;
  private final PageFiles files = new PageFiles();

  /** What the cookie is called, which depends on the port: browsers share those of all ports. */
  private volatile String cookie = "sluice-page";

  PageHandler(Door door, Facts facts, ExecutorService setting) {
    this.door = door;
    this.facts = facts;
    this.setting = setting;
  }

  void setPort(int port) {
    cookie = "sluice-page-" + port;
  }

  @Override
  public boolean accept(Exchange exchange) {
    RequestHead request = exchange.request();
    String target = request.target();
    int question = target.indexOf('?');
    String path = question < 0 ? target : target.substring(0, question);
    String query = question < 0 ? "" : target.substring(question + 1);
    String obstacle = door.obstacle(request);
    if (obstacle != null) {
      respond(exchange, 403, "Forbidden", TEXT, obstacle + "\n");
    } else if (path.equals("/") && door.is(parameter(query, "token"))) {
      enter(exchange, String.valueOf(door.token()));
    } else if (!door.knows(request, cookie)) {
      respond(exchange, 401, "Unauthorized", TEXT, "open the URL that was printed at the start\n");
    } else if (path.equals("/api/site")) {
      set(exchange, query);
    } else if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
      respond(exchange, 405, "Method Not Allowed", TEXT, "GET and HEAD only\n");
    } else {
      get(exchange, path, query);
    }
    return true;
  }

  private void get(Exchange exchange, String path, String query) {
    switch (path) {
      case "/api/state" -> json(exchange, facts.state());
      case "/api/stalls" -> json(exchange, Facts.stalls());
      case "/api/lags" -> json(exchange, Facts.lagLimits());
      case "/api/chain" -> {
        String site = parameter(query, "site");
        json(exchange, site == null ? List.of() : Facts.chain(site));
      }
      default -> {
        PageFiles.Content file =
            files.get(path.equals("/") ? "index.html" : path.replaceFirst("^/page/", ""));
        if (file == null) {
          respond(exchange, 404, "Not Found", TEXT, "not found\n");
        } else {
          respond(exchange, 200, "OK", file.type(), file.bytes().duplicate());
        }
      }
    }
  }

  /** The token goes from the URL, which is shown and kept, into a cookie. */
  private void enter(Exchange exchange, String token) {
    ResponseHead head = head(303, "See Other", TEXT);
    head.header("Location", "/");
    head.header(
        "Set-Cookie",
        "%s=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=604800%s"
            .formatted(cookie, token, door.isEncrypted() ? "; Secure" : ""));
    exchange.respond(head, bytes("see /\n"));
  }

  private void set(Exchange exchange, String query) {
    String policy = parameter(query, "policy");
    String site = body(exchange);
    if (!exchange.request().method().equals("POST")) {
      respond(exchange, 405, "Method Not Allowed", TEXT, "POST only\n");
    } else if (policy == null || !POLICIES.contains(policy) || !site.contains(" at ")) {
      respond(
          exchange, 400, "Bad Request", TEXT, "policy is none of " + POLICIES + ", or no site\n");
    } else if (!policy.equals("default") && !Guards.OF_PROCESS.hasRoomFor(site)) {
      respond(exchange, 409, "Conflict", TEXT, "too many sites have a policy of their own\n");
    } else {
      try {
        setting.execute(() -> {
          List<String> late =
              Guards.OF_PROCESS.setSite(site, policy.equals("default") ? null : policy, SET_LIMIT);
          json(exchange, Map.of("site", site, "policy", policy, "late", late));
        });
      } catch (RejectedExecutionException full) {
        respond(exchange, 503, "Service Unavailable", TEXT, "too much is being set\n");
      }
    }
  }

  /** The id of a site; empty if it is too long for one. */
  private static String body(Exchange exchange) {
    long length = exchange.body().length();
    if (length <= 0 || length > LONGEST_SITE) {
      return "";
    }
    ByteBuffer buffer = ByteBuffer.allocate((int) length);
    exchange.body().copyTo(buffer);
    return StandardCharsets.UTF_8.decode(buffer).toString().strip();
  }

  private static @Nullable String parameter(String query, String name) {
    for (String pair : query.split("&", -1)) {
      if (pair.startsWith(name + "=")) {
        try {
          return URLDecoder.decode(pair.substring(name.length() + 1), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
          return null;
        }
      }
    }
    return null;
  }

  private static void json(Exchange exchange, Object value) {
    respond(exchange, 200, "OK", JSON, Json.write(value));
  }

  private static void respond(
      Exchange exchange, int status, String reason, String type, String text) {
    respond(exchange, status, reason, type, bytes(text));
  }

  private static void respond(
      Exchange exchange, int status, String reason, String type, ByteBuffer body) {
    exchange.respond(head(status, reason, type), body);
  }

  private static ResponseHead head(int status, String reason, String type) {
    ResponseHead head = new ResponseHead();
    head.reset(status, reason);
    head.header("Content-Type", type);
    ALWAYS.forEach(head::header);
    return head;
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }
}
