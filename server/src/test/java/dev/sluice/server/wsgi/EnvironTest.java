package dev.sluice.server.wsgi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.exchange.Peer;
import dev.sluice.server.exchange.RootPath;
import dev.sluice.server.exchange.TlsDetails;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a request becomes in the environ, without Python. */
class EnvironTest {
  static Map<String, String> environ(FakeExchange exchange, String rootPath) {
    Environ environ = Environ.of(exchange, RootPath.of(rootPath));
    Map<String, String> values = new LinkedHashMap<>();
    int start = 0;
    for (int i = 0; i < environ.count(); i++) {
      int end = environ.valueEnd(i);
      String key = environ.key(i) < 0 ? environ.keyText(i) : EnvironKeys.text(environ.key(i));
      String value = new String(environ.bytes(), start, end - start, StandardCharsets.ISO_8859_1);
      assertThat(values.put(key, value)).as("each key once: %s", key).isNull();
      start = end;
    }
    assertThat(environ.length()).isEqualTo(start);
    return values;
  }

  private static Map<String, String> get(String target, String... headers) {
    return environ(new FakeExchange("GET", target, headers), "");
  }

  @ParameterizedTest
  @CsvSource({
    "/,/,''",
    "/a/b?x=1&y=%20,/a/b,x=1&y=%20",
    "/a%20b%2Fc,/a b/c,''",
    "/%C3%A9,/\u00c3\u00a9,''",
    "/%zz%4,/%zz%4,''",
    "/a?,/a,''",
    "/a??b,/a,?b",
    "*,*,''",
    "http://host/p?q,/p,q",
    "http://host,/,''",
    "http://host?q,/,q",
  })
  void splitsAndDecodesTheTarget(String target, String path, String query) {
    Map<String, String> values = get(target);
    assertThat(values).containsEntry("QUERY_STRING", query).containsEntry("REQUEST_URI", target);
    assertThat(values.get("PATH_INFO")).isEqualTo(path);
  }

  @ParameterizedTest
  @CsvSource({
    "/app/x,/x",
    "/app,''",
    "/apple,/apple",
    "/x,/x",
    "/app?x,''",
  })
  void leavesTheRootPathOutOfPathInfo(String target, String path) {
    Map<String, String> values = environ(new FakeExchange("GET", target), "/app");
    assertThat(values.get("PATH_INFO")).isEqualTo(path);
  }

  @Test
  void namesTheTwoEnds() {
    assertThat(get("/"))
        .containsEntry("REQUEST_METHOD", "GET")
        .containsEntry("REMOTE_ADDR", "192.0.2.1")
        .containsEntry("REMOTE_PORT", "4711")
        .containsEntry("SERVER_NAME", "192.0.2.2")
        .containsEntry("SERVER_PORT", "80")
        .containsEntry("SERVER_PROTOCOL", "HTTP/1.1");
  }

  @Test
  void joinsRepeatedHeaders() {
    assertThat(get("/", "X-A", "1", "Cookie", "a=1", "x-a", "2", "cookie", "b=2", "X-B", "\u00e9"))
        .containsEntry("HTTP_X_A", "1,2")
        .containsEntry("HTTP_COOKIE", "a=1; b=2")
        .containsEntry("HTTP_X_B", "\u00e9");
  }

  @Test
  void dropsWhatCouldBeMistaken() {
    assertThat(get("/", "X_Forwarded_For", "spoof", "Proxy", "http://evil", "X-Forwarded-For", "1"))
        .containsEntry("HTTP_X_FORWARDED_FOR", "1")
        .doesNotContainKey("HTTP_PROXY");
  }

  @Test
  void takesTheLengthFromTheBodyThatIsThere() {
    FakeExchange chunked =
        new FakeExchange(new byte[5], "POST", "/", "Transfer-Encoding", "chunked");
    assertThat(environ(chunked, ""))
        .containsEntry("CONTENT_LENGTH", "5")
        .doesNotContainKey("HTTP_TRANSFER_ENCODING");
    assertThat(get("/")).doesNotContainKeys("CONTENT_LENGTH", "CONTENT_TYPE");
    assertThat(get("/", "Content-Length", "0", "Content-Type", "a/b"))
        .containsEntry("CONTENT_LENGTH", "0")
        .containsEntry("CONTENT_TYPE", "a/b")
        .doesNotContainKeys("HTTP_CONTENT_LENGTH", "HTTP_CONTENT_TYPE");
  }

  @Test
  void keepsHeadersWhoseNamesAreTooManyToShare() {
    for (int i = 0; i < 2000; i++) {
      get("/", "X-Invented-" + i, "x");
    }
    assertThat(get("/", "X-Beyond-All", "1", "x-beyond-all", "2", "Host", "h"))
        .containsEntry("HTTP_X_BEYOND_ALL", "1,2")
        .containsEntry("HTTP_HOST", "h");
  }

  @Test
  void anEncryptedConnectionSaysSo() {
    TlsDetails tls =
        new TlsDetails("TLSv1.3", "TLS_AES_128_GCM_SHA256", "host.test", null, List.of());
    Peer peer = new Peer("192.0.2.1", 4711, "192.0.2.2", 443, "https", tls);
    assertThat(environ(new FakeExchange("GET", "/").from(peer), ""))
        .containsEntry("wsgi.url_scheme", "https")
        .containsEntry("HTTPS", "on")
        .containsEntry("SSL_PROTOCOL", "TLSv1.3")
        .containsEntry("SSL_CIPHER", "TLS_AES_128_GCM_SHA256")
        .containsEntry("SSL_TLS_SNI", "host.test")
        .containsEntry("SSL_CLIENT_VERIFY", "NONE")
        .doesNotContainKey("SSL_CLIENT_CERT");
  }

  @Test
  void aProxyThatHasTakenTlsOffLeavesTheScheme() {
    Peer peer = new Peer("192.0.2.1", 4711, "192.0.2.2", 443, "https", null);
    assertThat(environ(new FakeExchange("GET", "/").from(peer), ""))
        .containsEntry("wsgi.url_scheme", "https")
        .containsEntry("HTTPS", "on")
        .doesNotContainKeys("SSL_PROTOCOL", "SSL_CLIENT_VERIFY");
    assertThat(get("/")).doesNotContainKeys("HTTPS", "wsgi.url_scheme");
  }
}
