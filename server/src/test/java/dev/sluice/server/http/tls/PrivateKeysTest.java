package dev.sluice.server.http.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.sluice.python.SluiceException;
import dev.sluice.server.ServerError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Object;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PKCS8Generator;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemObjectGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys in the forms that people have them in. */
class PrivateKeysTest {
  @TempDir private Path folder;

  private Path file(String pem) throws IOException {
    return Files.writeString(folder.resolve("some.key"), pem);
  }

  private static String encrypted(KeyPair keys, ASN1ObjectIdentifier cipher, String password)
      throws OperatorCreationException, IOException {
    JceOpenSSLPKCS8EncryptorBuilder builder =
        new JceOpenSSLPKCS8EncryptorBuilder(cipher)
            .setProvider(new BouncyCastleProvider())
            .setPassword(password.toCharArray())
            .setPRF(PKCS8Generator.PRF_HMACSHA256);
    return Authority.pem(new JcaPKCS8Generator(keys.getPrivate(), builder.build()));
  }

  private void assertRefused(ServerError code, Path file, @Nullable String password) {
    assertThatThrownBy(() -> PrivateKeys.read(file, password))
        .isInstanceOf(SluiceException.class)
        .hasMessageContaining(file.toString())
        .extracting(failure -> ((SluiceException) failure).code())
        .isEqualTo(code);
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA", "EC", "secp384r1", "secp521r1", "Ed25519"})
  void pkcs8IsRead(String algorithm) throws IOException {
    KeyPair keys = Authority.newKeys(algorithm);
    Path file = file(Authority.pem(new JcaPKCS8Generator(keys.getPrivate(), null)));
    assertThat(PrivateKeys.read(file, null)).isEqualTo(keys.getPrivate());
  }

  /** As OpenSSL wrote keys before version 3: PKCS#1 and SEC 1. */
  private static String olderForm(KeyPair keys) {
    if (!(keys.getPrivate() instanceof ECPrivateKey key)) {
      return Authority.pem(keys.getPrivate());
    }
    PrivateKeyInfo info = PrivateKeyInfo.getInstance(key.getEncoded());
    ASN1Encodable curve = info.getPrivateKeyAlgorithm().getParameters();
    int bits = key.getParams().getOrder().bitLength();
    return Authority.pem(
        (PemObjectGenerator)
            () ->
                new PemObject(
                    "EC PRIVATE KEY",
                    encoded(
                        new org.bouncycastle.asn1.sec.ECPrivateKey(
                            bits,
                            key.getS(),
                            SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded())
                                .getPublicKeyData(),
                            curve))));
  }

  /** The same key, though one form says more than the other: EC keys may have the public part. */
  private static void assertSame(PrivateKey read, PrivateKey expected) {
    if (expected instanceof ECPrivateKey key) {
      assertThat(((ECPrivateKey) read).getS()).isEqualTo(key.getS());
      assertThat(((ECPrivateKey) read).getParams()).isEqualTo(key.getParams());
    } else {
      assertThat(read).isEqualTo(expected);
    }
  }

  private static byte[] encoded(ASN1Object object) {
    try {
      return object.getEncoded();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "RSA, RSA PRIVATE KEY",
    "EC, EC PRIVATE KEY",
    "secp384r1, EC PRIVATE KEY",
    "secp521r1, EC PRIVATE KEY"
  })
  void theOlderFormsAreRead(String algorithm, String label) throws IOException {
    KeyPair keys = Authority.newKeys(algorithm);
    String pem = olderForm(keys);
    assertThat(pem).contains("BEGIN " + label);
    assertSame(PrivateKeys.read(file(pem), null), keys.getPrivate());
  }

  @Test
  void aKeyThatDoesNotNameItsCurveIsRefused() throws IOException {
    // BouncyCastle's own form of a key of Java's has no parameters.
    Path file = file(Authority.pem(Authority.newKeys("EC").getPrivate()));
    assertRefused(ServerError.KEY_UNREADABLE, file, null);
  }

  @Test
  void whatStandsBeforeTheKeyIsSkipped() throws IOException {
    KeyPair keys = Authority.newKeys("EC");
    String pem =
        "Bag Attributes\r\n    friendlyName: x\r\n-----BEGIN EC PARAMETERS-----\r\nBggqhkjOPQMBBw==\r\n"
            + "-----END EC PARAMETERS-----\r\n"
            + olderForm(keys).replace("\n", "\r\n");
    assertSame(PrivateKeys.read(file(pem), null), keys.getPrivate());
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA", "EC", "Ed25519"})
  void anEncryptedKeyIsOpenedByItsPassword(String algorithm) throws Exception {
    KeyPair keys = Authority.newKeys(algorithm);
    Path file = file(encrypted(keys, PKCS8Generator.AES_256_CBC, "correct horse"));
    assertThat(PrivateKeys.read(file, "correct horse")).isEqualTo(keys.getPrivate());
    assertRefused(ServerError.KEY_PASSWORD_WRONG, file, "wrong");
    assertRefused(ServerError.KEY_PASSWORD_WRONG, file, "");
    assertRefused(ServerError.KEY_PASSWORD_WRONG, file, null);
  }

  /** The password is no part of any message. */
  @Test
  void thePasswordIsNotTold() throws Exception {
    Path file = file(encrypted(Authority.newKeys("EC"), PKCS8Generator.AES_128_CBC, "right"));
    Throwable failure = catchThrowable(() -> PrivateKeys.read(file, "Tr0ub4dor"));
    assertThat(failure).hasMessageNotContaining("Tr0ub4dor");
    assertThat(new TlsOptions(List.of(new TlsOptions.Files(file, file)), null, "Tr0ub4dor"))
        .asString()
        .doesNotContain("Tr0ub4dor");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "no PEM at all",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\n!!!!\n-----END PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
        "-----BEGIN EC PRIVATE KEY-----\nMAMCAQE=\n-----END EC PRIVATE KEY-----\n",
        "-----BEGIN EC PRIVATE KEY-----\nMIQBAQEB\n-----END EC PRIVATE KEY-----\n",
        "-----BEGIN EC PRIVATE KEY-----\n-----END EC PRIVATE KEY-----\n",
        "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n",
        "-----BEGIN DSA PRIVATE KEY-----\nAAAA\n-----END DSA PRIVATE KEY-----\n",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAA==\n-----END RSA PRIVATE KEY-----",
      })
  void whatIsNoKeyIsRefused(String pem) throws IOException {
    assertRefused(ServerError.KEY_UNREADABLE, file(pem), "password");
  }

  @Test
  void aKeyOfAnotherKindIsRefused() throws IOException {
    KeyPair keys = Authority.newKeys("Ed448");
    Path file = file(Authority.pem(new JcaPKCS8Generator(keys.getPrivate(), null)));
    assertRefused(ServerError.KEY_UNREADABLE, file, null);
  }

  @Test
  void whatCannotBeReadIsRefused() throws IOException {
    assertRefused(ServerError.KEY_UNREADABLE, folder.resolve("nothing"), null);
    assertRefused(ServerError.KEY_UNREADABLE, folder, null);
    assertRefused(ServerError.KEY_UNREADABLE, file("x".repeat(2_000_000)), null);
  }

  /** However a key is damaged, the outcome is a key or a message. */
  @ParameterizedTest
  @ValueSource(strings = {"RSA", "EC"})
  void aDamagedKeyIsNeverAnythingElse(String algorithm) throws IOException {
    String pem = olderForm(Authority.newKeys(algorithm));
    String label = algorithm + " PRIVATE KEY";
    byte[] der =
        Base64.getMimeDecoder()
            .decode(pem.replaceAll("-----(BEGIN|END) " + label + "-----", "").strip());
    for (int i = 0; i < Math.min(der.length, 200); i++) {
      byte[] damaged = der.clone();
      damaged[i] = (byte) (damaged[i] ^ 0xff);
      assertKeyOrMessage(label, damaged);
      assertKeyOrMessage(label, Arrays.copyOf(der, i));
    }
  }

  private void assertKeyOrMessage(String label, byte[] der) throws IOException {
    String base64 = Base64.getMimeEncoder().encodeToString(der);
    Path file = file("-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(label, base64, label));
    Throwable failure = catchThrowable(() -> PrivateKeys.read(file, null));
    assertThat(failure == null || failure instanceof SluiceException).as("%s", failure).isTrue();
  }
}
