package dev.sluice.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.server.http.Wire.TlsWish;
import dev.sluice.server.http.tls.Authority;
import dev.sluice.server.http.tls.Tls;
import dev.sluice.server.http.tls.TlsEngine;
import dev.sluice.server.http.tls.TlsOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is agreed on with a client: versions, ciphers, certificates, protocols, sessions. */
@Timeout(60)
@ParameterizedClass
@EnumSource(TlsEngine.class)
class TlsHandshakeTest {
  private final TlsEngine engine;
  @TempDir private Path folder;
  private final Authority authority = new Authority("authority");
  private final Site site = new Site();

  TlsHandshakeTest(TlsEngine engine) {
    this.engine = engine;
  }

  @AfterEach
  void stop() {
    site.close();
  }

  private int serve(Authority.Issued... certificates) throws IOException {
    java.util.ArrayList<TlsOptions.Files> files = new java.util.ArrayList<>();
    for (Authority.Issued issued : certificates) {
      files.add(issued.write(folder, "site" + files.size()));
    }
    return site.bind(
        ListenerOptions.plain(Site.ANY_PORT)
            .withTls(Tls.open(new TlsOptions(files, null, null), engine)));
  }

  private String ask(int port, TlsWish wish) throws IOException {
    try (Wire wire = Wire.tls(authority.client(), port, wish)) {
      return wire.get("/").readBody();
    }
  }

  @ParameterizedTest
  @CsvSource({
    // BoringSSL chooses among those of TLS 1.3 itself, by the client's order and the processor.
    "TLSv1.3, TLS_AES_(128_GCM_SHA256|256_GCM_SHA384)",
    "TLSv1.2, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"
  })
  void theVersionAndTheCipherAreTold(String version, String cipher) throws IOException {
    int port = serve(authority.issue("EC", "localhost"));
    assertThat(site.server().urls()).containsExactly("https://127.0.0.1:" + port);
    assertThat(ask(port, TlsWish.NOTHING.version(version)))
        .matches(
            "https 127.0.0.1 \\d+ 127.0.0.1 %d %s %s \\[\\] -".formatted(port, version, cipher));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-tls1_1", "-tls1"})
  void olderVersionsAreRefused(String version) throws Exception {
    int port = serve(authority.issue("EC", "localhost"));
    Path ca = authority.write(folder);
    // At level 0 OpenSSL would speak them.
    String output = OpenSsl.client(port, ca, version, "-cipher", "ALL:@SECLEVEL=0");
    assertThat(output).contains("alert protocol version").doesNotContain("HTTP/1.1 200");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "AES128-SHA",
        "AES256-GCM-SHA384",
        "ECDHE-ECDSA-AES128-SHA",
        "ECDHE-ECDSA-AES256-SHA384",
        "ECDHE-ECDSA-AES128-CCM"
      })
  void ciphersOfThePastAreRefused(String cipher) throws Exception {
    int port = serve(authority.issue("EC", "localhost"));
    String output = OpenSsl.client(port, authority.write(folder), "-tls1_2", "-cipher", cipher);
    assertThat(output).contains("alert handshake failure").doesNotContain("HTTP/1.1 200");
  }

  @ParameterizedTest
  @CsvSource({
    "RSA, -tls1_2",
    "RSA, -tls1_3",
    "EC, -tls1_2",
    "EC, -tls1_3",
    "secp384r1, -tls1_3",
    "Ed25519, -tls1_2",
    "Ed25519, -tls1_3"
  })
  void keysOfEachKindServe(String algorithm, String version) throws Exception {
    int port = serve(authority.issue(algorithm, "localhost"));
    String output = OpenSsl.client(port, authority.write(folder), version, "-verify_return_error");
    assertThat(output).contains("Verify return code: 0 (ok)", "HTTP/1.1 200 OK");
  }

  /** Tickets: the second connection needs no certificate any more. */
  @ParameterizedTest
  @ValueSource(strings = {"-tls1_2", "-tls1_3"})
  void sessionsAreResumed(String version) throws Exception {
    int port = serve(authority.issue("EC", "localhost"));
    Path ca = authority.write(folder);
    String session = folder.resolve("session").toString();
    assertThat(OpenSsl.client(port, ca, version, "-sess_out", session))
        .contains("New, TLSv1.")
        .doesNotContain("Reused,");
    assertThat(OpenSsl.client(port, ca, version, "-sess_in", session))
        .contains("Reused, TLSv1.", "HTTP/1.1 200 OK");
  }

  /** A client must not keep what a certificate gave it that is used no more. */
  @ParameterizedTest
  @ValueSource(strings = {"-tls1_2", "-tls1_3"})
  void noSessionOutlivesAReload(String version) throws Exception {
    int port = serve(authority.issue("EC", "localhost"));
    Path ca = authority.write(folder);
    String session = folder.resolve("session").toString();
    OpenSsl.client(port, ca, version, "-sess_out", session);
    assertThat(site.server().reloadCertificates()).isEmpty();
    assertThat(OpenSsl.client(port, ca, version, "-sess_in", session))
        .contains("New, TLSv1.", "HTTP/1.1 200 OK")
        .doesNotContain("Reused,");
  }

  @ParameterizedTest
  @CsvSource({
    "first.test, first.test, first.test",
    "second.test, second.test, second.test",
    "SECOND.test, second.test, second.test",
    "any.wild.test, *.wild.test, any.wild.test",
    "a.b.wild.test, first.test, a.b.wild.test",
    "wild.test, first.test, wild.test",
    "exact.wild.test, exact.wild.test, exact.wild.test",
    "unknown.test, first.test, unknown.test",
    "'', first.test, ''",
  })
  void theCertificateIsChosenByName(String asked, String shown, String told) throws IOException {
    int port =
        serve(
            authority.issue("EC", "first.test"),
            authority.issue("RSA", "second.test", "also.test"),
            authority.issue("EC", "*.wild.test"),
            authority.issue("EC", "exact.wild.test"));
    try (Wire wire = Wire.tls(authority.client(), port, TlsWish.NOTHING.name(asked))) {
      X509Certificate certificate =
          (X509Certificate) wire.tls().getSession().getPeerCertificates()[0];
      assertThat(certificate.getSubjectX500Principal().getName())
          .isEqualTo("CN=" + shown.replace("*", "any"));
      assertThat(wire.get("/").readBody()).contains(" [" + told + "] ");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "http/1.1, http/1.1",
    "h2, h2",
    "h2 http/1.1, h2",
    "http/1.1 h2, h2", // the server's order counts, as everywhere
    "spdy/1, ''",
    "'', ''",
  })
  void theProtocolIsAgreedOn(String offered, String agreed) throws IOException {
    int port = serve(authority.issue("EC", "localhost"));
    TlsWish wish = new TlsWish("", "", offered.isEmpty() ? List.of() : List.of(offered.split(" ")));
    try (Wire wire = Wire.tls(authority.client(), port, wish)) {
      assertThat(wire.tls().getApplicationProtocol()).isEqualTo(agreed);
      if (agreed.equals("h2")) {
        // A connection that was agreed to be HTTP/2 begins with the server's settings.
        assertThat(wire.socket().getInputStream().readNBytes(4)[3]).isEqualTo((byte) 4);
      } else {
        assertThat(wire.get("/").readBody()).startsWith("https ");
      }
    }
  }

  @Test
  void whoeverDoesNotTrustTheCertificateGoes() throws IOException {
    int port = serve(authority.issue("EC", "localhost"));
    assertThatThrownBy(() -> Wire.tls(new Authority("another").client(), port, TlsWish.NOTHING))
        .isInstanceOf(SSLException.class);
    assertThat(ask(port, TlsWish.NOTHING)).startsWith("https ");
  }
}
