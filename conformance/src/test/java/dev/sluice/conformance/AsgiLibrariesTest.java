package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.sluice.conformance.harness.ServedPython;
import dev.sluice.conformance.harness.Server;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Views that use what asyncio has, and aiosqlite, httpx and anyio. */
@Tag("slow")
@SuppressWarnings("NullAway.Init") // static fields are set before each parameterized run
@ParameterizedClass(name = "{0}")
@MethodSource("dev.sluice.conformance.harness.ServedPython#ofTierForAsgi")
class AsgiLibrariesTest {
  private static Server server;
  private static HttpServer other;

  AsgiLibrariesTest(ServedPython python) {
    assertThat(python).isNotNull();
  }

  @BeforeParameterizedClassInvocation
  static void serve(ServedPython python) throws IOException {
    server = Server.asgi("libraries_app:app").options(python.options()).start();
    other = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    other.createContext(
        "/",
        exchange -> {
          byte[] answer = new byte[1_000_000];
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    other.start();
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    other.stop(0);
    assertThat(server.stopCleanly()).doesNotContain("Traceback", "\tat ");
  }

  private static String get(String path) {
    HttpResponse<String> answer = server.send(HttpRequest.newBuilder(server.uri(path)));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer.body();
  }

  private static String own(String path) {
    return URLEncoder.encode(server.uri(path).toString(), StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /thread         | [True, True, True, True]
          /group          | [1, 2, 3, 0] True
          /process        | 130000 FROM A CHILD 3
          /serves         | hello world
          /times          | True fired
          /runs_elsewhere | another loop
          /python         | 42
          """)
  void asynciosMeansWork(String path, String answer) {
    assertThat(get(path).strip()).isEqualTo(answer);
  }

  @Test
  void aSyncViewRunsOnAThread() {
    assertThat(get("/sync_view")).isNotEmpty().isNotEqualTo("MainThread");
  }

  @Test
  void aDatabaseIsReadAndWritten() {
    assertThat(get("/sqlite?name=one")).isEqualTo("[\"one\"]");
    assertThat(get("/sqlite?name=two")).isEqualTo("[\"one\",\"two\"]");
  }

  @Test
  void aViewCallsAnotherOneOfItsOwnServer() {
    assertThat(get("/calls?url=" + own("/number?n=called"))).isEqualTo("called");
    assertThat(get("/connects?port=" + server.port())).isEqualTo("by-hand");
  }

  @Test
  void aViewCallsManyAtOnce() {
    assertThat(get("/calls_many?url=" + own("/number")))
        .isEqualTo(
            IntStream.range(0, 20).mapToObj(Integer::toString).collect(Collectors.joining(" ")));
  }

  @Test
  void aViewCallsAnotherServer() {
    String url = "http://127.0.0.1:" + other.getAddress().getPort() + "/";
    assertThat(get("/streams_from?url=" + URLEncoder.encode(url, StandardCharsets.UTF_8)))
        .isEqualTo("1000000");
  }

  @Test
  void aFileIsSent() {
    String body = get("/file");
    assertThat(body.lines()).hasSize(100_000).endsWith("99999");
    HttpResponse<String> part =
        server.send(HttpRequest.newBuilder(server.uri("/file")).header("Range", "bytes=0-3,10-11"));
    assertThat(part.statusCode()).isEqualTo(206);
    HttpResponse<String> first =
        server.send(HttpRequest.newBuilder(server.uri("/file")).header("Range", "bytes=2-5"));
    assertThat(first.body()).isEqualTo("1\n2\n");
  }

  @Test
  void manyAtOnceDoNotDisturbOneAnother() throws Exception {
    String[] paths = {"/thread", "/group", "/process", "/serves", "/times", "/file"};
    try (var threads = Executors.newFixedThreadPool(12)) {
      var done = new ArrayList<Future<String>>();
      for (int n = 0; n < 60; n++) {
        String path = paths[n % paths.length];
        done.add(threads.submit(() -> get(path)));
      }
      for (Future<String> each : done) {
        assertThat(each.get(60, TimeUnit.SECONDS)).isNotEmpty();
      }
    }
  }
}
