package dev.sluice.server.proxies;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.exchange.HeaderName;
import dev.sluice.server.exchange.Peer;
import dev.sluice.server.exchange.RequestHead;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The Forwarded header (RFC 7239), from a trusted proxy. */
class ForwardedElementTest {
  private static final Peer PROXY = new Peer("10.0.0.1", 5000, "10.0.0.9", 8000, "http", null);
  private static final ForwardedHeaders TEN =
      new ForwardedHeaders(TrustedProxies.of(List.of("10.0.0.0/8")), ForwardedHeaders.Kind.EITHER);

  private static RequestHead head(String value) {
    RequestHead head = new RequestHead("GET", "/", "HTTP/1.1");
    head.add(HeaderName.FORWARDED, value);
    return head;
  }

  private static String seen(String value) {
    Peer peer = TEN.apply(head(value), PROXY);
    return peer.remoteAddress() + " " + peer.remotePort() + " " + peer.scheme();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "for=192.0.2.1 | 192.0.2.1 0 http",
        "FOR=192.0.2.1;Proto=HTTPS | 192.0.2.1 0 https",
        "for=\"192.0.2.1\" | 192.0.2.1 0 http",
        "for=\"192.0.2.1:47\" | 192.0.2.1 47 http",
        "for=\"192.0.2.1:_port\" | 192.0.2.1 0 http",
        "for=\"[2001:db8::17]:4711\";by=\"[::1]:80\" | 2001:db8::17 4711 http",
        "for=\"[2001:DB8::17]\" | 2001:db8::17 0 http",
        "for=\"\\[2001:db8::17\\]\" | 2001:db8::17 0 http",
        "by=203.0.113.43;for=192.0.2.60;proto=https;host=example.com | 192.0.2.60 0 https",
        "for=192.0.2.1;secret=\"a,b;c\\\"d\" | 192.0.2.1 0 http",
        ";for=192.0.2.1;; | 192.0.2.1 0 http",
        "for=unknown | ' 0 http'",
        "for=UNKNOWN;proto=https | ' 0 https'",
        "for=_hidden.one-2_x | ' 0 http'",
        "for=\"_hidden:_port\" | ' 0 http'",
        "for=9.9.9.9, for=192.0.2.1 | 192.0.2.1 0 http",
        "for=192.0.2.1;proto=https, for=10.9.9.9;proto=http | 192.0.2.1 0 https",
        "for=192.0.2.1 , for=10.9.9.9 , | 192.0.2.1 0 http",
        "for=9.9.9.9, for=_x, for=10.9.9.9 | ' 0 http'",
        "for=9.9.9.9, proto=https, for=10.9.9.9 | 10.9.9.9 0 https",
        "for=10.9.9.9 | 10.9.9.9 0 http",
        // What a client may have written before the proxy added its own element.
        "for=\", for=192.0.2.1 | 192.0.2.1 0 http",
        "for=\"\\, for=192.0.2.1 | 192.0.2.1 0 http",
        "\"\"\", for=\"192.0.2.1\" | 192.0.2.1 0 http",
        "for=127.0.0.1;x=\", for=192.0.2.1;by=\"10.0.0.1\" | 192.0.2.1 0 http",
        "rubbish ===, for=192.0.2.1;host=\"a\\\\\" | 192.0.2.1 0 http",
        "for=192.0.2.1;host=\"evil\\\", for=9.9.9.9;x=\\\"\" | 192.0.2.1 0 http",
      })
  void readsFromTheRight(String value, String expected) {
    assertThat(seen(value)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "192.0.2.1",
        "for",
        "for=",
        "=192.0.2.1",
        "for=\"\"",
        "for =192.0.2.1",
        "for= 192.0.2.1",
        "for=192.0.2.1 ;proto=http",
        "for=192.0.2.1; proto=http",
        "for=192.0.2.1:80",
        "for=2001:db8::1",
        "for=[2001:db8::1]",
        "for=\"2001:db8::1\"",
        "for=\"[2001:db8::1\"",
        "for=\"2001:db8::1]\"",
        "for=\"[192.0.2.1]\"",
        "for=\"[2001:db8::1]80\"",
        "for=\"[2001:db8::1]:\"",
        "for=\"[2001:db8::1%25eth0]\"",
        "for=\"192.0.2.1:\"",
        "for=\"192.0.2.1:65536\"",
        "for=\"192.0.2.1:123456\"",
        "for=\"192.0.2.1:_\"",
        "for=\"192.0.2.1:+80\"",
        "for=\"192.0.2.1",
        "for=192.0.2.1\"",
        "for=\"192.0.2.1\"x",
        "for=\"192.0.2.1\\\"",
        "for='192.0.2.1'",
        "for=192.0.2.256",
        "for=192.0.2.01",
        "for=192.0.2",
        "for=3221225985",
        "for=0xc0000201",
        "for=example.com",
        "for=_",
        "for=_a$b",
        "for=_\u00e9",
        "for=unknown2",
        "for=192.0.2.1;for=192.0.2.1",
        "for=192.0.2.1;FOR=10.0.0.1",
        "for=192.0.2.1;proto=http;proto=https",
        "for=192.0.2.1;proto=ftp",
        "for=192.0.2.1;proto=",
        "for=192.0.2.1;proto=https:",
        "for=192.0.2.1;by=",
        "for=192.0.2.1;by=example.com",
        "for=192.0.2.1;by=_a;by=_b",
        "for=192.0.2.1;host=",
        "for=192.0.2.1;host=\"\"",
        "for=192.0.2.1;host=a;host=b",
        "for=192.0.2.1;host=a:80",
        "for=192.0.2.1;x",
        "for=192.0.2.1 for=192.0.2.2",
        "for=192.0.2.1\u0000",
        "for=\"192.0.2.1\u0000\"",
        "for=\"192.0.2.1\u007f\"",
        "for=\u0661\u0669\u0662.0.2.1",
        "f\u00f6r=192.0.2.1",
        "for:192.0.2.1",
        "for=\"unknown\", x",
      })
  void ignoresAndRemovesWhatIsMalformed(String value) {
    RequestHead head = head(value);
    assertThat(TEN.apply(head, PROXY)).isEqualTo(PROXY);
    assertThat(head.headerCount()).isZero();
  }

  /** The time grows with the length, not with its square: 64 KiB, a hundred times. */
  @Test
  @Timeout(20)
  void longRubbishCostsLittle() {
    for (String piece : List.of("\"", "\\", "\\\"", ",", "for=10.0.0.1,", "=", ";", "\",\"")) {
      String value = piece.repeat(65_536 / piece.length());
      for (int i = 0; i < 100; i++) {
        TEN.apply(head(value), PROXY);
      }
    }
  }
}
