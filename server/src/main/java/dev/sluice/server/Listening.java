package dev.sluice.server;

import dev.sluice.server.http.BindAddress;
import dev.sluice.server.http.HttpServer;
import dev.sluice.server.http.ListenerOptions;
import dev.sluice.server.http.tls.Tls;
import dev.sluice.server.http.tls.TlsOptions;
import dev.sluice.server.proxies.TrustedProxies;
import dev.sluice.server.redirect.HttpsRedirect;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a server listens, and what is spoken there; immutable, any thread.
 *
 * @param binds speak HTTPS if there are certificates, else HTTP; if both lists are empty, one
 *     address: 127.0.0.1:8000
 * @param plain speak HTTP, whether there are certificates or not
 * @param tls the certificates; null for none
 * @param redirect whether clients of {@code plain} are sent to HTTPS instead of being served; needs
 *     certificates
 * @param httpsPort the port that they are sent to; 0 for that of the first address with HTTPS
 * @param proxyProtocol whether each connection has to come from a trusted proxy, and to begin with
 *     a header of the PROXY protocol
 * @param unixMode who may connect to unix sockets; null for what the process's umask leaves
 */
public record Listening(
    List<BindAddress> binds,
    List<BindAddress> plain,
    @Nullable TlsOptions tls,
    boolean redirect,
    int httpsPort,
    boolean proxyProtocol,
    @Nullable Set<PosixFilePermission> unixMode) {
  /** Where a server listens unless it is told. */
  public static final BindAddress DEFAULT_BIND = new BindAddress.Tcp("127.0.0.1", 8000);

  public Listening {
    plain = List.copyOf(plain);
    binds = binds.isEmpty() && plain.isEmpty() ? List.of(DEFAULT_BIND) : List.copyOf(binds);
    unixMode = unixMode == null ? null : Set.copyOf(unixMode);
    if (redirect && tls == null) {
      throw new IllegalArgumentException("nobody can be sent to HTTPS without a certificate");
    }
  }

  /** Plain HTTP at some addresses. */
  public static Listening of(BindAddress... addresses) {
    return new Listening(List.of(addresses), List.of(), null, false, 0, false, null);
  }

  /**
   * Reads the certificates; null if there are none. Blocks.
   *
   * @throws dev.sluice.python.SluiceException SL330 to SL335
   */
  @Nullable Tls openTls() {
    return tls == null ? null : Tls.open(tls);
  }

  /**
   * Binds all addresses, those with HTTPS first.
   *
   * @param certificates belong to the HTTP server once an address with HTTPS is bound
   * @throws dev.sluice.python.SluiceException if an address cannot be bound
   */
  void bind(HttpServer http, @Nullable Tls certificates, TrustedProxies trusted) {
    for (BindAddress address : binds) {
      ListenerOptions options = options(address, trusted);
      http.bind(certificates == null ? options : options.withTls(certificates));
    }
    for (BindAddress address : plain) {
      ListenerOptions options = options(address, trusted);
      if (redirect && certificates != null) {
        int port = httpsPort == 0 ? http.httpsPort() : httpsPort;
        options = options.withRedirect(new HttpsRedirect(port, certificates::covers));
      }
      http.bind(options);
    }
  }

  private ListenerOptions options(BindAddress address, TrustedProxies trusted) {
    ListenerOptions options = ListenerOptions.plain(address);
    if (unixMode != null) {
      options = options.withUnixMode(unixMode);
    }
    return proxyProtocol ? options.withProxies(trusted) : options;
  }
}
