package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.conformance.harness.Browser;
import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Gate;
import dev.sluice.conformance.harness.Project;
import dev.sluice.conformance.harness.Response;
import dev.sluice.conformance.harness.ServedPython;
import dev.sluice.conformance.harness.Server;
import dev.sluice.conformance.harness.WebSocketClient;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The same application in five frameworks, on the embedded Python and in environments. */
@Tag("slow")
@SuppressWarnings("NullAway.Init") // static fields are set before each parameterized run
@ParameterizedClass(name = "{0} on {1}")
@MethodSource("frameworksAndPythons")
class AsgiFrameworksTest {
  /** What differs between them. */
  enum Framework {
    STARLETTE(true, false, 401),
    FASTAPI(true, true, 401),
    DJANGO(false, false, 403),
    QUART(true, false, 401),
    LITESTAR(true, true, 403);

    private final boolean lifespan;
    private final boolean injects;
    private final int denial;

    Framework(boolean lifespan, boolean injects, int denial) {
      this.lifespan = lifespan;
      this.injects = injects;
      this.denial = denial;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static Server server;
  private static Path note;

  private final Framework framework;

  AsgiFrameworksTest(Framework framework, ServedPython python) {
    this.framework = framework;
    assertThat(server.banner()).contains(framework + "_app:app (ASGI) on CPython");
    assertThat(python).isNotNull();
  }

  static Stream<Arguments> frameworksAndPythons() {
    return ServedPython.ofTierForAsgi().stream()
        .flatMap(python ->
            Stream.of(Framework.values()).map(framework -> Arguments.of(framework, python)));
  }

  @BeforeParameterizedClassInvocation
  static void serve(Framework framework, ServedPython python) throws IOException {
    note = Files.createTempDirectory(Project.TARGET, "lifespan").resolve("note");
    server =
        Server.asgi(framework + "_app:app")
            .options(python.options())
            .environment("LIFESPAN_FILE", note.toString())
            .start();
  }

  @AfterParameterizedClassInvocation
  static void stop(Framework framework) throws IOException {
    assertThat(server.stopCleanly()).doesNotContain("\tat ");
    assertThat(Files.exists(note)).as("a lifespan").isEqualTo(framework.lifespan);
    if (framework.lifespan) {
      assertThat(Files.readString(note)).isEqualTo(framework + " has stopped");
    }
  }

  // HTTP

  @Test
  void saysHello() {
    HttpResponse<String> answer = server.get("/");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("hello from " + framework);
    assertThat(answer.headers().firstValue("Content-Type").orElse("")).startsWith("text/plain");
  }

  @Test
  void answersHeadWithoutABody() {
    try (Connection connection = server.connect()) {
      assertThat(connection.request("HEAD / HTTP/1.1").readHead().status()).isEqualTo(200);
      assertThat(connection.get("/").read().text()).isEqualTo("hello from " + framework);
    }
  }

  @Test
  void takesAForm() {
    try (Browser browser = new Browser(server)) {
      var answer = browser.submit("/form", Map.of("name", "Zo\u00eb", "message", "\u20ac & co"));
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body().replace("\\u00eb", "\u00eb").replace("\\u20ac", "\u20ac"))
          .contains("Zo\u00eb", "\u20ac & co");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1000, 5_000_000})
  void takesAnUpload(int size) throws NoSuchAlgorithmException {
    byte[] file = random(size);
    String head =
        String.join(
            "\r\n",
            "--edge",
            "Content-Disposition: form-data; name=\"note\"",
            "",
            "a note",
            "--edge",
            "Content-Disposition: form-data; name=\"file\"; filename=\"random.bin\"",
            "Content-Type: application/octet-stream",
            "",
            "");
    var body =
        BodyPublishers.concat(
            BodyPublishers.ofString(head),
            BodyPublishers.ofByteArray(file),
            BodyPublishers.ofString("\r\n--edge--\r\n"));
    var answer =
        server.send(
            HttpRequest.newBuilder(server.uri("/upload"))
                .header("Content-Type", "multipart/form-data; boundary=edge")
                .POST(body));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(compact(answer))
        .contains("\"note\":\"anote\"", "\"name\":\"random.bin\"", "\"size\":" + size)
        .contains(sha256(file));
  }

  @Test
  void takesABodyInChunks() throws NoSuchAlgorithmException {
    byte[] file = random(5_000_000);
    var answer =
        server.send(
            HttpRequest.newBuilder(server.uri("/raw"))
                .header("Content-Type", "application/octet-stream")
                .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(file))));
    assertThat(compact(answer)).contains("\"size\":5000000", sha256(file));
  }

  private static String compact(HttpResponse<String> json) {
    return json.body().replace(" ", "");
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(6).nextBytes(bytes);
    return bytes;
  }

  private static String sha256(byte[] bytes) throws NoSuchAlgorithmException {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  @Test
  void streamsAnAnswer() {
    Response response = server.ask("/stream?count=5000");
    assertThat(response.complete()).isTrue();
    assertThat(response.header("Content-Type")).startsWith("text/csv");
    List<String> lines = response.text().lines().toList();
    assertThat(lines).hasSize(5000);
    assertThat(lines.getLast()).isEqualTo("4999,24990001");
  }

  @Test
  void sendsEventsAsTheyHappen() throws Exception {
    try (Gate gate = new Gate();
        HttpClient client = HttpClient.newHttpClient()) {
      var request = HttpRequest.newBuilder(server.uri("/events?gate=" + gate.port())).build();
      var answer = client.send(request, BodyHandlers.ofInputStream());
      assertThat(answer.headers().firstValue("Content-Type").orElse(""))
          .startsWith("text/event-stream");
      try (var reader =
          new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
        assertThat(reader.readLine()).isEqualTo("data: one");
        gate.await().close();
        assertThat(reader.readLine()).isEmpty();
        assertThat(reader.readLine()).isEqualTo("data: two");
      }
    }
  }

  @Test
  void worksOnBehindTheAnswer() {
    try (Gate gate = new Gate()) {
      assertThat(server.post("/background?gate=" + gate.port(), "").body()).isEqualTo("accepted");
      try (Gate.Visitor visitor = gate.await()) {
        assertThat(visitor.text()).isEqualTo("working");
        assertThat(server.get("/").statusCode()).isEqualTo(200);
      }
      assertThat(gate.heard()).isEqualTo("done");
    }
  }

  @Test
  void seesWhatStartupHasLeft() {
    assumeTrue(framework.lifespan);
    assertThat(server.get("/state").body()).isEqualTo("started");
  }

  @Test
  void keepsCookies() {
    try (Browser browser = new Browser(server);
        Browser other = new Browser(server)) {
      assertThat(browser.get("/cookie").body()).isEqualTo("visit 1");
      var second = browser.get("/cookie");
      assertThat(second.body()).isEqualTo("visit 2");
      assertThat(second.headers().firstValue("Set-Cookie").orElse(""))
          .startsWith("visits=2;")
          .contains("HttpOnly");
      assertThat(other.get("/cookie").body()).isEqualTo("visit 1");
    }
  }

  @Test
  void redirects() {
    var answer = server.get("/redirect");
    assertThat(answer.statusCode()).isIn(302, 303);
    assertThat(answer.headers().firstValue("Location")).contains("/");
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    assertThat(server.get("/nothing").statusCode()).isEqualTo(404);
  }

  @Test
  void logsWhatAViewRaises() {
    int before = server.child().stderr().lines().size();
    var answer = server.get("/fails");
    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.body()).doesNotContain("DeliberateError");
    server
        .child()
        .stderr()
        .awaitAfter(before, line -> line.endsWith("DeliberateError: in " + framework));
    assertThat(server.get("/").statusCode()).isEqualTo(200);
  }

  @Test
  void injects() {
    assumeTrue(framework.injects);
    try (Gate gate = new Gate()) {
      assertThat(server.get("/injected?gate=" + gate.port()).body())
          .isEqualTo("injected async and sync");
      assertThat(gate.heard()).isEqualTo("released");
    }
  }

  @Test
  void checksModels() {
    assumeTrue(framework.injects);
    var answer = postJson("{\"name\": \"\u20ac\", \"price\": 1.5, \"count\": 2}");
    assertThat(answer.statusCode()).isEqualTo(201);
    assertThat(answer.body()).isEqualTo("{\"name\":\"\u20ac\",\"total\":3.0}");
    for (String wrong : List.of("{\"name\": \"a\"}", "{\"name\": \"\", \"price\": 1}", "{")) {
      assertThat(postJson(wrong).statusCode()).as(wrong).isIn(400, 422);
    }
  }

  private static HttpResponse<String> postJson(String json) {
    return server.send(
        HttpRequest.newBuilder(server.uri("/item"))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json)));
  }

  @Test
  void keepsNotesInItsDatabase() {
    assumeTrue(framework == Framework.DJANGO);
    assertThat(server.get("/notes?text=one").body()).isEqualTo("{\"notes\": [\"one\"]}");
    assertThat(server.get("/notes?text=two").body()).isEqualTo("{\"notes\": [\"one\", \"two\"]}");
    assertThat(server.get("/sync-notes").body())
        .contains("\"notes\": [\"one\", \"two\"]", "\"loop\": false");
  }

  // WebSockets

  private static WebSocketClient open(String path) {
    return WebSocketClient.open(server, path);
  }

  @Test
  void echoesText() {
    try (WebSocketClient socket = open("/ws/text")) {
      assertThat(socket.send("Zo\u00eb").next()).isEqualTo("text echo: Zo\u00eb");
      assertThat(socket.send("again").next()).isEqualTo("text echo: again");
      assertThat(socket.close(1000, "").next()).isEqualTo("close 1000");
    }
  }

  @Test
  void turnsBytesRound() {
    try (WebSocketClient socket = open("/ws/bytes")) {
      assertThat(socket.send(new byte[] {1, 2, (byte) 0xff}).next()).isEqualTo("bytes ff0201");
      assertThat(socket.send(new byte[300_000]).next()).isEqualTo("bytes 300000");
    }
  }

  @Test
  void speaksJson() {
    try (WebSocketClient socket = open("/ws/json")) {
      assertThat(socket.send("{\"a\": [1, null]}").next().replace(" ", ""))
          .isEqualTo("text{\"got\":{\"a\":[1,null]}}");
    }
  }

  @Test
  void closesWithItsCode() {
    try (WebSocketClient socket = open("/ws/close")) {
      assertThat(socket.next()).isEqualTo("close 4001 no more");
    }
  }

  @Test
  void hearsOfTheClientsEnd() {
    try (Gate gate = new Gate();
        WebSocketClient socket = open("/ws/ends?gate=" + gate.port())) {
      socket.close(4321, "enough");
      assertThat(gate.heard()).isEqualTo(framework == Framework.QUART ? "cancelled" : "4321");
    }
  }

  @Test
  void deniesAWebSocket() {
    assertThat(WebSocketClient.denied(server, "/ws/deny")).isEqualTo(framework.denial);
    assertThat(WebSocketClient.denied(server, "/ws/nowhere")).isIn(403, 404, 500);
  }
}
