package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Environ;
import dev.sluice.conformance.harness.Response;
import dev.sluice.conformance.harness.Response.Framing;
import dev.sluice.conformance.harness.Server;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The streams of PEP 3333: wsgi.input, wsgi.errors and wsgi.file_wrapper, inside wsgiref's
 * validator and, for calls that it does not allow, outside.
 */
class WsgiStreamsTest {
  private static Server server;

  /** Reads of the input, and what they must give. */
  record Reads(String ops, List<List<String>> results) {}

  @BeforeAll
  static void serve() {
    server = Server.start("validator_apps:app");
  }

  @AfterAll
  static void stop() {
    server.close();
    assertThat(server.log()).doesNotContain("Traceback", "AssertionError", "Warning", "\tat ");
  }

  private static final String LINES = "first\nsecond line\n\nlast";

  private static List<List<String>> input(String app, String ops, String... request) {
    try (Connection connection = server.connect()) {
      String target = "POST /" + app + "?ops=" + ops + " HTTP/1.1";
      Response response = connection.request(target, request[0]).send(request[1]).read();
      assertThat(response.status()).as(response.toString()).isEqualTo(200);
      assertThat(connection.get("/single").read().text()).isEqualTo("just one");
      return Arrays.stream(response.text().split("\n", -1))
          .map(line -> Arrays.stream(line.split("\\|", -1)).map(Environ::decoded).toList())
          .toList();
    }
  }

  private static List<List<String>> input(String app, String ops) {
    var plain = input(app, ops, "Content-Length: " + LINES.length(), LINES);
    String chunks = "7\r\nfirst\ns\r\n9\r\necond lin\r\n7\r\ne\n\nlast\r\n0\r\n\r\n";
    assertThat(input(app, ops, "Transfer-Encoding: chunked", chunks))
        .as("a chunked body reads the same")
        .isEqualTo(plain);
    return plain;
  }

  static Stream<Reads> reads() {
    return Stream.of(
        new Reads("read:100", List.of(List.of(LINES))),
        new Reads("read:-1", List.of(List.of(LINES))),
        new Reads("read:3,read:0,read:5", List.of(List.of("fir"), List.of(""), List.of("st\nse"))),
        new Reads("read:100,read:100,readline", List.of(List.of(LINES), List.of(""), List.of(""))),
        new Reads(
            "readline,readline,readline,readline,readline",
            List.of(
                List.of("first\n"),
                List.of("second line\n"),
                List.of("\n"),
                List.of("last"),
                List.of(""))),
        new Reads(
            "readline:3,readline:100,readline:0,readline:-1",
            List.of(List.of("fir"), List.of("st\n"), List.of(""), List.of("second line\n"))),
        new Reads("readlines", List.of(List.of("first\n", "second line\n", "\n", "last"))),
        new Reads("iter", List.of(List.of("first\n", "second line\n", "\n", "last"))),
        new Reads(
            "next,read:4,iter",
            List.of(List.of("first\n"), List.of("seco"), List.of("nd line\n", "\n", "last"))),
        new Reads(
            "readline,readlines",
            List.of(List.of("first\n"), List.of("second line\n", "\n", "last"))));
  }

  @ParameterizedTest
  @MethodSource("reads")
  void theInputReadsAsAFile(Reads reads) {
    assertThat(input("input", reads.ops())).isEqualTo(reads.results());
    assertThat(input("raw-input", reads.ops())).isEqualTo(reads.results());
  }

  @Test
  void theInputReadsAsAFileWithoutArgumentsToo() {
    assertThat(input("raw-input", "read,read")).isEqualTo(List.of(List.of(LINES), List.of("")));
  }

  @Test
  void aHintEndsReadlinesEarlyAndNothingIsLost() {
    var parts = input("input", "readlines:7,readlines");
    assertThat(parts).hasSize(2);
    assertThat(parts.getFirst()).startsWith("first\n", "second line\n");
    assertThat(parts.stream().flatMap(List::stream).reduce("", String::concat)).isEqualTo(LINES);
  }

  @Test
  void noBodyIsAnEmptyInput() {
    assertThat(server.ask("/raw-input?ops=read,readline,readlines,iter").text())
        .isEqualTo("\n\n\n");
  }

  @Test
  void errorsGoToTheLog() {
    server.ask("/errors").expectWhole("");
    for (String line : List.of("written: caf\u00e9 \u20ac", "line one", "line two")) {
      server.child().stderr().await(line);
    }
  }

  @Test
  void aFileIsSentWithAndWithoutTheWrapper(@TempDir Path directory) throws IOException {
    byte[] content = new byte[300_001];
    new Random(3).nextBytes(content);
    String text = new String(content, StandardCharsets.ISO_8859_1);
    int opened = 0;
    Path file = Files.write(directory.resolve("file.bin"), content);
    for (String app : List.of("with-wrapper", "raw-wrapper", "without-wrapper")) {
      server.ask("/" + app + "?file=" + file).expectWhole(text);
      server.ask("/" + app + "?block=1&seek=1000&file=" + file).expectWhole(text.substring(1000));
      server.ask("/" + app + "?seek=400000&file=" + file).expectWhole("");
      opened += 3;
      assertThat(server.ask("/closed?name=" + file).text())
          .as(app)
          .isEqualTo(Integer.toString(opened));
    }
    for (String app : List.of("with-wrapper", "raw-wrapper")) {
      Response response = server.ask("/" + app + "?length=300001&file=" + file);
      response.expectWhole(text);
      assertThat(response.framing()).isEqualTo(Framing.LENGTH);
    }
  }

  @Test
  void whatIsOnlyLikeAFileIsSentByTheWrapperToo() {
    String content = "0123456789".repeat(1000);
    for (String app : List.of("with-wrapper", "raw-wrapper", "without-wrapper")) {
      server.ask("/" + app).expectWhole(content);
      server.ask("/" + app + "?seek=9995").expectWhole("56789");
    }
    assertThat(server.ask("/closed?name=bytes").text()).isEqualTo("6");
  }

  @Test
  void headOfAFileSendsNothingAndClosesIt(@TempDir Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("file.txt"), "text");
    try (Connection connection = server.connect()) {
      connection.request("HEAD /raw-wrapper?length=4&file=" + file + " HTTP/1.1");
      assertThat(connection.readHead().header("Content-Length")).isEqualTo("4");
      assertThat(connection.get("/closed?name=" + file).read().text()).isEqualTo("1");
    }
  }
}
