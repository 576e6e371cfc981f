package dev.sluice.server.proxies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.python.SluiceException;
import dev.sluice.server.ServerError;
import dev.sluice.server.exchange.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrustedProxiesTest {
  private static TrustedProxies of(String... texts) {
    return TrustedProxies.of(List.of(texts));
  }

  private static boolean trusts(TrustedProxies proxies, String address) {
    return proxies.trusts(new Peer(address, 1, "192.0.2.1", 80, "http", null));
  }

  @Test
  void trustsNobodyUntilTold() {
    for (TrustedProxies none : List.of(TrustedProxies.NONE, of())) {
      assertThat(trusts(none, "127.0.0.1")).isFalse();
      assertThat(trusts(none, "::1")).isFalse();
      assertThat(trusts(none, "")).isFalse();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8,10.255.0.1,true",
    "10.0.0.0/8,11.0.0.0,false",
    "10.0.0.0/8,::ffff:10.1.1.1,true",
    "10.0.0.0/8,a00::,false",
    "10.1.2.3,10.1.2.3,true",
    "10.1.2.3,10.1.2.2,false",
    "10.1.2.2/31,10.1.2.3,true",
    "0.0.0.0/0,203.0.113.9,true",
    "0.0.0.0/0,::1,false",
    "::/0,2001:db8::1,true",
    "::/0,203.0.113.9,false",
    "::ffff:0:0/96,203.0.113.9,true",
    "::ffff:10.0.0.0/104,10.9.9.9,true",
    "fd00::/8,fdff::1,true",
    "fd00::/8,fe00::1,false",
    "2001:db8::/64,2001:db8::ffff:0:0:1,true",
    "2001:db8::/65,2001:db8::8000:0:0:1,false",
    "fe80::/10,fe80:0:0:0:1:2:3:4%eth0,true",
    "::1,0:0:0:0:0:0:0:1,true",
    "127.0.0.1,localhost,false",
    "127.0.0.1,'',false",
  })
  void contains(String network, String address, boolean inside) {
    assertThat(trusts(of("192.0.2.77", network), address)).isEqualTo(inside);
  }

  @Test
  void unixMeansUnixSocketsOnly() {
    assertThat(trusts(of("unix"), "")).isTrue();
    assertThat(trusts(of("unix"), "127.0.0.1")).isFalse();
  }

  @Test
  void aStarMeansWhoeverConnectsButNoHopFurtherOn() {
    TrustedProxies all = of("*", "10.0.0.0/8");
    assertThat(trusts(all, "203.0.113.9")).isTrue();
    assertThat(trusts(all, "")).isTrue();
    assertThat(all.contains(IpAddress.parse("203.0.113.9"))).isFalse();
    assertThat(all.contains(IpAddress.parse("10.0.0.1"))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "10.0.0.0/8 ",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/+8",
        "10.0.0.0/08",
        "10.0.0.0/8/8",
        "10.0.0.0/255.0.0.0",
        "10.0.0/8",
        "::/129",
        "::/1280",
        "/8",
        "**",
        "UNIX",
        "unix:/run/x",
        "localhost",
        "fe80::1%eth0",
      })
  void refusesWhatItDoesNotUnderstand(String text) {
    assertThatThrownBy(() -> of("10.0.0.1", text))
        .isInstanceOfSatisfying(
            SluiceException.class,
            e -> assertThat(e.code()).isEqualTo(ServerError.TRUSTED_PROXIES_INVALID))
        .hasMessageContaining("\"" + text + "\"");
  }

  @ParameterizedTest
  @CsvSource({
    "10.1.0.0/8,10.0.0.0/8",
    "192.168.1.1/24,192.168.1.0/24",
    "fd00::1/8,fd00::/8",
    "2001:db8::1/127,2001:db8::/127",
    "::ffff:10.0.0.1/104,a network's beginning",
  })
  void saysWhichNetworkMayBeMeant(String text, String meant) {
    assertThatThrownBy(() -> of(text)).hasMessageContaining("Perhaps " + meant + " is meant");
  }

  /** A model without arithmetic: addresses and networks are strings of 128 zeros and ones. */
  @Test
  void agreesWithASlowModel() {
    Random random = new Random(20_250_101);
    for (int round = 0; round < 400; round++) {
      List<String> written = new ArrayList<>();
      List<String> prefixes = new ArrayList<>();
      String base = randomBits(random);
      for (int i = 0; i < 1 + random.nextInt(4); i++) {
        boolean four = random.nextBoolean();
        int bits = random.nextInt(four ? 33 : 129);
        String prefix = four ? MAPPED + base.substring(96, 96 + bits) : base.substring(0, bits);
        written.add(write(prefix + "0".repeat(128 - prefix.length()), four) + "/" + bits);
        prefixes.add(prefix);
      }
      TrustedProxies proxies = TrustedProxies.of(written);
      for (int i = 0; i < 40; i++) {
        boolean four = random.nextBoolean();
        String bits = near(base, random);
        if (four) {
          bits = MAPPED + bits.substring(96);
        }
        String asked = bits;
        boolean expected = prefixes.stream().anyMatch(prefix -> inside(asked, prefix));
        String text = write(bits, four && random.nextBoolean());
        assertThat(trusts(proxies, text)).as("%s in %s", text, written).isEqualTo(expected);
      }
    }
  }

  private static final String MAPPED = "0".repeat(80) + "1".repeat(16);

  private static boolean inside(String address, String prefix) {
    boolean wide = prefix.length() < 96 && address.startsWith(MAPPED);
    return !wide && address.startsWith(prefix);
  }

  private static String randomBits(Random random) {
    StringBuilder bits = new StringBuilder();
    while (bits.length() < 128) {
      bits.append(random.nextInt(8) == 0 ? "0000000000000000" : random.nextBoolean() ? "1" : "0");
    }
    return bits.substring(0, 128);
  }

  /** The same, or with one bit turned round, so that both answers come up often. */
  private static String near(String base, Random random) {
    int turned = random.nextInt(160);
    if (turned >= 128) {
      return base;
    }
    char other = base.charAt(turned) == '0' ? '1' : '0';
    return base.substring(0, turned) + other + base.substring(turned + 1);
  }

  private static String write(String bits, boolean dotted) {
    StringBuilder text = new StringBuilder();
    for (int at = dotted ? 96 : 0; at < 128; at += dotted ? 8 : 16) {
      int group = Integer.parseInt(bits.substring(at, at + (dotted ? 8 : 16)), 2);
      text.append(text.isEmpty() ? "" : dotted ? "." : ":");
      text.append(dotted ? Integer.toString(group) : Integer.toHexString(group));
    }
    return text.toString();
  }
}
