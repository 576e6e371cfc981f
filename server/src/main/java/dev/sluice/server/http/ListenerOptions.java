package dev.sluice.server.http;

import dev.sluice.server.http.tls.Tls;
import dev.sluice.server.proxies.TrustedProxies;
import dev.sluice.server.redirect.HttpsRedirect;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where to listen, and what is spoken there; immutable, any thread.
 *
 * @param tls the certificates; null for plain HTTP
 * @param proxies whose connections are taken, each of which has to begin with a header of the PROXY
 *     protocol; null if connections come from clients directly
 * @param redirect sends clients to HTTPS instead of serving them; null to serve them
 * @param unixMode who may connect to a unix socket; null for what the process's umask leaves
 */
public record ListenerOptions(
    BindAddress address,
    @Nullable Tls tls,
    @Nullable TrustedProxies proxies,
    @Nullable HttpsRedirect redirect,
    @Nullable Set<PosixFilePermission> unixMode) {

  public ListenerOptions {
    unixMode = unixMode == null ? null : Set.copyOf(unixMode);
  }

  /** Plain HTTP, spoken by the clients themselves. */
  public static ListenerOptions plain(BindAddress address) {
    return new ListenerOptions(address, null, null, null, null);
  }

  /** The same with certificates. */
  public ListenerOptions withTls(Tls certificates) {
    return new ListenerOptions(address, certificates, proxies, redirect, unixMode);
  }

  /** The same for proxies that speak the PROXY protocol. */
  public ListenerOptions withProxies(TrustedProxies trusted) {
    return new ListenerOptions(address, tls, trusted, redirect, unixMode);
  }

  /** The same, but clients are sent to HTTPS. */
  public ListenerOptions withRedirect(HttpsRedirect to) {
    return new ListenerOptions(address, tls, proxies, to, unixMode);
  }

  /** The same with permissions for a unix socket. */
  public ListenerOptions withUnixMode(Set<PosixFilePermission> mode) {
    return new ListenerOptions(address, tls, proxies, redirect, mode);
  }
}
