package dev.sluice.server.http.tls;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which certificates a listener has, and whether clients need one; immutable, any thread.
 *
 * @param certificates the first is the one for clients that ask for no name, or an unknown one
 * @param clientCa PEM file of the authorities that a client's certificate has to come from; null if
 *     clients need none
 * @param keyPassword opens the keys that are encrypted; null if none is
 */
public record TlsOptions(
    List<Files> certificates, @Nullable Path clientCa, @Nullable String keyPassword) {

  /**
   * A certificate and its key, both PEM.
   *
   * @param certificate the server's certificate first, then those of its issuers
   * @param key may be the same file
   */
  public record Files(Path certificate, Path key) {}

  public TlsOptions {
    certificates = List.copyOf(certificates);
    if (certificates.isEmpty()) {
      throw new IllegalArgumentException("TLS needs a certificate");
    }
  }

  /** One certificate, and clients need none. */
  public static TlsOptions of(Path certificate, Path key) {
    return new TlsOptions(List.of(new Files(certificate, key)), null, null);
  }

  /** Without the password, since options are logged. */
  @Override
  public String toString() {
    return "TlsOptions[certificates=%s, clientCa=%s]".formatted(certificates, clientCa);
  }
}
