package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Environ;
import dev.sluice.conformance.harness.Microthreads;
import dev.sluice.conformance.harness.Response;
import dev.sluice.conformance.harness.Server;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What PEP 3333 says that an application is told, seen from inside wsgiref's validator. */
class WsgiEnvironTest {
  private static Server server;

  @BeforeAll
  static void serve() {
    server = Server.start("validator_apps:app", "--threads", "1");
  }

  @AfterAll
  static void stop() {
    server.close();
    assertThat(server.log()).doesNotContain("Traceback", "AssertionError", "Warning");
  }

  private static Environ environ(String requestLine, String... headers) {
    try (Connection connection = server.connect()) {
      Response response = connection.request(requestLine, headers).read();
      assertThat(response.status()).as(response.toString()).isEqualTo(200);
      return new Environ(response.text());
    }
  }

  @Test
  void theServerAndTheRequestAreDescribed() {
    Environ environ = environ("GET /environ/some/where?a=1&b=%20c HTTP/1.1", "X-A: 1");
    assertThat(
            Map.of(
                "REQUEST_METHOD", environ.get("REQUEST_METHOD"),
                "SCRIPT_NAME", environ.get("SCRIPT_NAME"),
                "PATH_INFO", environ.get("PATH_INFO"),
                "QUERY_STRING", environ.get("QUERY_STRING"),
                "SERVER_NAME", environ.get("SERVER_NAME"),
                "SERVER_PORT", environ.get("SERVER_PORT"),
                "SERVER_PROTOCOL", environ.get("SERVER_PROTOCOL"),
                "REMOTE_ADDR", environ.get("REMOTE_ADDR"),
                "HTTP_HOST", environ.get("HTTP_HOST"),
                "HTTP_X_A", environ.get("HTTP_X_A")))
        .containsOnly(
            entry("REQUEST_METHOD", "GET"),
            entry("SCRIPT_NAME", ""),
            entry("PATH_INFO", "/environ/some/where"),
            entry("QUERY_STRING", "a=1&b=%20c"),
            entry("SERVER_NAME", "127.0.0.1"),
            entry("SERVER_PORT", Integer.toString(server.port())),
            entry("SERVER_PROTOCOL", "HTTP/1.1"),
            entry("REMOTE_ADDR", "127.0.0.1"),
            entry("HTTP_HOST", "127.0.0.1"),
            entry("HTTP_X_A", "1"));
    assertThat(environ.get("REMOTE_PORT")).matches("\\d+");
    assertThat(environ.get("SERVER_SOFTWARE")).startsWithIgnoringCase("sluice");
  }

  @Test
  void theServersOwnEntriesAreOfTheRightTypes() {
    Environ environ = environ("GET /environ HTTP/1.1");
    assertThat(environ.get("wsgi.version")).isEqualTo("(1, 0)");
    assertThat(environ.get("wsgi.url_scheme")).isEqualTo("http");
    assertThat(environ.get("wsgi.multithread"))
        .as("requests that are microthreads meet each other")
        .isEqualTo(Microthreads.areChosen() ? "True" : "False");
    assertThat(environ.get("wsgi.multiprocess")).isEqualTo("False");
    assertThat(environ.get("wsgi.run_once")).isEqualTo("False");
    assertThat(List.of("wsgi.multithread", "wsgi.multiprocess", "wsgi.run_once"))
        .extracting(environ::type)
        .containsOnly("bool");
    assertThat(environ.has("wsgi.file_wrapper")).isTrue();
    assertThat(environ.keys())
        .filteredOn(key -> !key.contains("."))
        .extracting(environ::type)
        .containsOnly("str");
  }

  @Test
  void severalThreadsAreTold() {
    try (Server many = Server.start("validator_apps:app", "--threads", "2")) {
      Environ environ = new Environ(many.get("/environ").body());
      assertThat(environ.get("wsgi.multithread")).isEqualTo("True");
    }
  }

  @Test
  void http10IsToldAsSuch() {
    assertThat(environ("GET /environ HTTP/1.0").get("SERVER_PROTOCOL")).isEqualTo("HTTP/1.0");
  }

  /** WSGI's strings hold bytes as latin-1 characters, whatever the bytes mean. */
  @ParameterizedTest
  @CsvSource({
    "/environ/caf%C3%A9, /environ/caf\u00c3\u00a9",
    "/environ/%E2%82%AC, /environ/\u00e2\u0082\u00ac",
    "/environ/%FF, /environ/\u00ff",
    "/environ/a%2Fb, /environ/a/b",
    "/environ/a+b%2B, /environ/a+b+",
    "/environ/%25%32%35, /environ/%25",
    "/environ/a%20b%3Fc, /environ/a b?c",
    "/environ//a/./b/../c, /environ//a/./b/../c",
    "/environ/;a=1, /environ/;a=1",
  })
  void thePathIsDecodedOnceAndOnlyFromPercent(String target, String path) {
    assertThat(environ("GET " + target + " HTTP/1.1").get("PATH_INFO")).isEqualTo(path);
  }

  @Test
  void anAbsoluteTargetIsSplit() {
    Environ environ = environ("GET http://127.0.0.1/environ/x?q=http://a/ HTTP/1.1");
    assertThat(environ.get("PATH_INFO")).isEqualTo("/environ/x");
    assertThat(environ.get("QUERY_STRING")).isEqualTo("q=http://a/");
  }

  @Test
  void theQueryIsLeftAsItCame() {
    assertThat(environ("GET /environ HTTP/1.1").get("QUERY_STRING")).isEmpty();
    assertThat(environ("GET /environ? HTTP/1.1").get("QUERY_STRING")).isEmpty();
    assertThat(environ("GET /environ?a%20b+c?d/%C3%A9&&=; HTTP/1.1").get("QUERY_STRING"))
        .isEqualTo("a%20b+c?d/%C3%A9&&=;");
  }

  @Test
  void aBodysTypeAndLengthHaveTheirOwnNames() {
    Environ none = environ("GET /environ HTTP/1.1");
    assertThat(none.has("CONTENT_TYPE") ? none.get("CONTENT_TYPE") : "").isEmpty();
    assertThat(none.has("CONTENT_LENGTH") ? none.get("CONTENT_LENGTH") : "").isEmpty();

    Environ both = environ("POST /environ HTTP/1.1", "Content-Type: a/b;c=d", "Content-Length: 0");
    assertThat(both.get("CONTENT_TYPE")).isEqualTo("a/b;c=d");
    assertThat(both.get("CONTENT_LENGTH")).isEqualTo("0");
    assertThat(both.keys()).doesNotContain("HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH");

    Environ emptyType = environ("POST /environ HTTP/1.1", "Content-Type:", "Content-Length: 0");
    assertThat(emptyType.get("CONTENT_TYPE")).isEmpty();
  }

  @Test
  void headersKeepTheirBytesAndLoseTheSpaceAroundThem() {
    Environ environ =
        environ("GET /environ HTTP/1.1", "X-Name: caf\u00e9", "X-Space: \t a  b \t ", "X-Empty:");
    assertThat(environ.get("HTTP_X_NAME")).isEqualTo("caf\u00e9");
    assertThat(environ.get("HTTP_X_SPACE")).isEqualTo("a  b");
    assertThat(environ.get("HTTP_X_EMPTY")).isEmpty();
  }

  @Test
  void repeatedHeadersAreJoined() {
    Environ environ =
        environ("GET /environ HTTP/1.1", "X-A: 1", "Cookie: a=1", "x-a: 2", "Cookie: b=2");
    assertThat(environ.get("HTTP_X_A")).matches("1, ?2");
    assertThat(environ.get("HTTP_COOKIE")).isEqualTo("a=1; b=2");
  }

  /** A_B and A-B have the same name in the environ, so a client could forge what a proxy sets. */
  @ParameterizedTest
  @ValueSource(strings = {"X_Real: forged", "X-Real: good\r\nX_Real: forged"})
  void anUnderscoreCannotForgeADash(String headers) {
    Environ environ = environ("GET /environ HTTP/1.1", headers);
    assertThat(environ.has("HTTP_X_REAL") ? environ.get("HTTP_X_REAL") : "")
        .isEqualTo(headers.startsWith("X-Real") ? "good" : "");
  }

  @Test
  void framingIsNotTakenFromUnderscores() {
    Environ environ =
        environ("GET /environ HTTP/1.1", "Content_Length: 5", "Transfer_Encoding: chunked");
    assertThat(environ.keys()).doesNotContain("CONTENT_LENGTH");
  }

  @Test
  void eachRequestHasAnEnvironOfItsOwn() {
    try (Connection connection = server.connect()) {
      connection.request("GET /environ HTTP/1.1", "X-First: 1");
      assertThat(new Environ(connection.read().text()).has("HTTP_X_FIRST")).isTrue();
      connection.request("GET /environ HTTP/1.1", "X-Second: 1");
      Environ second = new Environ(connection.read().text());
      assertThat(second.has("HTTP_X_SECOND")).isTrue();
      assertThat(second.has("HTTP_X_FIRST")).isFalse();
    }
  }

  /** A proxy may have removed the prefix already, or not. */
  @Test
  void theRootPathIsTheScriptName() {
    try (Server under = Server.start("validator_apps:app", "--root-path", "/api")) {
      for (var each :
          Map.of(
                  "/api/environ", "/environ",
                  "/environ", "/environ",
                  "/api", "",
                  "/api/", "/",
                  "/apiary", "/apiary")
              .entrySet()) {
        Environ environ = new Environ(under.get(each.getKey()).body());
        assertThat(environ.get("SCRIPT_NAME")).isEqualTo("/api");
        assertThat(environ.get("PATH_INFO")).as(each.getKey()).isEqualTo(each.getValue());
      }
    }
  }
}
