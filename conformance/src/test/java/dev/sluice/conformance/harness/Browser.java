package dev.sluice.conformance.harness;

import java.net.CookieManager;
import java.net.CookiePolicy;
import java.net.HttpCookie;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Somebody with cookies who fills in forms; redirects are shown, not followed. */
public final class Browser implements AutoCloseable {
  private final Server server;
  private final CookieManager cookies = new CookieManager(null, CookiePolicy.ACCEPT_ALL);
  private final HttpClient client;

  public Browser(Server server) {
    this.server = server;
    client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .cookieHandler(cookies)
            .connectTimeout(Limits.ANSWER)
            .build();
  }

  public HttpResponse<String> get(String path) {
    return server.send(HttpRequest.newBuilder(server.uri(path)), client);
  }

  /** Sends a form, with Django's CSRF token when there is one. */
  public HttpResponse<String> submit(String path, Map<String, String> fields) {
    var all = new LinkedHashMap<>(fields);
    String token = cookie("csrftoken");
    if (!token.isEmpty()) {
      all.put("csrfmiddlewaretoken", token);
    }
    String body =
        all.entrySet().stream()
            .map(field -> encoded(field.getKey()) + "=" + encoded(field.getValue()))
            .collect(Collectors.joining("&"));
    return server.send(
        HttpRequest.newBuilder(server.uri(path))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(body)),
        client);
  }

  /** A cookie's value; empty when there is none. */
  public String cookie(String name) {
    return cookies.getCookieStore().getCookies().stream()
        .filter(cookie -> cookie.getName().equals(name))
        .map(HttpCookie::getValue)
        .findFirst()
        .orElse("");
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
