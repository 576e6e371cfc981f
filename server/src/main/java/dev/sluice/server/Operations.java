package dev.sluice.server;

import dev.sluice.server.access.AccessLog;
import dev.sluice.server.exchange.RequestObserver;
import dev.sluice.server.http.BindAddress;
import dev.sluice.server.proxies.ForwardedHeaders;
import dev.sluice.server.proxies.TrustedProxies;
import org.jspecify.annotations.Nullable;

/**
 * What those who operate a server want of it; immutable, any thread.
 *
 * @param trusted the proxies that may say whom they speak for
 * @param forwarded by which headers they say it
 * @param requestIds whether each request has an id
 * @param accessLog where requests are logged: a file, {@code -} for stdout, null for nowhere
 * @param accessLogFormat see {@link AccessLog#open}
 * @param accessLogLimit how many bytes may wait to be logged
 * @param admin where the pages for balancers and for Prometheus are; null for nowhere
 * @param observer is told of each request that has ended, besides
 */
public record Operations(
    TrustedProxies trusted,
    ForwardedHeaders.Kind forwarded,
    boolean requestIds,
    @Nullable String accessLog,
    String accessLogFormat,
    int accessLogLimit,
    @Nullable BindAddress admin,
    RequestObserver observer) {
  public static final Operations NONE =
      new Operations(
          TrustedProxies.NONE,
          ForwardedHeaders.Kind.X_FORWARDED,
          false,
          null,
          "combined",
          AccessLog.DEFAULT_LIMIT,
          null,
          RequestObserver.NONE);

  /** The same for somebody else who is told of requests. */
  public Operations withObserver(RequestObserver other) {
    return new Operations(
        trusted, forwarded, requestIds, accessLog, accessLogFormat, accessLogLimit, admin, other);
  }
}
