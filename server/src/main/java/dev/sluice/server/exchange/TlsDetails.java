package dev.sluice.server.exchange;

import java.security.cert.X509Certificate;
import java.util.List;

/**
 * What TLS has agreed on for a connection; immutable, any thread.
 *
 * @param version such as {@code TLSv1.3}
 * @param cipher the cipher suite by its standard name, such as {@code TLS_AES_128_GCM_SHA256}
 * @param serverName the host that the client asked for (SNI), or an empty string
 * @param clientCertificates the client's own certificate first; empty without one. They have been
 *     verified.
 */
public record TlsDetails(
    String version, String cipher, String serverName, List<X509Certificate> clientCertificates) {
  public TlsDetails {
    clientCertificates = List.copyOf(clientCertificates);
  }
}
