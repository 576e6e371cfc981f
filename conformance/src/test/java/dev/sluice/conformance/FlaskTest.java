package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Browser;
import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Project;
import dev.sluice.conformance.harness.Response;
import dev.sluice.conformance.harness.Response.Framing;
import dev.sluice.conformance.harness.ServedPython;
import dev.sluice.conformance.harness.Server;
import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The Flask application of examples/, on the embedded Python and in virtual environments. */
@Tag("slow")
@SuppressWarnings("NullAway.Init") // static fields are set before each parameterized run
@ParameterizedClass(name = "{0}")
@MethodSource("dev.sluice.conformance.harness.ServedPython#ofTierAndMicrothreads")
class FlaskTest {
  private static Server server;

  private final ServedPython python;

  FlaskTest(ServedPython python) {
    this.python = python;
  }

  @BeforeParameterizedClassInvocation
  static void serve(ServedPython python) {
    server =
        Server.of("guestbook:app")
            .appDir(Project.EXAMPLES.resolve("flask"))
            .options(python.options())
            .environment("GUESTBOOK_SECRET", "a test")
            .start();
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    assertThat(server.stopCleanly()).doesNotContain("Traceback", "Exception", "\tat ");
  }

  @Test
  void theBannerSaysWhichPython() {
    assertThat(server.banner())
        .contains("serves guestbook:app " + python.servedPart() + python.bannerPart());
  }

  @Test
  void aTemplateIsRendered() {
    var page = server.get("/");
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("Content-Type")).contains("text/html; charset=utf-8");
    assertThat(page.body()).contains("<h1>Guest book</h1>", "action=\"/sign\"");
  }

  @Test
  void aFormIsTakenAndASessionRemembersWhoSentIt() {
    try (Browser browser = new Browser(server);
        Browser other = new Browser(server)) {
      var answer =
          browser.submit("/sign", Map.of("name", "Zo\u00eb", "message", "<b>\u20ac</b> & co"));
      assertThat(answer.statusCode()).isEqualTo(302);
      assertThat(answer.headers().firstValue("Location")).contains("/");
      assertThat(answer.headers().firstValue("Set-Cookie").orElse(""))
          .startsWith("session=")
          .contains("HttpOnly");
      assertThat(browser.get("/").body())
          .contains("Welcome back, Zo\u00eb.")
          .contains("<b>Zo\u00eb</b>: &lt;b&gt;\u20ac&lt;/b&gt; &amp; co");
      assertThat(other.get("/").body()).contains("<b>Zo\u00eb</b>").doesNotContain("Welcome back");
    }
  }

  @Test
  void tenMegabytesAreUploadedByAForm() throws Exception {
    byte[] file = random();
    String head =
        String.join(
            "\r\n",
            "--boundary",
            "Content-Disposition: form-data; name=\"file\"; filename=\"random.bin\"",
            "Content-Type: application/octet-stream",
            "",
            "");
    var body =
        BodyPublishers.concat(
            BodyPublishers.ofString(head),
            BodyPublishers.ofByteArray(file),
            BodyPublishers.ofString("\r\n--boundary--\r\n"));
    var answer =
        server.send(
            HttpRequest.newBuilder(server.uri("/upload"))
                .header("Content-Type", "multipart/form-data; boundary=boundary")
                .POST(body));
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body())
        .contains("\"name\":\"random.bin\"", "\"size\":" + file.length, sha256(file));
  }

  @Test
  void tenMegabytesAreUploadedInChunks() throws Exception {
    byte[] file = random();
    var answer =
        server.send(
            HttpRequest.newBuilder(server.uri("/upload"))
                .header("Content-Type", "application/octet-stream")
                .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(file))));
    assertThat(answer.body()).contains("\"size\":" + file.length, sha256(file));
  }

  private static byte[] random() {
    byte[] bytes = new byte[10 * 1024 * 1024];
    new Random(5).nextBytes(bytes);
    return bytes;
  }

  private static String sha256(byte[] bytes) throws NoSuchAlgorithmException {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  @Test
  void aDownloadIsStreamed() {
    try (Connection connection = server.connect()) {
      Response response = connection.get("/numbers.csv?count=100000").read();
      assertThat(response.framing()).isEqualTo(Framing.CHUNKED);
      assertThat(response.complete()).isTrue();
      assertThat(response.header("Content-Disposition"))
          .isEqualTo("attachment; filename=numbers.csv");
      List<String> lines = response.text().lines().toList();
      assertThat(lines).hasSize(100_001);
      assertThat(lines.getLast()).isEqualTo("99999,9999800001");
    }
  }

  @Test
  void whatFlaskRefusesPassesThrough() {
    assertThat(server.get("/nothing").statusCode()).isEqualTo(404);
    assertThat(server.get("/sign").statusCode()).isEqualTo(405);
    var incomplete =
        server.send(
            HttpRequest.newBuilder(server.uri("/sign"))
                .POST(BodyPublishers.ofString("", StandardCharsets.UTF_8)));
    assertThat(incomplete.statusCode()).isEqualTo(400);
  }
}
