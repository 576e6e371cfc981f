package dev.sluice.conformance;

import static dev.sluice.conformance.Wire.head;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Environ;
import dev.sluice.conformance.harness.Response;
import dev.sluice.conformance.harness.Server;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What stands between clients, proxies and whoever runs the server: over the wire. */
class OperatingTest {
  private static final String HOSTILE_TARGET = "/environ?a=\"b\\n\u00e9\u009b'<>`|^";
  private static final String HOSTILE_AGENT = "\"x\\\" \u00ff\u0085\t%0a {}";

  @TempDir private static Path folder;
  private static Server behindProxy;
  private static Server alone;

  @BeforeAll
  static void serve() throws IOException {
    Path site = Files.createDirectory(folder.resolve("site"));
    Files.writeString(site.resolve("a.txt"), "a file");
    behindProxy =
        Server.of("validator_apps:app")
            .options("--trusted-proxies", "127.0.0.1/32,10.0.0.0/8", "--request-ids")
            .options("--forwarded", "either")
            .options("--access-log", folder.resolve("json.log").toString())
            .options("--access-log-format", "json", "--static", "/static=" + site)
            .start();
    alone =
        Server.of("validator_apps:app")
            .options("--request-ids", "--admin", "127.0.0.1:0")
            .options("--access-log", folder.resolve("combined.log").toString())
            .start();
  }

  @AfterAll
  static void stop() {
    behindProxy.close();
    alone.close();
    assertThat(behindProxy.log() + alone.log()).doesNotContain("Traceback", "\tat ");
  }

  @Test
  void theLogMayGoToStdout() {
    try (Server server = Server.of("validator_apps:app").options("--access-log", "-").start()) {
      assertThat(ask(server, "/environ?to=stdout").status()).isEqualTo(200);
      assertThat(server.child().stdout().await("to=stdout"))
          .matches("127\\.0\\.0\\.1 - - \\[.*] \"GET /environ\\?to=stdout HTTP/1.1\" 200 \\d+ .*");
    }
  }

  /** Both versions, from a proxy that is trusted; whoever says nothing is not answered. */
  @Test
  void theProxyProtocolSaysWhoTheClientIs() {
    try (Server server =
        Server.of("validator_apps:app")
            .options("--proxy-protocol", "--trusted-proxies", "127.0.0.1")
            .start()) {
      String header = "PROXY TCP4 192.0.2.1 198.51.100.7 4321 80\r\n";
      try (Connection connection = server.connect()) {
        Environ environ =
            new Environ(
                connection.send(header + "GET /environ HTTP/1.1\r\nHost: a\r\n\r\n").read().text());
        assertThat(environ.get("REMOTE_ADDR")).isEqualTo("192.0.2.1");
        assertThat(environ.get("REMOTE_PORT")).isEqualTo("4321");
      }
      try (Connection connection = server.connect()) {
        assertThat(connection.get("/environ").closedByPeer()).isTrue();
      }
    }
  }

  private static Response ask(Server server, String path, String... headers) {
    try (Connection connection = server.connect()) {
      return connection.request("GET " + path + " HTTP/1.1", headers).read();
    }
  }

  private static Environ environ(Server server, String... headers) {
    return new Environ(ask(server, "/environ", headers).text());
  }

  // Proxies

  @Test
  void aTrustedProxySaysForWhomItSpeaks() {
    Environ environ =
        environ(
            behindProxy,
            "X-Forwarded-For: 6.6.6.6, 192.0.2.7, 10.1.2.3",
            "X-Forwarded-Proto: https");
    assertThat(environ.get("REMOTE_ADDR")).as("the first from the right").isEqualTo("192.0.2.7");
    assertThat(environ.get("wsgi.url_scheme")).isEqualTo("https");
    environ = environ(behindProxy, "Forwarded: for=\"[2001:db8::7]:4711\";proto=https");
    assertThat(environ.get("REMOTE_ADDR")).isEqualTo("2001:db8::7");
    assertThat(environ.get("wsgi.url_scheme")).isEqualTo("https");
    environ = environ(behindProxy);
    assertThat(environ.get("REMOTE_ADDR")).isEqualTo("127.0.0.1");
    assertThat(environ.get("wsgi.url_scheme")).as("for the next one").isEqualTo("http");
  }

  /** Mod_wsgi's CVE-2022-2255: whatever could be believed further on is taken out. */
  @Test
  void nobodyElseIsBelieved() {
    Environ environ =
        environ(
            alone,
            "X-Forwarded-For: 192.0.2.7",
            "X-Forwarded-Proto: https",
            "X-Forwarded-Host: elsewhere",
            "X-Forwarded-Port: 1",
            "X-Forwarded-Prefix: /p",
            "X_Forwarded_For: 192.0.2.7",
            "X-Real-IP: 192.0.2.7",
            "Forwarded: for=192.0.2.7",
            "X-Request-ID: forged");
    assertThat(environ.get("REMOTE_ADDR")).isEqualTo("127.0.0.1");
    assertThat(environ.get("wsgi.url_scheme")).isEqualTo("http");
    assertThat(environ.get("HTTP_X_REQUEST_ID")).isNotEqualTo("forged");
    assertThat(environ.keys())
        .noneMatch(key -> key.contains("FORWARDED") || key.equals("HTTP_X_REAL_IP"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X-Forwarded-For: not an address",
        "X-Forwarded-For: 192.0.2.999",
        "X-Forwarded-For: ,,,",
        "Forwarded: for=\"",
        "Forwarded: for=_hidden;proto=\"ht",
      })
  void whatATrustedProxyGarblesIsNotBelieved(String header) {
    Environ environ = environ(behindProxy, header);
    assertThat(environ.get("REMOTE_ADDR")).isIn("127.0.0.1", "");
    assertThat(environ.get("wsgi.url_scheme")).isEqualTo("http");
  }

  // Ids

  @Test
  void eachRequestHasAnIdOfItsOwnThatItsAnswerTells() {
    var ids = new HashSet<String>();
    for (int n = 0; n < 20; n++) {
      Response response = ask(alone, "/environ", "X-Request-ID: forged");
      ids.add(response.header("X-Request-ID"));
      assertThat(new Environ(response.text()).get("HTTP_X_REQUEST_ID"))
          .isEqualTo(response.header("X-Request-ID"))
          .matches("[0-9a-f]{32}");
    }
    assertThat(ids).hasSize(20);
  }

  @ParameterizedTest
  @CsvSource({"/environ, 200", "/static/a.txt, 200", "/static/none, 404", "/never-started, 500"})
  void aTrustedProxysIdIsKept(String path, int status) {
    for (int n = 0; n < 2; n++) {
      Response response = ask(behindProxy, path, "X-Request-ID: abc.1-" + n);
      assertThat(response.status()).isEqualTo(status);
      assertThat(response.header("X-Request-ID")).isEqualTo("abc.1-" + n);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "a\"b", "\u00e4", "a,b", "<b>"})
  void anIdThatCouldDoHarmIsReplaced(String given) {
    Response response = ask(behindProxy, "/single", "X-Request-ID: " + given);
    assertThat(response.header("X-Request-ID")).matches("[0-9a-f]{32}");
  }

  // Access log

  private static List<String> logged(String file, String part) throws Exception {
    for (int n = 0; n < 250; n++) {
      List<String> lines = Files.readAllLines(folder.resolve(file), StandardCharsets.ISO_8859_1);
      List<String> found = lines.stream().filter(line -> line.contains(part)).toList();
      if (!found.isEmpty()) {
        return found;
      }
      Thread.sleep(20);
    }
    throw new AssertionError("no line with " + part + " in " + file);
  }

  private static void askHostile(Server server, String part) {
    try (Connection connection = server.connect()) {
      connection.send(
          head(
              "GET " + HOSTILE_TARGET + part + " HTTP/1.1",
              "Host: a",
              "User-Agent: " + HOSTILE_AGENT,
              "Referer: \" 200 1 \"-\" \""));
      assertThat(connection.read().status()).isEqualTo(200);
    }
  }

  /**
   * Uvicorn's CVE-2020-7694: nothing of a request ends a line or a field, or reaches a terminal.
   */
  @Test
  void noRequestForgesALineOfTheLog() throws Exception {
    askHostile(alone, "combined1");
    assertThat(logged("combined.log", "combined1"))
        .singleElement()
        .asString()
        .matches(
            "127\\.0\\.0\\.1 - - \\[[^\\]]+\\] \"GET (?:[^\"\\\\]|\\\\.)* HTTP/1\\.1\" 200 \\d+"
                + " \"(?:[^\"\\\\]|\\\\.)*\" \"(?:[^\"\\\\]|\\\\.)*\"")
        .matches("[ -~]*");
  }

  @Test
  void norOneOfJson() throws Exception {
    askHostile(behindProxy, "json1");
    assertThat(logged("json.log", "json1"))
        .singleElement()
        .asString()
        .matches("\\{(?:\"\\w+\":(?:\"(?:[^\"\\\\]|\\\\.)*\"|[\\w.]+),?)+\\}")
        .matches("[ -~]*")
        .contains("\"status\":200", "\"complete\":true");
  }

  @Test
  void theLogTellsWhoWasNotAnsweredWhole() throws Exception {
    assertThat(ask(behindProxy, "/too-short?json2").complete()).isFalse();
    assertThat(logged("json.log", "json2"))
        .singleElement()
        .asString()
        .contains("\"complete\":false");
    ask(behindProxy, "/environ?json3", "X-Forwarded-For: 192.0.2.9", "X-Request-ID: id-3");
    assertThat(logged("json.log", "json3"))
        .singleElement()
        .asString()
        .contains("\"192.0.2.9\"", "\"id\":\"id-3\"");
  }

  /** A file that the system sends is not sent because it was given to it. */
  @Test
  void theLogTellsHowMuchOfAFileWasSent() throws Exception {
    Path large = folder.resolve("site/large.bin");
    try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
      file.setLength(200_000_000);
    }
    try (Connection connection = behindProxy.connect()) {
      connection.get("/static/large.bin?cut").readHead();
      connection.reset();
    }
    String line = logged("json.log", "large.bin?cut").getFirst();
    assertThat(line).contains("\"complete\":false").doesNotContain("\"bytes\":200000000");
  }

  @Test
  void aFormatOfOnesOwnIsFollowed() throws Exception {
    Path log = folder.resolve("own.log");
    try (Server server =
        Server.of("http_app:app")
            .options("--access-log", log.toString())
            .options("--access-log-format", "%(m)s|%(U)s|%(q)s|%(s)s|%({x-a}i)s|%(X)s|%%")
            .start()) {
      ask(server, "/which?n=1", "X-A: 1|\"2");
      try (Connection connection = server.connect()) {
        connection.request("HEAD / HTTP/1.1").readHead();
      }
      server.stopCleanly();
    }
    assertThat(Files.readAllLines(log))
        .containsExactly("GET|/which|n=1|200|1|\\x222|-|%", "HEAD|/||200|-|-|%");
  }

  // Admin pages

  @ParameterizedTest
  @CsvSource({
    "GET /-/live, 200, live",
    "GET /-/ready, 200, ready",
    "GET /-/metrics, 200, sluice_connections",
    "GET /metrics, 200, sluice_queue_depth",
    "GET /metrics?x=1, 200, process_resident_memory_bytes",
    "GET /, 404, not found",
    "GET /single, 404, not found",
    "GET /-/live/, 404, not found",
    "POST /-/live, 405, GET and HEAD only",
  })
  void theAdminAddressHasItsPagesAndNothingElse(String request, int status, String text) {
    try (Connection connection = Connection.to(alone.adminPort())) {
      Response response = connection.request(request + " HTTP/1.1").read();
      assertThat(response.status()).isEqualTo(status);
      assertThat(response.text()).contains(text);
      assertThat(response.header("Cache-Control")).isEqualTo("no-store");
    }
  }

  @Test
  void thePublicAddressHasNoneOfThem() {
    for (String path : List.of("/-/live", "/-/ready", "/metrics")) {
      assertThat(ask(alone, path).text()).as(path).contains("PATH_INFO");
    }
  }

  @Test
  void theMetricsCountRequests() throws InterruptedException {
    ask(alone, "/single");
    for (int n = 0; n < 100; n++) {
      try (Connection connection = Connection.to(alone.adminPort())) {
        String text = connection.get("/metrics").read().text();
        if (text.contains("sluice_requests_total")) {
          assertThat(text).containsPattern("sluice_requests_total\\{[^}]*\\} [1-9]");
          return;
        }
      }
      Thread.sleep(20);
    }
    throw new AssertionError("no request was counted");
  }
}
