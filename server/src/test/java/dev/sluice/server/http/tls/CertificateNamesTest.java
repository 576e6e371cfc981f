package dev.sluice.server.http.tls;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which hosts a certificate is for. */
class CertificateNamesTest {
  private final CertificateNames names =
      CertificateNames.of(
          new Authority("names")
              .issue(
                  "EC",
                  "example.com",
                  "*.Example.org",
                  "*.deep.example.net",
                  "192.0.2.7",
                  "2001:db8::7")
              .certificate());

  @ParameterizedTest
  @CsvSource({
    "example.com, true",
    "EXAMPLE.com, true",
    "example.com., true",
    "www.example.com, false",
    "xexample.com, false",
    "example.com.evil.com, false",
    "example.org, false",
    "www.example.org, true",
    "WWW.EXAMPLE.ORG, true",
    "a.b.example.org, false",
    ".example.org, false",
    "*.example.org, false",
    "www.example.org., true",
    "www..example.org, false",
    "x.deep.example.net, true",
    "deep.example.net, false",
    "192.0.2.7, true",
    "192.0.2.8, false",
    "[192.0.2.7], false",
    "[2001:db8::7], true",
    "[2001:DB8:0::7], true",
    "[2001:db8::8], false",
    "2001:db8::7, false",
    "[::ffff:192.0.2.7], true",
    "[, false",
    "[], false",
    "., false",
    "'', false",
    "evil.com/example.com, false",
    "example.com@evil.com, false",
    "evil.com\\example.com, false",
    "exámple.com, false",
  })
  void aCertificateCovers(String host, boolean covered) {
    assertThat(names.covers(host)).isEqualTo(covered);
  }

  @Test
  void aNameThatIsNoneIsEmpty() {
    assertThat(CertificateNames.canonical("a".repeat(254))).isEmpty();
    assertThat(CertificateNames.canonical("a b")).isEmpty();
    assertThat(CertificateNames.canonical("a\r\nb")).isEmpty();
    assertThat(CertificateNames.canonical("\u0130.com")).isEmpty();
    assertThat(Handshake.serverName(null)).isEmpty();
    assertThat(Handshake.serverName("Www.Example.COM")).isEqualTo("www.example.com");
  }

  @Test
  void aCertificateWithoutNamesCoversNothing() {
    CertificateNames none = CertificateNames.of(new Authority("none").issue("EC").certificate());
    assertThat(none.covers("nobody")).isFalse();
    assertThat(none.covers("")).isFalse();
  }
}
