package dev.sluice.conformance.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** An authority and what it has issued, as files that OpenSSL has written. */
public final class Certificates {
  private static final char[] STORE_PASSWORD = "changeit".toCharArray();

  private final Path folder;

  /** Makes the authority. */
  public Certificates(Path folder) {
    this.folder = folder;
    openssl(request("ca"), List.of("-x509", "-noenc", "-addext", "keyUsage=keyCertSign"));
  }

  private List<String> request(String name) {
    return List.of(
        "req",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-days",
        "2",
        "-batch",
        "-subj",
        "/O=Sluice/CN=" + name,
        "-keyout",
        key(name).toString(),
        "-out",
        certificate(name).toString());
  }

  /** Issues a certificate; what was there under this name is overwritten. */
  public void issue(String name, String... arguments) {
    var more = new ArrayList<>(List.of("-x509", "-CA", certificate("ca").toString()));
    more.addAll(List.of("-CAkey", key("ca").toString()));
    more.addAll(List.of("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"));
    more.addAll(arguments.length == 0 ? List.of("-noenc") : List.of(arguments));
    openssl(request(name), more);
  }

  /** Encrypts the key of a certificate with AES. */
  public void lock(String name, String password) {
    String file = key(name).toString();
    openssl(
        List.of("pkcs8", "-topk8", "-in", file),
        List.of("-out", file + ".new", "-passout", "pass:" + password));
    try {
      Files.move(Path.of(file + ".new"), key(name), StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  public Path certificate(String name) {
    return folder.resolve(name + ".pem");
  }

  public Path key(String name) {
    return folder.resolve(name + ".key");
  }

  private static void openssl(List<String> arguments, List<String> more) {
    var command = new ArrayList<>(List.of("openssl"));
    command.addAll(arguments);
    command.addAll(more);
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue()).as("%s: %s", command, said).isZero();
    } catch (IOException e) {
      throw new AssertionError("openssl is needed", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** What a client trusts: the authority; and shows: nothing. */
  public SSLContext client() {
    return client(null);
  }

  /** A client that shows what was issued under a name. */
  public SSLContext client(@Nullable String own) {
    try {
      KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
      trusted.load(null, null);
      try (InputStream in = Files.newInputStream(certificate("ca"))) {
        trusted.setCertificateEntry(
            "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
      }
      var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(own == null ? null : store(own), STORE_PASSWORD);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(own == null ? null : keys.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new AssertionError(e);
    }
  }

  private KeyStore store(String name) throws GeneralSecurityException, IOException {
    Path file = folder.resolve(name + ".p12");
    openssl(
        List.of("pkcs12", "-export", "-inkey", key(name).toString()),
        List.of(
            "-in",
            certificate(name).toString(),
            "-out",
            file.toString(),
            "-passout",
            "pass:" + new String(STORE_PASSWORD)));
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, STORE_PASSWORD);
    }
    return store;
  }
}
