package dev.sluice.server.http.tls;

import dev.sluice.server.exchange.TlsDetails;
import io.netty.handler.ssl.SslHandler;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** What a handshake has agreed on; on the connection's IO thread. */
public final class Handshake {
  private Handshake() {}

  /** The name that a client asked for, in lower case; empty if there is none, or it is no name. */
  public static String serverName(@Nullable String asked) {
    return asked == null ? "" : CertificateNames.canonical(asked);
  }

  /** The outcome of a handshake that has succeeded. */
  public static TlsDetails details(SslHandler handler, String serverName) {
    SSLSession session = handler.engine().getSession();
    return new TlsDetails(
        session.getProtocol(),
        session.getCipherSuite(),
        serverName,
        serverCertificate(session),
        clientCertificates(session));
  }

  private static @Nullable X509Certificate serverCertificate(SSLSession session) {
    Certificate[] shown = session.getLocalCertificates();
    return shown == null || shown.length == 0 ? null : (X509Certificate) shown[0];
  }

  private static List<X509Certificate> clientCertificates(SSLSession session) {
    List<X509Certificate> chain = new ArrayList<>();
    try {
      for (Certificate certificate : session.getPeerCertificates()) {
        chain.add((X509Certificate) certificate);
      }
    } catch (SSLPeerUnverifiedException e) {
      // The client has shown none, and was not asked to.
    }
    return chain;
  }
}
