package dev.sluice.server.http.tls;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslCachingX509KeyManagerFactory;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whose TLS is used: BoringSSL where it can be loaded, else the JDK's; any thread. */
public enum TlsEngine {
  BORINGSSL,
  JDK;

  private static final Logger LOG = LoggerFactory.getLogger(TlsEngine.class);
  private static final AtomicBoolean SAID = new AtomicBoolean();
  private static final List<String> VERSIONS = List.of("TLSv1.3", "TLSv1.2");

  /** Forward secrecy and authenticated encryption only, the cheapest for most processors first. */
  private static final List<String> CIPHERS =
      List.of(
          "TLS_AES_128_GCM_SHA256",
          "TLS_AES_256_GCM_SHA384",
          "TLS_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  /** The best that works in this process; the log says once which that is. */
  public static TlsEngine best() {
    TlsEngine best = OpenSsl.isAvailable() ? BORINGSSL : JDK;
    if (!SAID.getAndSet(true)) {
      if (best == BORINGSSL) {
        LOG.info("TLS by {}", OpenSsl.versionString());
      } else {
        LOG.info(
            "TLS by the JDK: BoringSSL cannot be loaded here ({})",
            String.valueOf(OpenSsl.unavailabilityCause()));
      }
    }
    return best;
  }

  /**
   * Makes what the connections with one certificate share.
   *
   * @param clientCas the authorities of clients' certificates; empty if clients need none
   * @throws SSLException if the library refuses the certificate or the key
   */
  SslContext newContext(Identity identity, List<X509Certificate> clientCas) throws SSLException {
    SslContextBuilder builder =
        builder(identity)
            .protocols(VERSIONS)
            .ciphers(CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
            .applicationProtocolConfig(Alpn.config());
    if (!clientCas.isEmpty()) {
      builder.clientAuth(ClientAuth.REQUIRE).trustManager(clientCas);
    }
    SslContext context = builder.build();
    if (context.sessionContext() instanceof OpenSslSessionContext sessions) {
      // Clients keep their sessions themselves, in tickets under keys that BoringSSL renews.
      sessions.setSessionCacheEnabled(false);
      sessions.setTicketKeys();
    }
    return context;
  }

  private SslContextBuilder builder(Identity identity) {
    if (this == JDK) {
      forbidRenegotiation();
      return SslContextBuilder.forServer(identity.key(), identity.chain())
          .sslProvider(SslProvider.JDK);
    }
    return SslContextBuilder.forServer(
            new OpenSslCachingX509KeyManagerFactory(SoleKeyManager.factory(identity)))
        .sslProvider(SslProvider.OPENSSL_REFCNT);
  }

  /** Handshakes that a client of TLS 1.2 begins anew cost it nothing; BoringSSL has none. */
  private static void forbidRenegotiation() {
    String property = "jdk.tls.rejectClientInitiatedRenegotiation";
    if (System.getProperty(property) == null) {
      System.setProperty(property, "true");
    }
  }
}
