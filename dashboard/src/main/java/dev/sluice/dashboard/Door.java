package dev.sluice.dashboard;

import dev.sluice.server.exchange.HeaderName;
import dev.sluice.server.exchange.RequestHead;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Who may see the page, and change something; any thread.
 *
 * <p>On an address that only this machine reaches, whoever is here may. The browsers of this
 * machine are here, too, with pages from anywhere: so the Host header has to be one of ours (a name
 * of somebody else's may lead here, too: DNS rebinding), no other site may ask (Origin,
 * Sec-Fetch-Site), and what changes something needs a header that no form can send. On any other
 * address, and behind a proxy that shows the page by a name of its own, a random token is needed
 * besides.
 */
final class Door {
  /** What a request has to carry that changes something; the value does not matter. */
  static final HeaderName CHANGES = HeaderName.of("x-sluice-page");

  private static final HeaderName ORIGIN = HeaderName.of("origin");
  private static final HeaderName SITE = HeaderName.of("sec-fetch-site");
  private static final HeaderName AUTHORIZATION = HeaderName.of("authorization");
  private static final Pattern ADDRESS =
      Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-f:.]+]");
  private static final Pattern PORT = Pattern.compile(":\\d{1,5}$");
  private static final int TOKEN_BYTES = 24;

  private final Set<String> hosts = new HashSet<>(Set.of("localhost", "127.0.0.1", "[::1]"));

  /** Where proxies show the page: https://name. */
  private final Set<String> origins;

  private final @Nullable String token;

  private Door(@Nullable String token, String host, Collection<URI> origins) {
    this.token = token;
    this.origins = origins.stream().map(URI::toString).collect(Collectors.toUnmodifiableSet());
    origins.forEach(each -> hosts.add(each.getHost()));
    hosts.add((host.contains(":") ? "[" + host + "]" : host).toLowerCase(Locale.ROOT));
  }

  /**
   * For an address to listen on. May ask the system for names.
   *
   * @param origins where proxies show the page: scheme, host and perhaps a port, in lower case
   */
  static Door of(String host, Collection<URI> origins) {
    if (isLoopback(host) && origins.isEmpty()) {
      return new Door(null, host, origins);
    }
    byte[] random = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(random);
    Door door = new Door(HexFormat.of().formatHex(random), host, origins);
    try {
      door.hosts.add(InetAddress.getLocalHost().getHostName().toLowerCase(Locale.ROOT));
    } catch (UnknownHostException e) {
      // It has no name; its addresses will do.
    }
    return door;
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false; // binding says so, too
    }
  }

  /** What has to be known to see the page; null if nothing. */
  @Nullable String token() {
    return token;
  }

  /** Whether browsers reach the page by encrypted connections only. */
  boolean isEncrypted() {
    return !origins.isEmpty() && origins.stream().allMatch(each -> each.startsWith("https:"));
  }

  /** Why the request is refused, whatever it knows; null if it is not. */
  @Nullable String obstacle(RequestHead head) {
    String host = head.header(HeaderName.HOST);
    if (host == null || !isOurs(PORT.matcher(host.toLowerCase(Locale.ROOT)).replaceFirst(""))) {
      return "the Host header names no address of this page";
    }
    String site = head.header(SITE);
    if (site != null && !site.equals("same-origin") && !site.equals("none")) {
      return "another site has asked for it";
    }
    String origin = head.header(ORIGIN);
    if (origin != null
        && !origins.contains(origin)
        && !origin.equals("http://" + host)
        && !origin.equals("https://" + host)) {
      return "another site has asked for it";
    }
    boolean changes = !head.method().equals("GET") && !head.method().equals("HEAD");
    if (changes && head.header(CHANGES) == null) {
      return "the header X-Sluice-Page is missing";
    }
    return null;
  }

  /** An address cannot be rebound; a name could. */
  private boolean isOurs(String host) {
    return hosts.contains(host) || (token != null && ADDRESS.matcher(host).matches());
  }

  /** Whether it knows the token, by its cookie or its Authorization header. */
  boolean knows(RequestHead head, String cookie) {
    if (token == null) {
      return true;
    }
    String authorization = head.header(AUTHORIZATION);
    if (authorization != null && authorization.startsWith("Bearer ")) {
      return is(authorization.substring("Bearer ".length()).strip());
    }
    for (int i = 0; i < head.headerCount(); i++) {
      if (head.headerName(i).isSame(HeaderName.COOKIE)) {
        for (String each : head.headerValue(i).split(";", -1)) {
          String[] pair = each.strip().split("=", 2);
          if (pair.length == 2 && pair[0].equals(cookie) && is(pair[1])) {
            return true;
          }
        }
      }
    }
    return false;
  }

  /** Whether it is the token, in a time that tells nothing of it. */
  boolean is(@Nullable String given) {
    return given != null
        && token != null
        && MessageDigest.isEqual(
            given.getBytes(StandardCharsets.UTF_8), token.getBytes(StandardCharsets.UTF_8));
  }
}
