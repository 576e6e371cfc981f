package dev.sluice.server.wsgi;

import dev.sluice.server.exchange.Peer;
import dev.sluice.server.exchange.TlsDetails;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;

/**
 * What the environ says of an encrypted connection, by the names that Apache's mod_ssl has made
 * common; on the IO thread.
 */
final class TlsEnviron {
  private TlsEnviron() {}

  static void add(Environ environ, Peer peer) {
    if (peer.scheme().equals("https")) {
      environ.add(EnvironKeys.URL_SCHEME, "https");
      environ.add(EnvironKeys.HTTPS, "on");
    }
    TlsDetails tls = peer.tls();
    if (tls == null) {
      return;
    }
    environ.add(EnvironKeys.SSL_PROTOCOL, tls.version());
    environ.add(EnvironKeys.SSL_CIPHER, tls.cipher());
    if (!tls.serverName().isEmpty()) {
      environ.add(EnvironKeys.SSL_TLS_SNI, tls.serverName());
    }
    if (tls.clientCertificates().isEmpty()) {
      environ.add(EnvironKeys.SSL_CLIENT_VERIFY, "NONE");
    } else {
      add(environ, tls.clientCertificates().getFirst());
    }
  }

  private static void add(Environ environ, X509Certificate certificate) {
    environ.add(EnvironKeys.SSL_CLIENT_VERIFY, "SUCCESS");
    environ.add(EnvironKeys.SSL_CLIENT_CERT, TlsDetails.pem(certificate));
    environ.add(
        EnvironKeys.SSL_CLIENT_S_DN, bytes(certificate.getSubjectX500Principal().getName()));
    environ.add(EnvironKeys.SSL_CLIENT_I_DN, bytes(certificate.getIssuerX500Principal().getName()));
    environ.add(EnvironKeys.SSL_CLIENT_M_SERIAL, certificate.getSerialNumber().toString(16));
  }

  /** A str of PEP 3333 is made of characters that stand for bytes: here those of UTF-8. */
  private static String bytes(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }
}
