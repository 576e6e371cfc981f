package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Response;
import dev.sluice.conformance.harness.Response.Framing;
import dev.sluice.conformance.harness.Server;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * wsgi.file_wrapper sends what the file object would give, by the system where that is the same.
 */
class FileWrapperTest {
  private static final String CONTENT = "0123456789abcdef".repeat(5000);

  @TempDir private static Path folder;
  private static Server server;

  @BeforeAll
  static void serve() throws IOException {
    Files.writeString(folder.resolve("plain"), CONTENT);
    try (var packed = new GZIPOutputStream(Files.newOutputStream(folder.resolve("packed")))) {
      packed.write(CONTENT.getBytes(StandardCharsets.US_ASCII));
    }
    server = Server.start("streams_app:app");
  }

  @AfterAll
  static void stop() {
    server.close();
    assertThat(server.log()).doesNotContain("\tat ");
  }

  private static String target(String file, String query) {
    return "/file?path=" + folder.resolve(file) + "&" + query.replace(" ", "%20");
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "unbuffered", "both", "proxy", "memory", "read only"})
  void everyKindOfFileIsSentWhole(String kind) {
    Response response = server.ask(target("plain", "as=" + kind));
    response.expectWhole(CONTENT);
    boolean bySystem = !kind.equals("memory") && !kind.equals("read only");
    assertThat(response.framing()).isEqualTo(bySystem ? Framing.LENGTH : Framing.CHUNKED);
  }

  /** What lies in the file is not what the object gives. */
  @ParameterizedTest
  @ValueSource(strings = {"gzip", "gzip proxy"})
  void aFileThatIsUnpackedWhileItIsReadIsSentUnpacked(String kind) {
    server.ask(target("packed", "as=" + kind)).expectWhole(CONTENT);
  }

  @Test
  void aFileWithAReadOfItsOwnIsReadByThat() {
    server.ask(target("plain", "as=shouting")).expectWhole(CONTENT.toUpperCase(Locale.ROOT));
  }

  @ParameterizedTest
  @CsvSource({
    "as=plain&seek=1000, 1000",
    "as=plain&read=7, 7",
    "as=unbuffered&read=7, 7",
    "as=both&read=7, 7",
    "as=proxy&read=7, 7",
    "as=memory&seek=1000, 1000",
    "as=plain&seek=79999, 79999",
    "as=plain&seek=80000, 80000",
    "as=plain&seek=90000, 80000",
  })
  void itIsSentFromItsPosition(String query, int from) {
    server.ask(target("plain", query)).expectWhole(CONTENT.substring(from));
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "memory"})
  void aLengthThatIsShorterEndsItThere(String kind) {
    try (Connection connection = server.connect()) {
      Response response = connection.get(target("plain", "length=10&as=" + kind)).read();
      assertThat(response.text()).isEqualTo(CONTENT.substring(0, 10));
      assertThat(server.ask("/alive").text()).isEqualTo("alive");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "memory"})
  void aLengthThatIsLongerIsACutAnswer(String kind) {
    Response response = server.ask(target("plain", "length=90000&as=" + kind));
    assertThat(response.header("Content-Length")).isEqualTo("90000");
    assertThat(response.complete()).as("must not look complete").isFalse();
  }

  @Test
  void aTextFileIsNotBytes() {
    assertThat(server.ask(target("plain", "as=text")).status()).isEqualTo(500);
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "memory"})
  void headSendsNothingOfIt(String kind) {
    try (Connection connection = server.connect()) {
      Response head =
          connection
              .request("HEAD " + target("plain", "length=80000&as=" + kind) + " HTTP/1.1")
              .readHead();
      assertThat(head.header("Content-Length")).isEqualTo("80000");
      assertThat(connection.get("/alive").read().text()).isEqualTo("alive");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"204 No Content", "304 Not Modified"})
  void aStatusWithoutABodySendsNothingOfItEither(String status) {
    try (Connection connection = server.connect()) {
      assertThat(connection.get(target("plain", "status=" + status)).read().status())
          .isIn(204, 304);
      assertThat(connection.get("/alive").read().text()).isEqualTo("alive");
    }
  }

  /** Ranges are the application's business (or --static's). */
  @Test
  void aRangeIsNotCutOut() {
    try (Connection connection = server.connect()) {
      connection
          .request("GET " + target("plain", "as=plain") + " HTTP/1.1", "Range: bytes=0-9")
          .read()
          .expectWhole(CONTENT);
    }
  }

  @Test
  void http10GetsItToo() {
    try (Connection connection = server.connect()) {
      connection.request("GET " + target("plain", "as=plain") + " HTTP/1.0");
      connection.read().expectWhole(CONTENT);
      assertThat(connection.closedByPeer()).isTrue();
    }
  }

  /** Such files tell no size, but have content. */
  @Test
  void aFileOfTheKernelIsRead() {
    Response response = server.ask("/file?as=plain&path=/proc/self/status");
    assertThat(response.text()).contains("VmRSS:");
    assertThat(response.complete()).isTrue();
  }

  @Test
  void anEmptyFileIsAnEmptyAnswer() throws IOException {
    Files.createFile(folder.resolve("empty"));
    Response response = server.ask(target("empty", "as=plain"));
    response.expectWhole("");
  }
}
