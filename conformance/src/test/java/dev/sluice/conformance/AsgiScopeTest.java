package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.OtherwiseInUvicorn;
import dev.sluice.conformance.harness.Response;
import dev.sluice.conformance.harness.Server;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an ASGI application is told of a request, in Python's own notation. */
class AsgiScopeTest {
  private static Server server;

  @BeforeAll
  static void serve() {
    server = Server.asgi("scope_app:app").start();
  }

  @AfterAll
  static void stop() {
    assertThat(server.stopCleanly()).doesNotContain("Traceback", "\tat ");
  }

  /** The scope: for each key the type and the value. */
  private static Map<String, String> scope(String text) {
    var scope = new LinkedHashMap<String, String>();
    for (String line : text.split("\n", -1)) {
      String[] parts = line.split("\t", 3);
      scope.put(parts[0], parts[1] + " " + parts[2]);
    }
    return scope;
  }

  private static Map<String, String> scopeOf(String target) {
    Response response = server.ask(target);
    assertThat(response.status()).as(response.toString()).isEqualTo(200);
    return scope(response.text());
  }

  @Test
  void theTypeAndTheVersions() {
    assertThat(scopeOf("/"))
        .containsEntry("type", "str 'http'")
        .containsEntry("asgi.version", "str '3.0'")
        .containsEntry("http_version", "str '1.1'")
        .containsEntry("scheme", "str 'http'")
        .hasEntrySatisfying(
            "asgi.spec_version", version -> assertThat(version).matches("str '2\\.[3-5]'"));
  }

  @Test
  void http10IsTold() {
    try (Connection connection = server.connect()) {
      Response response = connection.send("GET / HTTP/1.0\r\n\r\n").read();
      assertThat(scope(response.text())).containsEntry("http_version", "str '1.0'");
    }
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      textBlock =
          """
          /,                      '/',                 b'/',                       b''
          /a/b,                   '/a/b',              b'/a/b',                    b''
          /a%20b/%C3%BC,          '/a b/\\xfc',       b'/a%20b/%C3%BC',           b''
          /a%2Fb,                 '/a/b',              b'/a%2Fb',                  b''
          /a+b;c=d,               '/a+b;c=d',          b'/a+b;c=d',                b''
          /a?x=%20&y=a+b&y,       '/a',                b'/a',                      b'x=%20&y=a+b&y'
          /a?,                    '/a',                b'/a',                      b''
          /a?b?c,                 '/a',                b'/a',                      b'b?c'
          /a//b/../c/.,           '/a//b/../c/.',      b'/a//b/../c/.',            b''
          """)
  void aTarget(String target, String path, String rawPath, String query) {
    assertThat(scopeOf(target))
        .containsEntry("path", "str " + path)
        .containsEntry("raw_path", "bytes " + rawPath)
        .containsEntry("query_string", "bytes " + query)
        .containsEntry("root_path", "str ''");
  }

  @Test
  void aPathThatIsNoUtf8IsReplacedAndRawAsItWas() {
    assertThat(scopeOf("/a%FFb"))
        .containsEntry("path", "str '/a\\ufffdb'")
        .containsEntry("raw_path", "bytes b'/a%FFb'");
  }

  @ParameterizedTest
  @CsvSource({"GET", "POST", "DELETE", "PATCH", "PURGE"})
  void theMethod(String method) {
    try (Connection connection = server.connect()) {
      Response response = connection.request(method + " / HTTP/1.1").read();
      assertThat(scope(response.text())).containsEntry("method", "str '" + method + "'");
    }
  }

  @Test
  void headersAreLowerCaseBytesInOrderWithDuplicates() {
    try (Connection connection = server.connect()) {
      connection.request(
          "GET / HTTP/1.1", "X-Two: b", "accept: */*", "X-One:  \u00e9 1", "X-TWO: a", "Empty:");
      assertThat(scope(connection.read().text()))
          .containsEntry(
              "headers",
              "list [(b'host', b'127.0.0.1'), (b'x-two', b'b'), (b'accept', b'*/*'),"
                  + " (b'x-one', b'\\xe9 1'), (b'x-two', b'a'), (b'empty', b'')]");
    }
  }

  @Test
  void bothEndsOfTheConnection() {
    try (Connection connection = server.connect()) {
      Map<String, String> scope = scope(connection.get("/").read().text());
      assertThat(scope.get("client"))
          .matches("(tuple|list) [\\[(]'127\\.0\\.0\\.1', " + connection.localPort() + "[\\])]");
      assertThat(scope.get("server"))
          .matches("(tuple|list) [\\[(]'127\\.0\\.0\\.1', " + server.port() + "[\\])]");
    }
  }

  /** The reading of the specification that all servers have come to: the path is whole. */
  @ParameterizedTest
  @CsvSource({"/x, /shop/x", "/, /shop/"})
  void theRootPathIsInFrontOfThePath(String target, String path) {
    try (Server mounted = Server.asgi("scope_app:app").options("--root-path", "/shop").start()) {
      assertThat(scope(mounted.ask(target).text()))
          .containsEntry("root_path", "str '/shop'")
          .containsEntry("path", "str '" + path + "'");
    }
  }

  @Test
  @OtherwiseInUvicorn("puts the root path in front of it all the same")
  void aPathThatBeginsWithTheRootPathStays() {
    try (Server mounted = Server.asgi("scope_app:app").options("--root-path", "/shop").start()) {
      assertThat(scope(mounted.ask("/shop/x").text()))
          .containsEntry("root_path", "str '/shop'")
          .containsEntry("path", "str '/shop/x'");
    }
  }

  @Test
  void aScopeIsOfOneRequestOnly() {
    try (Connection connection = server.connect()) {
      for (int n = 0; n < 3; n++) {
        assertThat(connection.get("/?changes").read().text()).isEqualTo("[]");
      }
    }
  }

  @Test
  void aContextIsOfOneRequestOnly() {
    try (Connection connection = server.connect();
        Connection other = server.connect()) {
      for (int n = 0; n < 3; n++) {
        assertThat(connection.get("/?context").read().text()).isEqualTo("nothing");
        assertThat(other.get("/?context").read().text()).isEqualTo("nothing");
      }
    }
  }
}
