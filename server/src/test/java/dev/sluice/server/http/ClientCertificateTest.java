package dev.sluice.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.server.http.Wire.TlsWish;
import dev.sluice.server.http.tls.Authority;
import dev.sluice.server.http.tls.Tls;
import dev.sluice.server.http.tls.TlsEngine;
import dev.sluice.server.http.tls.TlsOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where clients need a certificate, nobody else comes in, and the application sees whose it is. */
@Timeout(60)
@ParameterizedClass
@EnumSource(TlsEngine.class)
class ClientCertificateTest {
  private final TlsEngine engine;
  @TempDir private Path folder;
  private final Authority servers = new Authority("servers");
  private final Authority clients = new Authority("clients");
  private final Site site = new Site();
  private Path ca;
  private int port;

  @SuppressWarnings("NullAway.Init") // serve() gives the rest
  ClientCertificateTest(TlsEngine engine) {
    this.engine = engine;
  }

  @BeforeEach
  void serve() throws IOException {
    ca = clients.write(folder);
    TlsOptions options =
        new TlsOptions(List.of(servers.issue("EC", "localhost").write(folder, "site")), ca, null);
    port = site.bind(ListenerOptions.plain(Site.ANY_PORT).withTls(Tls.open(options, engine)));
  }

  @AfterEach
  void stop() {
    site.close();
  }

  private String ask(String version, Authority.Issued... own) throws IOException {
    TlsWish wish = TlsWish.NOTHING.version(version);
    try (Wire wire = Wire.tls(servers.client(own), port, wish)) {
      return wire.get("/").readBody();
    }
  }

  /** In TLS 1.3 a client learns only after its handshake that it is refused. */
  private void assertRefused(String version, Authority.Issued... own) {
    assertThatThrownBy(() -> ask(version, own)).isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aClientOfTheAuthorityIsServed(String version) throws IOException {
    assertThat(ask(version, clients.issue("EC", "alice"))).endsWith(" CN=alice");
    assertThat(ask(version, clients.issue("RSA", "bob"))).endsWith(" CN=bob");
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void nobodyElseIs(String version) {
    assertRefused(version);
    assertRefused(version, new Authority("strangers").issue("EC", "mallory"));
    assertRefused(version, new Authority("clients").issue("EC", "impostor"));
    assertRefused(version, servers.issue("EC", "server"));
    assertRefused(version, clients.issue("EC", Instant.now().minus(Duration.ofDays(9)), "late"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-tls1_2", "-tls1_3"})
  void aResumedSessionStillSaysWhoseItIs(String version) throws Exception {
    TlsOptions.Files own = clients.issue("EC", "carol").write(folder, "carol");
    Path server = servers.write(folder);
    String session = folder.resolve("session").toString();
    String certificate = own.certificate().toString();
    String key = own.key().toString();
    String[] first = {version, "-cert", certificate, "-key", key, "-sess_out", session};
    assertThat(OpenSsl.client(port, server, first)).contains("New, TLSv1.", "CN=carol");
    assertThat(OpenSsl.client(port, server, version, "-sess_in", session))
        .contains("Reused, TLSv1.", "HTTP/1.1 200 OK", " CN=carol");
  }

  /** Who is not to come in any more does not come in by an old session either. */
  @ParameterizedTest
  @ValueSource(strings = {"-tls1_2", "-tls1_3"})
  void aNewAuthorityEndsOldSessions(String version) throws Exception {
    TlsOptions.Files own = clients.issue("EC", "dave").write(folder, "dave");
    Path server = servers.write(folder);
    String session = folder.resolve("session").toString();
    String certificate = own.certificate().toString();
    String[] arguments = {version, "-cert", certificate, "-key", own.key().toString()};
    String[] first = {
      version, "-cert", certificate, "-key", own.key().toString(), "-sess_out", session
    };
    assertThat(OpenSsl.client(port, server, first)).contains("HTTP/1.1 200 OK");
    Path next = new Authority("next").write(folder);
    Files.move(next, ca, StandardCopyOption.REPLACE_EXISTING);
    assertThat(site.server().reloadCertificates()).isEmpty();
    String[] again = {
      version, "-cert", certificate, "-key", own.key().toString(), "-sess_in", session
    };
    assertThat(OpenSsl.client(port, server, again)).doesNotContain("HTTP/1.1 200 OK");
    assertThat(OpenSsl.client(port, server, arguments)).doesNotContain("HTTP/1.1 200 OK");
  }

  @Test
  void whoWasRefusedLeavesTheServerAsItWas() throws IOException {
    for (int i = 0; i < 20; i++) {
      assertRefused("TLSv1.3");
    }
    assertThat(ask("TLSv1.3", clients.issue("EC", "erin"))).endsWith(" CN=erin");
  }
}
