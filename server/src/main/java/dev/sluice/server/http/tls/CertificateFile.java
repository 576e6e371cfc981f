package dev.sluice.server.http.tls;

import dev.sluice.python.SluiceException;
import dev.sluice.server.ServerError;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/** Reads PEM files of certificates; any thread, blocks. */
final class CertificateFile {
  private CertificateFile() {}

  /**
   * All certificates of a file, at least one.
   *
   * @param code what a failure is called
   * @throws SluiceException with this code if it cannot be read, or has none
   */
  static List<X509Certificate> read(Path file, ServerError code) {
    List<X509Certificate> certificates = new ArrayList<>();
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      for (Pem.Block block : Pem.read(file)) {
        if (block.label().equals("CERTIFICATE")) {
          certificates.add(
              (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(block.der())));
        }
      }
    } catch (IOException e) {
      throw refuse(file, code, PrivateKeys.reason(e), e);
    } catch (CertificateException e) {
      throw refuse(file, code, "a certificate in it is damaged", e);
    }
    if (certificates.isEmpty()) {
      throw refuse(file, code, "there is no certificate in it", null);
    }
    return certificates;
  }

  private static SluiceException refuse(
      Path file,
      ServerError code,
      String what,
      @org.jspecify.annotations.Nullable Throwable cause) {
    String role =
        code == ServerError.CLIENT_CA_UNREADABLE ? "clients' authorities" : "the certificate";
    return new SluiceException(
        code,
        "%s in %s cannot be used: %s. Name a PEM file with certificates."
            .formatted(role, file, what),
        cause);
  }
}
