package dev.sluice.server.proxies;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.python.SluiceException;
import dev.sluice.server.exchange.HeaderName;
import dev.sluice.server.exchange.Peer;
import dev.sluice.server.exchange.RequestHead;
import dev.sluice.server.fuzz.SentHead;
import java.util.List;
import java.util.Objects;

/** Random headers of proxies, and random addresses. */
public final class ProxiesFuzz {
  private static final Peer PROXY = new Peer("127.0.0.1", 4711, "127.0.0.1", 80, "http", null);
  private static final Peer STRANGER = new Peer("192.0.2.9", 4711, "127.0.0.1", 80, "http", null);
  private static final TrustedProxies TRUSTED =
      TrustedProxies.of(List.of("127.0.0.1", "10.0.0.0/8"));
  private static final List<HeaderName> NAMES =
      List.of(
          HeaderName.of("forwarded"),
          HeaderName.of("x-forwarded-for"),
          HeaderName.of("x-forwarded-host"),
          HeaderName.X_FORWARDED_PROTO,
          HeaderName.X_FORWARDED_PORT,
          HeaderName.of("x-forwarded-prefix"));

  private ProxiesFuzz() {}

  /** A proxy's word gives an address, or none; nobody else's counts, and none of it is left. */
  public static void forwarded(SentHead sent) {
    for (ForwardedHeaders.Kind kind : ForwardedHeaders.Kind.values()) {
      ForwardedHeaders headers = new ForwardedHeaders(TRUSTED, kind);
      RequestHead believed = sent.head();
      Peer peer = headers.apply(believed, PROXY);
      assertThat(peer.scheme()).isIn("http", "https");
      assertThat(peer.remotePort()).isBetween(0, 65_535);
      if (!peer.remoteAddress().isEmpty()) {
        IpAddress address = Objects.requireNonNull(IpAddress.parse(peer.remoteAddress()));
        assertThat(address.text()).isEqualTo(peer.remoteAddress());
      }
      RequestHead stripped = sent.head();
      assertThat(headers.apply(stripped, STRANGER)).isEqualTo(STRANGER);
      for (HeaderName name : NAMES) {
        assertThat(stripped.header(name)).isNull();
      }
    }
  }

  /** What is an address is the same address when it is written. */
  public static void address(String text) {
    IpAddress address = IpAddress.parse(text);
    if (address != null) {
      assertThat(IpAddress.parse(address.text())).isEqualTo(address);
    }
    try {
      TrustedProxies trusted = TrustedProxies.of(List.of(text));
      if (address != null) {
        assertThat(trusted.contains(address)).isTrue();
      }
    } catch (SluiceException e) {
      assertThat(address).as("refused though it is an address").isNull();
    }
  }
}
