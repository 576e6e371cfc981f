package dev.sluice.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.exchange.HeaderName;
import dev.sluice.server.exchange.RequestHead;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Who may see the page. */
class DoorTest {
  private final Door local = Door.of("127.0.0.1");
  private final Door open = Door.of("0.0.0.0");

  private static RequestHead head(String method, String... headers) {
    RequestHead head = new RequestHead(method, "/", "HTTP/1.1");
    for (int i = 0; i < headers.length; i += 2) {
      head.add(HeaderName.of(headers[i].toLowerCase(Locale.ROOT)), headers[i + 1]);
    }
    return head;
  }

  @Test
  void onThisMachineOnlyItsOwnNamesCount() {
    for (String good : new String[] {"127.0.0.1:8001", "localhost", "LocalHost:1", "[::1]:8001"}) {
      assertThat(local.obstacle(head("GET", "Host", good))).as(good).isNull();
    }
    for (String bad :
        new String[] {
          "evil.example", "evil.example:8001", "127.0.0.1.evil.example", "10.0.0.1", ""
        }) {
      assertThat(local.obstacle(head("GET", "Host", bad))).as(bad).isNotNull();
    }
    assertThat(local.obstacle(head("GET"))).isNotNull();
    assertThat(local.token()).isNull();
    assertThat(local.knows(head("GET"), "sluice-page")).isTrue();
  }

  @Test
  void otherSitesMayNotAsk() {
    assertThat(local.obstacle(head("GET", "Host", "localhost:1", "Origin", "http://localhost:1")))
        .isNull();
    assertThat(local.obstacle(head("GET", "Host", "localhost:1", "Origin", "http://localhost:2")))
        .isNotNull();
    assertThat(local.obstacle(head("GET", "Host", "localhost:1", "Origin", "null"))).isNotNull();
    for (String site : new String[] {"cross-site", "same-site"}) {
      assertThat(local.obstacle(head("GET", "Host", "localhost", "Sec-Fetch-Site", site)))
          .isNotNull();
    }
    for (String site : new String[] {"same-origin", "none"}) {
      assertThat(local.obstacle(head("GET", "Host", "localhost", "Sec-Fetch-Site", site))).isNull();
    }
  }

  @Test
  void changesNeedAHeaderThatFormsCannotSend() {
    assertThat(local.obstacle(head("POST", "Host", "localhost"))).isNotNull();
    assertThat(local.obstacle(head("POST", "Host", "localhost", "X-Sluice-Page", "1"))).isNull();
  }

  @Test
  void elsewhereATokenIsNeeded() {
    String token = String.valueOf(open.token());
    assertThat(token).matches("[0-9a-f]{48}").isNotEqualTo(Door.of("0.0.0.0").token());
    assertThat(open.obstacle(head("GET", "Host", "192.168.1.7:8001"))).isNull();
    assertThat(open.obstacle(head("GET", "Host", "evil.example"))).isNotNull();
    assertThat(open.knows(head("GET"), "its")).isFalse();
    assertThat(open.knows(head("GET", "Cookie", "its=" + token), "its")).isTrue();
    assertThat(open.knows(head("GET", "Cookie", "a=b; its=" + token), "its")).isTrue();
    assertThat(open.knows(head("GET", "Cookie", "other=" + token), "its")).isFalse();
    assertThat(open.knows(head("GET", "Cookie", "its=" + token + "0"), "its")).isFalse();
    assertThat(open.knows(head("GET", "Authorization", "Bearer " + token), "its")).isTrue();
    assertThat(open.knows(head("GET", "Authorization", "Bearer no"), "its")).isFalse();
    assertThat(open.is(null)).isFalse();
    assertThat(local.is("null")).isFalse();
  }
}
