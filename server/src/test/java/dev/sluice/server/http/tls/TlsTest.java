package dev.sluice.server.http.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.python.SluiceException;
import dev.sluice.server.ServerError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is wrong with certificates is said when they are opened, and files that change are seen. */
@Timeout(30)
class TlsTest {
  private static final TlsEngine ENGINE = TlsEngine.BORINGSSL;

  @TempDir private Path folder;
  private final Authority authority = new Authority("tls");

  private void assertRefused(ServerError code, TlsOptions options, String... words) {
    assertThatThrownBy(() -> Tls.open(options, ENGINE))
        .isInstanceOf(SluiceException.class)
        .hasMessageContainingAll(words)
        .extracting(failure -> ((SluiceException) failure).code())
        .isEqualTo(code);
  }

  private static TlsOptions options(TlsOptions.Files files) {
    return TlsOptions.of(files.certificate(), files.key());
  }

  /** BoringSSL belongs to the product on this platform; the fallback has tests of its own. */
  @Test
  void boringSslIsThere() {
    assertThat(TlsEngine.best()).isEqualTo(TlsEngine.BORINGSSL);
  }

  @ParameterizedTest
  @EnumSource
  void certificateAndKeyMayBeInOneFile(TlsEngine engine) throws IOException {
    TlsOptions.Files files = authority.issue("EC", "one.test").write(folder, "one");
    Path both = folder.resolve("both.pem");
    Files.writeString(both, Files.readString(files.key()) + Files.readString(files.certificate()));
    try (Tls tls = Tls.open(TlsOptions.of(both, both), engine)) {
      assertThat(tls.covers("one.test")).isTrue();
    }
  }

  @Test
  void aMissingCertificateIsSaid() throws IOException {
    TlsOptions.Files files = authority.issue("EC", "x.test").write(folder, "x");
    Path missing = folder.resolve("missing.crt");
    assertRefused(
        ServerError.CERTIFICATE_UNREADABLE,
        TlsOptions.of(missing, files.key()),
        missing.toString(),
        "no such file");
    assertRefused(
        ServerError.CERTIFICATE_UNREADABLE,
        TlsOptions.of(files.key(), files.key()),
        "there is no certificate in it");
    Path damaged =
        Files.writeString(
            folder.resolve("d"), Files.readString(files.certificate()).replace("MII", "AAA"));
    assertRefused(
        ServerError.CERTIFICATE_UNREADABLE, TlsOptions.of(damaged, files.key()), "damaged");
  }

  @Test
  void aKeyOfAnotherCertificateIsSaid() throws IOException {
    TlsOptions.Files mine = authority.issue("EC", "mine.test").write(folder, "mine");
    for (String algorithm : List.of("EC", "RSA", "Ed25519")) {
      TlsOptions.Files other = authority.issue(algorithm, "other.test").write(folder, algorithm);
      assertRefused(
          ServerError.KEY_DOES_NOT_FIT,
          TlsOptions.of(mine.certificate(), other.key()),
          other.key().toString(),
          mine.certificate().toString());
    }
  }

  @Test
  void aChainInTheWrongOrderIsSaid() throws IOException {
    TlsOptions.Files files = authority.issue("EC", "x.test").write(folder, "x");
    Path chain = folder.resolve("chain.pem");
    Files.writeString(
        chain, Authority.pem(authority.certificate()) + Files.readString(files.certificate()));
    assertRefused(
        ServerError.KEY_DOES_NOT_FIT,
        TlsOptions.of(chain, files.key()),
        "Put the server's own certificate first");
  }

  @Test
  void anAuthorityThatCannotBeReadIsSaid() throws IOException {
    TlsOptions.Files files = authority.issue("EC", "x.test").write(folder, "x");
    Path missing = folder.resolve("ca.pem");
    assertRefused(
        ServerError.CLIENT_CA_UNREADABLE,
        new TlsOptions(List.of(files), missing, null),
        missing.toString());
    assertRefused(
        ServerError.CLIENT_CA_UNREADABLE,
        new TlsOptions(List.of(files), files.key(), null),
        "there is no certificate in it");
  }

  @ParameterizedTest
  @EnumSource
  void certificatesOutOfDateAreUsedAllTheSame(TlsEngine engine) throws IOException {
    for (Duration away : List.of(Duration.ofDays(-3), Duration.ofDays(3))) {
      TlsOptions.Files files =
          authority.issue("EC", Instant.now().plus(away), "old.test").write(folder, "old");
      try (Tls tls = Tls.open(options(files), engine)) {
        assertThat(tls.covers("old.test")).isTrue();
      }
    }
  }

  @Test
  void aBrokenFileKeepsTheOldCertificate() throws IOException {
    TlsOptions.Files files = authority.issue("EC", "before.test").write(folder, "site");
    try (Tls tls = Tls.open(options(files), ENGINE)) {
      Files.writeString(files.certificate(), "broken");
      assertThatThrownBy(tls::reload).isInstanceOf(SluiceException.class);
      assertThat(tls.covers("before.test")).isTrue();
      authority.issue("EC", "after.test").write(folder, "site");
      tls.reload();
      assertThat(tls.covers("before.test")).isFalse();
      assertThat(tls.covers("after.test")).isTrue();
    }
  }

  /** As if it had been a right to read the file that was missing, which changes no stamp. */
  @Test
  void whatCouldNotBeReadIsTriedAgainAlsoIfItDoesNotChange() throws IOException {
    TlsOptions.Files files = authority.issue("EC", "before.test").write(folder, "site");
    try (Tls tls = Tls.open(options(files), ENGINE)) {
      authority.issue("EC", "after.test").write(folder, "site");
      FileTime time = Files.getLastModifiedTime(files.key());
      String key = Files.readString(files.key());
      Files.writeString(files.key(), "x".repeat(key.length()));
      Files.setLastModifiedTime(files.key(), time);
      tls.reloadIfChanged();
      tls.reloadIfChanged();
      assertThat(tls.covers("before.test")).isTrue();
      Files.writeString(files.key(), key);
      Files.setLastModifiedTime(files.key(), time);
      tls.reloadIfChanged();
      assertThat(tls.covers("after.test")).isTrue();
    }
  }

  /** A certificate that was written before its key is not taken for a broken pair. */
  @Test
  void aChangeIsTakenUpOnceTheFilesHaveSettled() throws IOException {
    TlsOptions.Files files = authority.issue("EC", "before.test").write(folder, "site");
    try (Tls tls = Tls.open(options(files), ENGINE)) {
      tls.reloadIfChanged();
      Authority.Issued next = authority.issue("RSA", "after.test");
      Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
      TlsOptions.Files written = next.write(elsewhere, "site");
      Files.move(written.certificate(), files.certificate(), StandardCopyOption.REPLACE_EXISTING);
      tls.reloadIfChanged();
      Files.move(written.key(), files.key(), StandardCopyOption.REPLACE_EXISTING);
      tls.reloadIfChanged();
      assertThat(tls.covers("after.test")).isFalse();
      tls.reloadIfChanged();
      assertThat(tls.covers("after.test")).isTrue();
    }
  }

  @Test
  void aFileThatVanishesKeepsTheCertificate() throws IOException {
    TlsOptions.Files files = authority.issue("EC", "here.test").write(folder, "site");
    try (Tls tls = Tls.open(options(files), ENGINE)) {
      Files.delete(files.key());
      tls.reloadIfChanged();
      tls.reloadIfChanged();
      assertThat(tls.covers("here.test")).isTrue();
    }
  }

  @Test
  void theWatchSeesAChange() throws Exception {
    TlsOptions.Files files = authority.issue("EC", "before.test").write(folder, "site");
    Tls tls = Tls.open(options(files), ENGINE);
    try (CertificateWatch watch = new CertificateWatch(Duration.ofMillis(20))) {
      watch.add(tls);
      authority.issue("EC", "after.test").write(folder, "site");
      while (!tls.covers("after.test")) {
        Thread.sleep(10);
      }
      Files.writeString(files.key(), "broken");
      assertThat(watch.reload()).hasSize(1);
      assertThat(tls.covers("after.test")).isTrue();
    }
  }
}
