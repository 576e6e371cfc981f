package dev.sluice.server.exchange;

import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What TLS has agreed on for a connection; immutable, any thread.
 *
 * @param version such as {@code TLSv1.3}
 * @param cipher the cipher suite by its standard name, such as {@code TLS_AES_128_GCM_SHA256}
 * @param serverName the host that the client asked for (SNI), or an empty string
 * @param serverCertificate what the client was shown; null if that is not known
 * @param clientCertificates the client's own certificate first; empty without one. They have been
 *     verified.
 */
public record TlsDetails(
    String version,
    String cipher,
    String serverName,
    @Nullable X509Certificate serverCertificate,
    List<X509Certificate> clientCertificates) {
  private static final Base64.Encoder PEM =
      Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

  public TlsDetails {
    clientCertificates = List.copyOf(clientCertificates);
  }

  /** A certificate as PEM has it; an empty string for one that cannot be encoded. */
  public static String pem(X509Certificate certificate) {
    try {
      return "-----BEGIN CERTIFICATE-----\n"
          + PEM.encodeToString(certificate.getEncoded())
          + "\n-----END CERTIFICATE-----\n";
    } catch (CertificateEncodingException e) {
      return "";
    }
  }
}
