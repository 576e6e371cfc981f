package dev.sluice.server.http.tls;

import dev.sluice.python.SluiceException;
import dev.sluice.server.ServerError;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A certificate with its issuers' and its key; immutable, any thread.
 *
 * @param chain the server's own first
 */
record Identity(List<X509Certificate> chain, PrivateKey key, CertificateNames names) {
  private static final Logger LOG = LoggerFactory.getLogger(Identity.class);

  /**
   * Reads both files, and proves that they belong together. Blocks.
   *
   * @throws SluiceException SL330 to SL333
   */
  static Identity load(TlsOptions.Files files, @org.jspecify.annotations.Nullable String password) {
    List<X509Certificate> chain =
        CertificateFile.read(files.certificate(), ServerError.CERTIFICATE_UNREADABLE);
    PrivateKey key = PrivateKeys.read(files.key(), password);
    X509Certificate own = chain.getFirst();
    if (!fits(key, own.getPublicKey())) {
      boolean misplaced = chain.stream().skip(1).anyMatch(other -> fits(key, other.getPublicKey()));
      throw new SluiceException(
          ServerError.KEY_DOES_NOT_FIT,
          "the key in %s does not belong to the first certificate in %s%s"
              .formatted(
                  files.key(),
                  files.certificate(),
                  misplaced
                      ? ", but to a later one. Put the server's own certificate first."
                      : ". Name the two files that belong together."));
    }
    warnOfDates(files, own);
    return new Identity(chain, key, CertificateNames.of(own));
  }

  private static void warnOfDates(TlsOptions.Files files, X509Certificate own) {
    try {
      own.checkValidity();
    } catch (CertificateExpiredException e) {
      warn(files, "has expired on " + own.getNotAfter().toInstant());
    } catch (CertificateNotYetValidException e) {
      warn(files, "is not valid before " + own.getNotBefore().toInstant());
    }
  }

  private static void warn(TlsOptions.Files files, String what) {
    LOG.warn(
        "{}: the certificate in {} {}: clients will refuse it. Renew it; the new file is taken up"
            + " without a restart.",
        ServerError.CERTIFICATE_OUT_OF_DATE.id(),
        files.certificate(),
        what);
  }

  /** Whether what the one signs the other verifies. */
  private static boolean fits(PrivateKey key, PublicKey certified) {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> "Ed25519";
        };
    byte[] challenge = "whose key is it?".getBytes(StandardCharsets.US_ASCII);
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update(challenge);
      byte[] signed = signature.sign();
      signature.initVerify(certified);
      signature.update(challenge);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false; // such as keys of two kinds
    }
  }
}
