package dev.sluice.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.http.Wire.TlsWish;
import dev.sluice.server.http.tls.Authority;
import dev.sluice.server.http.tls.Tls;
import dev.sluice.server.http.tls.TlsEngine;
import dev.sluice.server.http.tls.TlsOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** New certificates without a restart. */
@Timeout(60)
class TlsReloadTest {
  private static final int CLIENTS = 3;
  private static final int RELOADS = 60;

  @TempDir private Path folder;
  private final Authority authority = new Authority("authority");

  private Tls open(TlsEngine engine) throws IOException {
    TlsOptions.Files files = authority.issue("EC", "host0.test").write(folder, "site");
    return Tls.open(TlsOptions.of(files.certificate(), files.key()), engine);
  }

  private static String shown(Wire wire) throws IOException {
    X509Certificate shown = (X509Certificate) wire.tls().getSession().getPeerCertificates()[0];
    return shown.getSubjectX500Principal().getName();
  }

  @ParameterizedTest
  @EnumSource
  void anOpenConnectionKeepsWhatItHas(TlsEngine engine) throws IOException {
    try (Site site = new Site()) {
      int port = site.bind(ListenerOptions.plain(Site.ANY_PORT).withTls(open(engine)));
      try (Wire before = Wire.tls(authority.client(), port, TlsWish.NOTHING)) {
        authority.issue("RSA", "host1.test").write(folder, "site");
        assertThat(site.server().reloadCertificates()).isEmpty();
        assertThat(before.get("/").readBody()).startsWith("https ");
        try (Wire after = Wire.tls(authority.client(), port, TlsWish.NOTHING)) {
          assertThat(shown(after)).isEqualTo("CN=host1.test");
        }
        Files.writeString(folder.resolve("site.key"), "broken");
        assertThat(site.server().reloadCertificates()).hasSize(1);
        try (Wire after = Wire.tls(authority.client(), port, TlsWish.NOTHING)) {
          assertThat(shown(after)).isEqualTo("CN=host1.test");
        }
        assertThat(before.get("/").readBody()).startsWith("https ");
      }
    }
  }

  /** The watch looks every two seconds, and waits for files to settle. */
  @ParameterizedTest
  @EnumSource(names = "BORINGSSL")
  void aRenewalIsSeenWithoutBeingToldOf(TlsEngine engine) throws Exception {
    try (Site site = new Site()) {
      int port = site.bind(ListenerOptions.plain(Site.ANY_PORT).withTls(open(engine)));
      authority.issue("EC", "host1.test").write(folder, "site");
      String name = "";
      while (!name.equals("CN=host1.test")) {
        Thread.sleep(100);
        try (Wire wire = Wire.tls(authority.client(), port, TlsWish.NOTHING)) {
          name = shown(wire);
        }
      }
    }
  }

  /** Handshakes and reloads at the same time: not one request fails. */
  @ParameterizedTest
  @EnumSource
  void aReloadUnderLoadFailsNoRequest(TlsEngine engine) throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger served = new AtomicInteger();
    Set<String> names = ConcurrentHashMap.newKeySet();
    try (Site site = new Site();
        ExecutorService pool = Executors.newFixedThreadPool(CLIENTS)) {
      int port = site.bind(ListenerOptions.plain(Site.ANY_PORT).withTls(open(engine)));
      List<Future<?>> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(
            pool.submit(() -> {
              while (!over.get()) {
                try (Wire wire = Wire.tls(authority.client(), port, TlsWish.NOTHING)) {
                  names.add(shown(wire));
                  for (int n = 0; n < 3; n++) {
                    assertThat(wire.get("/").readBody()).startsWith("https ");
                    served.incrementAndGet();
                  }
                }
              }
              return null;
            }));
      }
      try {
        for (int i = 1; i <= RELOADS; i++) {
          authority.issue("EC", "host" + i + ".test").write(folder, "site");
          assertThat(site.server().reloadCertificates()).isEmpty();
          Thread.sleep(20);
        }
      } finally {
        over.set(true);
      }
      for (Future<?> client : clients) {
        client.get();
      }
    }
    assertThat(served.get()).isGreaterThan(50);
    assertThat(names).hasSizeGreaterThan(5);
  }
}
