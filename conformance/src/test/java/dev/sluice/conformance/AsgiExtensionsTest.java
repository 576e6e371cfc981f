package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Certificates;
import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Gate;
import dev.sluice.conformance.harness.Limits;
import dev.sluice.conformance.harness.OtherwiseInUvicorn;
import dev.sluice.conformance.harness.Response;
import dev.sluice.conformance.harness.Response.Framing;
import dev.sluice.conformance.harness.Response.Header;
import dev.sluice.conformance.harness.Server;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The extensions of ASGI's specification, over HTTP/1.1, and over HTTP/2 with TLS. */
@OtherwiseInUvicorn("has none of them")
class AsgiExtensionsTest {
  private static final String FILE =
      IntStream.range(0, 100_000).mapToObj("%07d\n"::formatted).collect(Collectors.joining());

  @TempDir private static Path folder;
  private static Certificates certificates;
  private static Server server;
  private static Server secure;

  @BeforeAll
  static void serve() {
    certificates = new Certificates(folder);
    certificates.issue("site");
    certificates.issue("client");
    server = Server.asgi("extensions_app:app").start();
    secure =
        Server.asgi("extensions_app:app")
            .options("--certfile", certificates.certificate("site").toString())
            .options("--keyfile", certificates.key("site").toString())
            .options("--client-ca", certificates.certificate("ca").toString())
            .start();
  }

  @AfterAll
  static void stop() {
    assertThat(server.stopCleanly()).doesNotContain("\tat ");
    assertThat(secure.stopCleanly()).doesNotContain("Traceback", "\tat ");
  }

  @Test
  void areAnnounced() {
    assertThat(server.ask("/names").text().split(" "))
        .contains(
            "http.response.early_hint",
            "http.response.pathsend",
            "http.response.trailers",
            "http.response.zerocopysend")
        .doesNotContain("tls", "http.response.push");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/path", "/path_with_length"})
  void aPathIsSent(String target) {
    try (Connection connection = server.connect()) {
      Response response = connection.get(target).read();
      response.expectWhole(FILE);
      assertThat(response.header("Content-Type")).startsWith("text/plain");
      connection.get("/alive").read().expectWhole("alive");
    }
  }

  @Test
  void theAnswerToHeadIsWithoutTheFile() {
    try (Connection connection = server.connect()) {
      connection.request("HEAD /path_with_length HTTP/1.1");
      assertThat(connection.readHead().header("Content-Length")).isEqualTo("800000");
      connection.get("/alive").read().expectWhole("alive");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/no/such/file", "/", "relative"})
  void aPathThatIsNoFileIsAnError(String path) {
    int before = server.child().stderr().lines().size();
    Response response = server.ask("/path?path=" + path);
    assertThat(response.status() == 500 || !response.complete()).as(response.toString()).isTrue();
    server.child().stderr().awaitAfter(before, line -> line.contains("Error"));
  }

  @Test
  void aPathIsTheWholeBody() {
    server.ask("/path_and_body").expectWhole(FILE);
    assertThat(server.ask("/raised").text()).isEqualTo("RuntimeError");
  }

  @Test
  void aClientThatLeavesAFileIsNoBurden() {
    try (Gate gate = new Gate()) {
      try (Connection connection = server.connect()) {
        connection.get("/slow_path?gate=" + gate.port());
        assertThat(gate.heard()).isEqualTo("in");
        assertThat(connection.skim(1000)).isPositive();
      }
      assertThat(gate.heard()).isEqualTo("out");
    }
  }

  @Test
  void partsOfFilesAreSentBetweenOthers() {
    server.ask("/zero_copy").expectWhole("begin|0000001\n0000002\n|0099999\n|end");
  }

  @Test
  void aWholeFileIsSentUntilItsEnd() {
    try (Connection connection = server.connect()) {
      connection.get("/zero_copy_whole").read().expectWhole(FILE);
      connection.get("/alive").read().expectWhole("alive");
    }
  }

  @Test
  void hintsComeAheadOfTheAnswer() {
    try (Connection connection = server.connect()) {
      Response hints = connection.get("/hints").read();
      assertThat(hints.status()).isEqualTo(103);
      assertThat(String.join(", ", hints.all("Link")))
          .isEqualTo("</style.css>; rel=preload; as=style, </app.js>; rel=preload");
      connection.read().expectWhole("hinted");
    }
  }

  @Test
  void trailersComeBehindTheBody() {
    try (Connection connection = server.connect()) {
      Response response = connection.request("GET /trailers HTTP/1.1", "TE: trailers").read();
      response.expectWhole("some text");
      assertThat(response.framing()).isEqualTo(Framing.CHUNKED);
      assertThat(connection.trailers())
          .containsExactly(new Header("x-sum", "9"), new Header("x-end", "yes"));
      connection.get("/alive").read().expectWhole("alive");
    }
  }

  @Test
  void whoCannotReadTrailersGetsNone() {
    try (Connection connection = server.connect()) {
      connection.send("GET /trailers HTTP/1.0\r\n\r\n").read().expectWhole("some text");
      assertThat(connection.trailers()).isEmpty();
    }
  }

  // TLS and HTTP/2

  private static HttpClient client(HttpClient.Version version) {
    return HttpClient.newBuilder()
        .sslContext(certificates.client("client"))
        .version(version)
        .build();
  }

  private static HttpRequest secureRequest(String path) {
    var uri = URI.create("https://localhost:" + secure.port() + path);
    return HttpRequest.newBuilder(uri).timeout(Limits.START).build();
  }

  @Test
  void tlsIsTold() throws Exception {
    try (HttpClient client = client(HttpClient.Version.HTTP_1_1)) {
      String told = client.send(secureRequest("/tls"), BodyHandlers.ofString()).body();
      assertThat(told.lines())
          .contains("scheme\thttps", "tls_version\t772", "client_cert_error\tNone")
          .anyMatch(line -> line.startsWith("server_cert\t'-----BEGIN CERTIFICATE-----"))
          .anyMatch(line -> line.startsWith("client_cert_chain\t['-----BEGIN CERTIFICATE-----"))
          .anyMatch(line -> line.matches("client_cert_name\t'.*CN=client.*'"))
          .anyMatch(line -> line.matches("cipher_suite\t(4865|4866|4867)"));
    }
    assertThat(server.ask("/tls").text()).isEqualTo("none");
  }

  @Test
  void http2IsTold() throws Exception {
    try (HttpClient client = client(HttpClient.Version.HTTP_2)) {
      HttpResponse<String> answer = client.send(secureRequest("/path"), BodyHandlers.ofString());
      assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
      assertThat(answer.body()).isEqualTo(FILE);
    }
  }

  @Disabled("not offered: docs/decisions/0012-loop.md")
  @Test
  void whatIsPushedIsARequestOfItsOwn() throws Exception {
    var pushed = new ConcurrentHashMap<HttpRequest, CompletableFuture<HttpResponse<String>>>();
    PushPromiseHandler<String> handler =
        PushPromiseHandler.of(request -> BodyHandlers.ofString(), pushed);
    try (HttpClient client = client(HttpClient.Version.HTTP_2)) {
      var answer = client.sendAsync(secureRequest("/pushes"), BodyHandlers.ofString(), handler);
      assertThat(answer.get().body()).isEqualTo("pushing");
      assertThat(pushed).hasSize(1);
      HttpResponse<String> other = pushed.values().iterator().next().get();
      assertThat(other.uri().getPath()).isEqualTo("/pushed");
      assertThat(other.body()).isEqualTo("GET b'yes'");
    }
  }
}
