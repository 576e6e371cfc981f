package dev.sluice.server.http.tls;

import dev.sluice.python.SluiceException;
import dev.sluice.server.ServerError;
import java.io.IOException;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/** Reads private keys in all forms that people have them in; any thread, blocks. */
final class PrivateKeys {
  private static final List<String> ALGORITHMS = List.of("RSA", "EC", "Ed25519");
  private static final String REWRITE = "Rewrite it with: openssl pkcs8 -topk8 -in OLD -out NEW";

  private PrivateKeys() {}

  /**
   * The first key of a file: PKCS#8, plain or encrypted, PKCS#1 or SEC 1.
   *
   * @throws SluiceException SL331 if there is none that is understood; SL332 if the password is
   *     missing or wrong
   */
  static PrivateKey read(Path file, @Nullable String password) {
    try {
      for (Pem.Block block : Pem.read(file)) {
        if (block.label().endsWith("PRIVATE KEY")) {
          return key(file, block, password);
        }
      }
    } catch (IOException e) {
      throw refuse(file, reason(e), "Name a PEM file with the certificate's key.", e);
    }
    throw refuse(
        file, "there is no key in it", "Name a PEM file with the certificate's key.", null);
  }

  /** The reason in words: exceptions about files only name the file. */
  static String reason(IOException e) {
    return switch (e) {
      case java.nio.file.NoSuchFileException missing -> "there is no such file";
      case java.nio.file.AccessDeniedException denied -> "this user may not read it";
      default -> String.valueOf(e.getMessage());
    };
  }

  private static PrivateKey key(Path file, Pem.Block block, @Nullable String password)
      throws IOException {
    if (block.encrypted()) {
      throw refuse(file, "it is encrypted in a way that is broken by now", REWRITE + ".", null);
    }
    return switch (block.label()) {
      case "PRIVATE KEY" -> decode(file, block.der());
      case "ENCRYPTED PRIVATE KEY" -> decode(file, decrypt(file, block.der(), password));
      case "RSA PRIVATE KEY" -> decode(file, Pkcs8.ofRsa(block.der()));
      case "EC PRIVATE KEY" -> decode(file, Pkcs8.ofEc(block.der()));
      default -> throw refuse(file, block.label() + " is not understood", REWRITE + ".", null);
    };
  }

  /** PKCS#8 says which algorithm it is for, but Java wants to be told. */
  private static PrivateKey decode(Path file, byte[] pkcs8) {
    PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(pkcs8);
    for (String algorithm : ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(spec);
      } catch (InvalidKeySpecException e) {
        // It is another one's.
      } catch (GeneralSecurityException e) {
        throw refuse(file, "Java does not know " + algorithm, "Use another key.", e);
      }
    }
    throw refuse(file, "its key is neither RSA nor EC nor Ed25519", "Use one of these.", null);
  }

  private static byte[] decrypt(Path file, byte[] der, @Nullable String password) {
    if (password == null) {
      throw wrongPassword(file, "it is encrypted, and there is no password for it", null);
    }
    PBEKeySpec keySpec = new PBEKeySpec(password.toCharArray());
    try {
      EncryptedPrivateKeyInfo encrypted = new EncryptedPrivateKeyInfo(der);
      AlgorithmParameters parameters = encrypted.getAlgParameters();
      // The parameters of PBES2 know the full name, which the general one does not tell.
      String general = encrypted.getAlgName();
      boolean named = general.startsWith("PBEWith") || parameters == null;
      String algorithm = named ? general : parameters.toString();
      SecretKey key = SecretKeyFactory.getInstance(algorithm).generateSecret(keySpec);
      Cipher cipher = Cipher.getInstance(algorithm);
      cipher.init(Cipher.DECRYPT_MODE, key, parameters);
      return encrypted.getKeySpec(cipher).getEncoded();
    } catch (InvalidKeySpecException e) {
      throw wrongPassword(file, "the password does not open it", e);
    } catch (GeneralSecurityException | IOException e) {
      // Java reads AES only; "openssl req" encrypts with Triple DES unless it is told otherwise.
      throw refuse(file, "Java does not know how it is encrypted", REWRITE + ".", e);
    } finally {
      keySpec.clearPassword();
    }
  }

  private static SluiceException wrongPassword(Path file, String what, @Nullable Throwable cause) {
    return new SluiceException(
        ServerError.KEY_PASSWORD_WRONG,
        "the key in %s cannot be used: %s. Put the right one into SLUICE_KEY_PASSWORD."
            .formatted(file, what),
        cause);
  }

  private static SluiceException refuse(
      Path file, String what, String mend, @Nullable Throwable cause) {
    return new SluiceException(
        ServerError.KEY_UNREADABLE,
        "the key in %s cannot be used: %s. %s".formatted(file, what, mend),
        cause);
  }
}
