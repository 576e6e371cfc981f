package dev.sluice.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.exchange.HeaderName;
import dev.sluice.server.exchange.RequestHead;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Who may see the page. */
class DoorTest {
  private final Door local = Door.of("127.0.0.1", List.of());
  private final Door open = Door.of("0.0.0.0", List.of());

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
    assertThat(token).matches("[0-9a-f]{48}").isNotEqualTo(Door.of("0.0.0.0", List.of()).token());
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

  @Test
  void aProxyMayShowItByANameOfItsOwn() {
    Door shown = Door.of("127.0.0.1", List.of(URI.create("https://blocks.example.com")));
    String[][] good = {
      {"Host", "blocks.example.com", "Origin", "https://blocks.example.com"},
      {"Host", "127.0.0.1:8001", "Origin", "https://blocks.example.com"},
      {"Host", "Blocks.Example.com:443"},
      {"Host", "127.0.0.1:8001", "Origin", "http://127.0.0.1:8001"},
    };
    for (String[] each : good) {
      assertThat(shown.obstacle(head("GET", each))).as(String.join(" ", each)).isNull();
    }
    String[][] bad = {
      {"Host", "evil.example", "Origin", "https://blocks.example.com"},
      {"Host", "blocks.example.com", "Origin", "https://evil.example"},
      {"Host", "127.0.0.1:8001", "Origin", "http://blocks.example.com"},
      {"Host", "blocks.example.com.evil.example"},
    };
    for (String[] each : bad) {
      assertThat(shown.obstacle(head("GET", each))).as(String.join(" ", each)).isNotNull();
    }
    assertThat(shown.token()).as("others reach it").matches("[0-9a-f]{48}");
    assertThat(shown.knows(head("GET"), "its")).isFalse();
    assertThat(shown.isEncrypted()).isTrue();
    assertThat(local.isEncrypted()).isFalse();
  }
}
