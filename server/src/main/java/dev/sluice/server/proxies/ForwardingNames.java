package dev.sluice.server.proxies;

import dev.sluice.server.exchange.HeaderName;
import java.util.Set;

/**
 * Which headers speak for others: of a client's address, scheme, host, port, path and certificate,
 * as seen by a proxy. Any thread; a question about a shared name is one look into an array.
 */
final class ForwardingNames {
  /** RFC 7239. */
  static final int FORWARDED = 1;

  /** {@code X-Forwarded} and every name that begins so. */
  static final int X_FORWARDED = 2;

  /** The other headers by which proxies speak for clients; nothing here reads them. */
  static final int OTHER = 4;

  /**
   * One of these names with underscores, which CGI's way of writing names would make the same.
   * Proxies pass it on without noticing, so that it is believed from nobody.
   */
  static final int DISGUISED = 8;

  private static final int NONE = 0;
  private static final int KNOWN = 16;

  /** The whole list, but for {@code x-forwarded...}; docs/behaviour.md repeats it. */
  static final Set<String> OTHERS =
      Set.of(
          // Addresses.
          "cf-connecting-ip",
          "cf-connecting-ipv6",
          "cf-pseudo-ipv4",
          "client-ip",
          "fastly-client-ip",
          "fly-client-ip",
          "forwarded-for",
          "forwarded-for-ip",
          "true-client-ip",
          "wl-proxy-client-ip",
          "proxy-client-ip",
          "x-appengine-user-ip",
          "x-azure-clientip",
          "x-azure-socketip",
          "x-client-ip",
          "x-cluster-client-ip",
          "x-envoy-external-address",
          "x-originating-ip",
          "x-proxyuser-ip",
          "x-real-ip",
          "x-real-port",
          "x-remote-addr",
          "x-remote-ip",
          "x-remote-port",
          // How the client has connected.
          "cf-visitor",
          "cloudfront-forwarded-proto",
          "front-end-https",
          "x-arr-ssl",
          "x-https",
          "x-scheme",
          "x-url-scheme",
          // What it has asked for.
          "x-host",
          "x-original-for",
          "x-original-forwarded-for",
          "x-original-host",
          "x-original-proto",
          "x-original-prefix",
          "x-original-uri",
          "x-original-url",
          "x-rewrite-url",
          "x-script-name",
          // Its certificate: RFC 9440, and what was there before.
          "client-cert",
          "client-cert-chain",
          "ssl-client-cert",
          "ssl-client-issuer-dn",
          "ssl-client-subject-dn",
          "ssl-client-verify",
          "x-client-cert",
          "x-client-certificate",
          "x-client-dn",
          "x-client-verify",
          "x-ssl",
          "x-ssl-cert",
          "x-ssl-client-cert",
          "x-ssl-client-dn",
          "x-ssl-client-s-dn",
          "x-ssl-client-verify",
          "x-ssl-issuer",
          "x-amzn-mtls-clientcert",
          "x-amzn-mtls-clientcert-issuer",
          "x-amzn-mtls-clientcert-leaf",
          "x-amzn-mtls-clientcert-serial-number",
          "x-amzn-mtls-clientcert-subject",
          "x-amzn-mtls-clientcert-validity");

  // What was found out of each shared name. Two threads may find out the same thing.
  private static final byte[] KINDS = new byte[HeaderName.MOST];

  private ForwardingNames() {}

  /** One of the constants, or 0 for a header that speaks for nobody else. */
  static int kind(HeaderName name) {
    int number = name.number();
    if (number < 0) {
      return find(name.text());
    }
    int kind = KINDS[number];
    if (kind == 0) {
      kind = KNOWN | find(name.text());
      KINDS[number] = (byte) kind;
    }
    return kind & ~KNOWN;
  }

  private static int find(String name) {
    if (name.indexOf('_') >= 0) {
      return find(name.replace('_', '-')) == NONE ? NONE : DISGUISED;
    }
    if (name.equals("forwarded")) {
      return FORWARDED;
    }
    if (name.equals("x-forwarded") || name.startsWith("x-forwarded-")) {
      return X_FORWARDED;
    }
    return OTHERS.contains(name) ? OTHER : NONE;
  }
}
