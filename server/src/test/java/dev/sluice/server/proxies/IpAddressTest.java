package dev.sluice.server.proxies;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {
  @ParameterizedTest
  @CsvSource({
    "1.2.3.4,1.2.3.4",
    "0.0.0.0,0.0.0.0",
    "255.255.255.255,255.255.255.255",
    "::,::",
    "::1,::1",
    "1::,1::",
    "2001:DB8::1,2001:db8::1",
    "2001:db8:0:0:0:0:0:1,2001:db8::1",
    "2001:0db8:0000:0001:0000:0000:0000:0001,2001:db8:0:1::1",
    "1:0:0:2:0:0:0:3,1:0:0:2::3",
    "1:0:2:3:4:5:6:7,1:0:2:3:4:5:6:7",
    "1::3:4:5:6:7:8,1:0:3:4:5:6:7:8",
    "::2:3:4:5:6:7:8,0:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7::,1:2:3:4:5:6:7:0",
    "::ffff:1.2.3.4,1.2.3.4",
    "::ffff:102:304,1.2.3.4",
    "0:0:0:0:0:ffff:1.2.3.4,1.2.3.4",
    "::1.2.3.4,::102:304",
    "64:ff9b::1.2.3.4,64:ff9b::102:304",
    "1:2:3:4:5:6:1.2.3.4,1:2:3:4:5:6:102:304",
  })
  void readsAndWritesInOneSpelling(String text, String canonical) {
    IpAddress address = IpAddress.parse(text);
    assertThat(address).isNotNull().extracting(IpAddress::text).isEqualTo(canonical);
    assertThat(IpAddress.parse(canonical)).isEqualTo(address);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "1",
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.4.",
        ".1.2.3.4",
        "1..2.3",
        "256.1.1.1",
        "1.2.3.1000",
        "01.2.3.4",
        "1.2.3.00",
        "1.2.3.4 ",
        " 1.2.3.4",
        "0x1.2.3.4",
        "1.2.3.-4",
        "+1.2.3.4",
        "1.2.3.\u0664",
        "localhost",
        ":",
        ":::",
        "1:",
        ":1",
        "::1:",
        "1:2",
        "1::2::3",
        "12345::",
        "g::",
        "::\uff11",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7:8::",
        "::1:2:3:4:5:6:7:8",
        "1:2:3:4::5:6:7:8",
        "1:2:3:4:5:6:7:1.2.3.4",
        "::1.2.3",
        "::1.2.3.4.5",
        "::01.2.3.4",
        "1.2.3.4::",
        "::1.2.3.4:5",
        "fe80::1%eth0",
        "[::1]",
        "::1/128",
        "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000",
      })
  void refusesWhateverIsNoAddress(String text) {
    assertThat(IpAddress.parse(text)).isNull();
  }

  @Test
  void knowsIpv4InBothSpellings() {
    assertThat(IpAddress.parse("10.0.0.1")).isEqualTo(IpAddress.parse("::ffff:a00:1"));
    assertThat(IpAddress.parse("10.0.0.1")).isNotNull().matches(IpAddress::isFour);
    assertThat(IpAddress.parse("::a00:1")).isNotNull().matches(address -> !address.isFour());
  }
}
