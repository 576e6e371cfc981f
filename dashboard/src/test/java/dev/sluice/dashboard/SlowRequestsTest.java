package dev.sluice.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.Outcome;
import dev.sluice.server.exchange.RequestHead;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The slowest requests of the last minutes. */
class SlowRequestsTest {
  private final AtomicLong now = new AtomicLong(5);
  private final SlowRequests requests = new SlowRequests(now::get);

  private void ended(String target, long nanos) {
    Exchange exchange =
        (Exchange)
            Proxy.newProxyInstance(
                Exchange.class.getClassLoader(),
                new Class<?>[] {Exchange.class},
                (proxy, method, arguments) -> new RequestHead("GET", target, "HTTP/1.1"));
    requests.ended(exchange, new Outcome(200, 0, 0, nanos, true));
  }

  @Test
  void theSlowestAreKept() {
    for (int i = 1; i <= 50; i++) {
      ended("/" + i, i);
    }
    assertThat(requests.slowest()).hasSize(SlowRequests.KEPT);
    assertThat(requests.slowest().getFirst().target()).isEqualTo("/50");
    assertThat(requests.slowest().getLast().target()).isEqualTo("/31");
    assertThat(requests.count()).isEqualTo(50);
  }

  @Test
  void oldOnesMakeRoom() {
    for (int i = 1; i <= 50; i++) {
      ended("/" + i, i);
    }
    now.addAndGet(SlowRequests.AGE.toNanos() + 1);
    ended("/new", 1);
    assertThat(requests.slowest()).extracting(SlowRequests.Slow::target).containsExactly("/new");
    now.addAndGet(SlowRequests.AGE.toNanos() + 1);
    assertThat(requests.slowest()).isEmpty();
  }
}
