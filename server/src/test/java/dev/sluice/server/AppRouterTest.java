package dev.sluice.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.exchange.RecordedExchange;
import dev.sluice.server.exchange.RootPath;
import dev.sluice.server.http.connection.BodyMode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AppRouterTest {
  private final List<String> taken = new ArrayList<>();
  private final AppRouter router =
      new AppRouter(List.of(route("/old", false), route("", true), route("/old/new", true)));

  private AppRouter.Route route(String prefix, boolean sockets) {
    return new AppRouter.Route(
        prefix,
        RootPath.NONE.with(prefix),
        exchange -> taken.add(prefix),
        BodyMode.COLLECT,
        sockets);
  }

  private RecordedExchange send(String method, String target) {
    RecordedExchange exchange = new RecordedExchange(method, target);
    assertThat(router.accept(exchange)).isTrue();
    return exchange;
  }

  @Test
  void theLongestPrefixHasThePath() {
    send("GET", "/old/x");
    send("GET", "/old/new/x");
    send("GET", "/other");
    assertThat(taken).containsExactly("/old", "/old/new", "");
  }

  /** Over HTTP/2 a handshake is a CONNECT with a path, which WSGI knows nothing of. */
  @Test
  void aWebSocketOfHttp2IsNotForAnApplicationWithoutSockets() {
    assertThat(send("CONNECT", "/old/socket").response()).startsWith("501");
    assertThat(taken).isEmpty();
    send("CONNECT", "/old/new/socket");
    assertThat(taken).containsExactly("/old/new");
  }
}
