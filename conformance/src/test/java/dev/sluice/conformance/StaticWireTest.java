package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Response;
import dev.sluice.conformance.harness.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** --static over the wire; what is in it case by case, the tests of server/ know. */
class StaticWireTest {
  private static final String TEXT = "0123456789".repeat(100);

  @TempDir private static Path folder;
  private static Server server;

  @BeforeAll
  static void serve() throws IOException {
    Path site = folder.resolve("site");
    Files.createDirectories(site.resolve("sub"));
    Files.writeString(site.resolve("a.txt"), TEXT);
    Files.writeString(site.resolve("index.html"), "<p>index");
    Files.writeString(site.resolve("sub/index.html"), "<p>sub");
    Files.writeString(site.resolve("app.3f2a9c1d.js"), "go()");
    Files.write(site.resolve("large.bin"), new byte[5_000_000]);
    Files.writeString(site.resolve("packed.css"), "plain");
    Files.writeString(site.resolve("packed.css.br"), "br");
    Files.writeString(site.resolve(".env"), "secret");
    Files.writeString(folder.resolve("secret.txt"), "secret");
    Files.createSymbolicLink(site.resolve("link.txt"), folder.resolve("secret.txt"));
    server = Server.start("http_app:app", "--static", "/files=" + site);
  }

  @AfterAll
  static void stop() {
    server.close();
    assertThat(server.log()).doesNotContain("Traceback", "\tat ");
  }

  private static Response ask(String path, String... headers) {
    try (Connection connection = server.connect()) {
      return connection.request("GET " + path + " HTTP/1.1", headers).read();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/files/a.txt, text/plain; charset=utf-8, no-cache",
    "/files/, text/html; charset=utf-8, no-cache",
    "/files/sub/, text/html; charset=utf-8, no-cache",
    "/files/app.3f2a9c1d.js, text/javascript; charset=utf-8, immutable",
    "/files/%61.txt?v=1, text/plain; charset=utf-8, no-cache",
  })
  void aFileIsAnsweredWithItsTypeAndRule(String path, String type, String rule) {
    Response response = ask(path);
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.header("Content-Type")).isEqualTo(type);
    assertThat(response.header("Cache-Control")).contains(rule);
    assertThat(response.header("ETag")).matches("\"[0-9a-f]+\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/files/../secret.txt",
        "/files/%2e%2e/secret.txt",
        "/files/sub/..%2f..%2fsecret.txt",
        "/files/..%5csecret.txt",
        "/files//etc/passwd",
        "/files/%00a.txt",
        "/files/a.txt%00",
        "/files/a.txt/",
        "/files/.env",
        "/files/link.txt",
        "/files/none.txt",
      })
  void nothingElseIsAnswered(String path) {
    Response response = ask(path);
    assertThat(response.status()).isIn(400, 403, 404);
    assertThat(response.text()).doesNotContain("secret\n", "root:").isNotEqualTo("secret");
  }

  @Test
  void aFolderIsRedirectedToItsSlash() {
    Response response = ask("/files/sub");
    assertThat(response.status()).isEqualTo(301);
    assertThat(response.header("Location")).isEqualTo("/files/sub/");
  }

  @Test
  void whatIsKnownIsNotSentAgain() {
    Response first = ask("/files/a.txt");
    Response again = ask("/files/a.txt", "If-None-Match: " + first.header("ETag"));
    assertThat(again.status()).isEqualTo(304);
    assertThat(again.header("ETag")).isEqualTo(first.header("ETag"));
    again = ask("/files/a.txt", "If-Modified-Since: " + first.header("Last-Modified"));
    assertThat(again.status()).isEqualTo(304);
    assertThat(ask("/files/a.txt", "If-Match: \"other\"").status()).isEqualTo(412);
  }

  @ParameterizedTest
  @CsvSource({
    "bytes=0-9, bytes 0-9/1000, 10",
    "bytes=990-, bytes 990-999/1000, 10",
    "bytes=-5, bytes 995-999/1000, 5",
    "bytes=998-2000, bytes 998-999/1000, 2",
  })
  void aRangeIsAsLongAsItSays(String range, String told, int length) {
    Response response = ask("/files/a.txt", "Range: " + range);
    assertThat(response.status()).isEqualTo(206);
    assertThat(response.header("Content-Range")).isEqualTo(told);
    assertThat(response.header("Content-Length")).isEqualTo(Integer.toString(length));
    assertThat(response.text()).hasSize(length);
  }

  @Test
  void severalRangesComeInParts() {
    Response response = ask("/files/a.txt", "Range: bytes=0-1,5-6");
    assertThat(response.status()).isEqualTo(206);
    assertThat(response.header("Content-Type")).startsWith("multipart/byteranges; boundary=");
    assertThat(response.text()).contains("bytes 0-1/1000", "bytes 5-6/1000");
    assertThat(response.complete()).isTrue();
  }

  @Test
  void aRangeThatIsNotThereIsTold() {
    Response response = ask("/files/a.txt", "Range: bytes=1000-");
    assertThat(response.status()).isEqualTo(416);
    assertThat(response.header("Content-Range")).isEqualTo("bytes */1000");
  }

  /** Starlette's CVE-2025-62727: however many ranges are asked for, it takes no time. */
  @Test
  void manyRangesTakeNoTime() {
    String ranges = "Range: bytes=" + "0-1,".repeat(15_000) + "5-6";
    long start = System.nanoTime();
    for (int n = 0; n < 10; n++) {
      assertThat(ask("/files/a.txt", ranges).status()).isIn(200, 206, 416);
    }
    assertThat((System.nanoTime() - start) / 1e9).as("seconds").isLessThan(5);
  }

  @Test
  void aPackedSiblingIsSentToWhoTakesIt() {
    Response response = ask("/files/packed.css", "Accept-Encoding: gzip, br");
    assertThat(response.header("Content-Encoding")).isEqualTo("br");
    assertThat(response.text()).isEqualTo("br");
    assertThat(response.header("Vary")).containsIgnoringCase("Accept-Encoding");
    assertThat(ask("/files/packed.css").text()).isEqualTo("plain");
  }

  @Test
  void aLargeFileIsSentBySystemAndTheConnectionKept() {
    try (Connection connection = server.connect()) {
      assertThat(connection.get("/files/large.bin").read().text()).hasSize(5_000_000);
      Response head = connection.request("HEAD /files/large.bin HTTP/1.1").readHead();
      assertThat(head.header("Content-Length")).isEqualTo("5000000");
      assertThat(connection.get("/").read().text()).isEqualTo("Hello, World!");
    }
  }

  /** Names that clients invent fill a table; those that files look for must not depend on it. */
  @Test
  void inventedHeadersSpoilNoCondition() {
    try (Server own = Server.start("http_app:app", "--static", "/files=" + folder.resolve("site"));
        Connection connection = own.connect()) {
      for (int round = 0; round < 12; round++) {
        String[] headers = new String[110];
        for (int n = 0; n < headers.length; n++) {
          headers[n] = "X-Invented-%d-%d: 1".formatted(round, n);
        }
        assertThat(connection.request("GET / HTTP/1.1", headers).read().status()).isEqualTo(200);
      }
      String tag = connection.get("/files/a.txt").read().header("ETag");
      connection.request("GET /files/a.txt HTTP/1.1", "If-None-Match: " + tag);
      assertThat(connection.read().status()).isEqualTo(304);
      connection.request("GET /files/a.txt HTTP/1.1", "Range: bytes=0-1");
      assertThat(connection.read().status()).isEqualTo(206);
    }
  }

  @Test
  void onlyGetAndHeadAreUnderstoodThere() {
    try (Connection connection = server.connect()) {
      connection.request("POST /files/a.txt HTTP/1.1", "Content-Length: 2").send("hi");
      Response response = connection.read();
      assertThat(response.status()).isEqualTo(405);
      assertThat(response.header("Allow")).contains("GET", "HEAD");
      assertThat(connection.get("/").read().text()).isEqualTo("Hello, World!");
    }
  }

  @Test
  void whatIsNotBelowThePrefixIsTheApplications() {
    assertThat(ask("/path/files/a.txt").text()).isEqualTo("/path/files/a.txt");
    assertThat(ask("/filesystem").status()).isEqualTo(404);
    assertThat(ask("/").text()).isEqualTo("Hello, World!");
  }
}
