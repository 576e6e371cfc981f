package dev.sluice.server.http.tls;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate authority that lives as long as a test, and what it has issued. */
public final class Authority {
  private static final AtomicLong SERIALS = new AtomicLong(1);

  private final KeyPair keys = newKeys("EC");
  private final X509Certificate certificate;
  private final String name;

  public Authority(String name) {
    this.name = name;
    certificate = sign("CN=" + name, keys, Instant.now(), Duration.ofDays(1), true, List.of());
  }

  /** A certificate with its key. */
  public record Issued(X509Certificate certificate, KeyPair keys) {
    /** The PEM file of the certificate, and that of its key, in a folder. */
    public TlsOptions.Files write(Path folder, String fileName) throws IOException {
      Path chain = folder.resolve(fileName + ".crt");
      Path key = folder.resolve(fileName + ".key");
      Files.writeString(chain, pem(certificate));
      Files.writeString(key, pem(new JcaPKCS8Generator(keys.getPrivate(), null)));
      return new TlsOptions.Files(chain, key);
    }
  }

  public X509Certificate certificate() {
    return certificate;
  }

  /** The authority's own certificate as a file. */
  public Path write(Path folder) throws IOException {
    return Files.writeString(folder.resolve(name + ".pem"), pem(certificate));
  }

  /** A certificate for hosts and addresses, valid for a day. */
  public Issued issue(String algorithm, String... names) {
    return issue(algorithm, Instant.now(), names);
  }

  /** One that is valid for a day from then on. */
  public Issued issue(String algorithm, Instant from, String... names) {
    List<GeneralName> alternatives = new ArrayList<>();
    for (String host : names) {
      boolean address = host.matches("[0-9.]+") || host.indexOf(':') >= 0;
      alternatives.add(
          new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, host));
    }
    KeyPair own = newKeys(algorithm);
    String subject = "CN=" + (names.length == 0 ? "nobody" : names[0].replace("*", "any"));
    return new Issued(sign(subject, own, from, Duration.ofDays(1), false, alternatives), own);
  }

  private X509Certificate sign(
      String subject,
      KeyPair subjects,
      Instant from,
      Duration valid,
      boolean authority,
      List<GeneralName> names) {
    try {
      X509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              new X500Name("CN=" + name),
              BigInteger.valueOf(SERIALS.getAndIncrement()),
              Date.from(from.minusSeconds(60)),
              Date.from(from.plus(valid)),
              new X500Name(subject),
              subjects.getPublic());
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
      if (!names.isEmpty()) {
        builder.addExtension(
            Extension.subjectAlternativeName,
            false,
            new GeneralNames(names.toArray(new GeneralName[0])));
      }
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(
                  new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
    } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Keys by an algorithm of Java; EC is P-256, and a curve's name is a key on it. */
  public static KeyPair newKeys(String algorithm) {
    try {
      if (algorithm.startsWith("secp") || algorithm.equals("EC")) {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        String curve = algorithm.equals("EC") ? "secp256r1" : algorithm;
        generator.initialize(new ECGenParameterSpec(curve));
        return generator.generateKeyPair();
      }
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      if (algorithm.equals("RSA")) {
        generator.initialize(2048);
      }
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What OpenSSL would write. */
  public static String pem(Object object) {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(object);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return text.toString();
  }

  /**
   * What a client needs that trusts this authority.
   *
   * @param own its certificate; none if it has no {@code Issued}
   */
  public SSLContext client(Issued... own) {
    try {
      KeyStore trusted = emptyStore();
      trusted.setCertificateEntry("authority", certificate);
      TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
      trust.init(trusted);
      KeyStore owned = emptyStore();
      for (Issued issued : own) {
        owned.setKeyEntry(
            "own",
            issued.keys().getPrivate(),
            new char[0],
            new X509Certificate[] {issued.certificate()});
      }
      KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");
      managers.init(owned, new char[0]);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(managers.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }
}
