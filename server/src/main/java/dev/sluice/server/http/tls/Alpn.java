package dev.sluice.server.http.tls;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;

/** The protocols that are offered inside TLS; no state, any thread. */
public final class Alpn {
  public static final String HTTP2 = ApplicationProtocolNames.HTTP_2;
  public static final String HTTP1 = ApplicationProtocolNames.HTTP_1_1;

  private Alpn() {}

  /** A client that knows none of them gets HTTP/1.1, as one that does not ask. */
  static ApplicationProtocolConfig config() {
    return new ApplicationProtocolConfig(
        Protocol.ALPN,
        SelectorFailureBehavior.NO_ADVERTISE,
        SelectedListenerFailureBehavior.ACCEPT,
        HTTP2,
        HTTP1);
  }
}
