package dev.sluice.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Response;
import dev.sluice.conformance.harness.Server;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Requests that are not HTTP: each is refused, its connection closed, and nothing behind it is read
 * as another request. Most are past vulnerabilities of some server.
 */
class MalformedRequestTest {
  private static final String SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

  private static Server server;

  @BeforeAll
  static void serve() {
    server = Server.start("http_app:app");
  }

  @AfterAll
  static void stop() {
    String seen = server.get("/seen").body();
    server.close();
    assertThat(seen).doesNotContain("smuggled", "/refused");
    assertThat(server.log()).doesNotContain("Traceback", "Exception", "\tat ");
  }

  static Stream<Arguments> requestLines() {
    return Stream.of(
        line("a method with @", "G@T /refused HTTP/1.1"),
        line("a method with a control byte", "G\u0001T /refused HTTP/1.1"),
        line("a method that is not ASCII", "G\u00cbT /refused HTTP/1.1"),
        line("no method", " /refused HTTP/1.1"),
        line("no version: HTTP/0.9", "GET /refused"),
        line("nothing but a method", "GET"),
        line("a protocol that is not HTTP", "GET /refused HTTQ/1.1"),
        line("a protocol in lower case", "GET /refused http/1.1"),
        line("a version without a minor part", "GET /refused HTTP/1"),
        line("a version with two minor digits", "GET /refused HTTP/1.10"),
        line("a version of letters", "GET /refused HTTP/x.y"),
        line("a version that is not there yet", "GET /refused HTTP/7.0", 400, 505),
        line("something behind the version", "GET /refused HTTP/1.1 more"),
        line("a space in the target", "GET /refused /b HTTP/1.1"),
        line("a tab between the parts", "GET\t/refused\tHTTP/1.1"),
        line("NUL in the target", "GET /refused\0 HTTP/1.1"),
        line("a control byte in the target", "GET /refused\u0007 HTTP/1.1"),
        line("DEL in the target", "GET /refused\u007f HTTP/1.1"),
        line("a bare CR in the target", "GET /refused\r HTTP/1.1"),
        line("a target without a slash", "GET refused HTTP/1.1"),
        line("a control byte before the line", "\u0001GET /refused HTTP/1.1"),
        line("NUL before the line", "\0GET /refused HTTP/1.1"),
        line("a form feed before the line", "\fGET /refused HTTP/1.1"),
        line("a TLS hello", "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003"));
  }

  private static Arguments line(String name, String requestLine, Integer... statuses) {
    return refused(name, requestLine + "\r\nHost: a\r\n\r\n", statuses);
  }

  static Stream<Arguments> headers() {
    return Stream.of(
        header("no Host in HTTP/1.1", ""),
        header("two Hosts", "Host: a\r\nHost: b\r\n"),
        header("the same Host twice", "Host: a\r\nHost: a\r\n"),
        header("a Host with a space", "Host: a b\r\n"),
        header("a Host with a path", "Host: a/b\r\n"),
        header("a Host with user info", "Host: me@a\r\n"),
        header("a port that is no number", "Host: a:b\r\n"),
        header("a name with a parenthesis", "Host: a\r\nX(Y: 1\r\n"),
        header("a name that is not ASCII", "Host: a\r\nX\u00cb: 1\r\n"),
        header("a name with NUL", "Host: a\r\nX\0Y: 1\r\n"),
        header("an empty name", "Host: a\r\n: 1\r\n"),
        header("a space before the colon", "Host: a\r\nContent-Length : 0\r\n"),
        header("a tab before the colon", "Host: a\r\nX-A\t: 1\r\n"),
        header("no colon", "Host: a\r\nX-A\r\n"),
        header("a space before the first name", " Host: a\r\n"),
        header("NUL in a value", "Host: a\r\nX-A: 1\0\r\n"),
        header("a bare CR in a value", "Host: a\r\nX-A: 1\rX-B: 2\r\n"),
        header("a control byte in a value", "Host: a\r\nX-A: 1\u0001\r\n"),
        header("a bare LF behind a value", "Host: a\nX-A: 1\r\n"),
        refused("a bare LF behind the request line", "GET /refused HTTP/1.1\nHost: a\r\n\r\n"),
        refused("bare LFs everywhere", "GET /refused HTTP/1.1\nHost: a\n\n"),
        refused("a bare LF as the empty line", "GET /refused HTTP/1.1\r\nHost: a\r\n\n"));
  }

  private static Arguments header(String name, String lines) {
    return refused(name, "GET /refused HTTP/1.1\r\n" + lines + "\r\n");
  }

  static Stream<Arguments> bodies() {
    return Stream.of(
        body("two lengths that differ", "Content-Length: 5\r\nContent-Length: 6", "hello"),
        body("a list of lengths that differ", "Content-Length: 5, 6", "hello"),
        body("a length with a plus", "Content-Length: +5", "hello"),
        body("a negative length", "Content-Length: -5", "hello"),
        body("a hexadecimal length", "Content-Length: 0x5", "hello"),
        body("a length with letters", "Content-Length: 5a", "hello"),
        body("a length with an underscore", "Content-Length: 1_0", "hello"),
        body("a length in two words", "Content-Length: 5 5", "hello"),
        body("an empty length", "Content-Length:", "hello"),
        body("a length of other digits", "Content-Length: \u00b2", "hello"),
        body("a length past 64 bits", "Content-Length: 99999999999999999999", "hello", 400, 413),
        body("length and chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
        body("chunks and length", "Transfer-Encoding: chunked\r\nContent-Length: 5", "0\r\n\r\n"),
        coding("gzip, chunked", 400, 501),
        coding("chunked, gzip", 400, 501),
        coding("chunked, chunked", 400, 501),
        coding("identity", 400, 501),
        coding("xchunked", 400, 501),
        coding("\"chunked\"", 400, 501),
        coding("chunked;q=1", 400, 501),
        coding("chunked\u000b", 400, 501),
        coding("", 400, 501),
        body("codings twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", ""),
        body("codings by turns", "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked", "0\r\n"),
        refused(
            "chunks in HTTP/1.0",
            head("POST /refused HTTP/1.0", "Transfer-Encoding: chunked") + "0\r\n\r\n"),
        refused(
            "chunks and length in HTTP/1.0",
            head("POST /refused HTTP/1.0", "Content-Length: 5", "Transfer-Encoding: chunked")
                + "0\r\n\r\n"),
        chunks("a size of letters", "zz\r\nhello\r\n0\r\n\r\n"),
        chunks("a negative size", "-5\r\nhello\r\n0\r\n\r\n"),
        chunks("a size with a plus", "+5\r\nhello\r\n0\r\n\r\n"),
        chunks("a size with 0x", "0x5\r\nhello\r\n0\r\n\r\n"),
        chunks("a size with an underscore", "0_5\r\nhello\r\n0\r\n\r\n"),
        chunks("an empty size", "\r\nhello\r\n0\r\n\r\n"),
        chunks("a space before the size", " 5\r\nhello\r\n0\r\n\r\n"),
        chunks("a size past 64 bits", "FFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n", 400, 413),
        chunks("a bare LF behind the size", "5\nhello\r\n0\r\n\r\n"),
        chunks("a bare CR in the extension", "5;a\rb\r\nhello\r\n0\r\n\r\n"),
        chunks("a bare LF in the extension", "5;a\nb\r\nhello\r\n0\r\n\r\n"),
        chunks("junk behind the chunk", "5\r\nhelloXX0\r\n\r\n"),
        chunks("nothing behind the chunk", "5\r\nhello0\r\n\r\n"),
        chunks("a bare LF behind the chunk", "5\r\nhello\n0\r\n\r\n"),
        chunks("a trailer that is none", "5\r\nhello\r\n0\r\nno trailer\r\n\r\n"));
  }

  private static String head(String... lines) {
    return String.join("\r\n", lines) + "\r\n\r\n";
  }

  private static Arguments body(String name, String headers, String body, Integer... statuses) {
    return refused(name, head("POST /refused HTTP/1.1", "Host: a", headers) + body, statuses);
  }

  private static Arguments coding(String coding, Integer... statuses) {
    return body("coding: " + coding.strip(), "Transfer-Encoding: " + coding, "0\r\n\r\n", statuses);
  }

  private static Arguments chunks(String name, String chunks, Integer... statuses) {
    return body("chunks: " + name, "Transfer-Encoding: chunked", chunks, statuses);
  }

  private static Arguments refused(String name, String request, Integer... statuses) {
    return argumentSet(name, request, statuses.length == 0 ? List.of(400) : List.of(statuses));
  }

  @ParameterizedTest
  @MethodSource({"requestLines", "headers", "bodies"})
  void isRefusedAndTheConnectionClosed(String request, List<Integer> statuses) {
    try (Connection connection = server.connect()) {
      connection.send(request + SMUGGLED);
      Response response = connection.read();
      assertThat(response.status()).as("%s -> %s", shown(request), response).isIn(statuses);
      assertThat(response.header("Connection")).isEqualToIgnoringCase("close");
      assertThat(response.complete()).isTrue();
      assertThat(connection.closedByPeer()).as("closed without another answer").isTrue();
    }
  }

  private static String shown(String request) {
    return request.replace("\r", "\\r").replace("\n", "\\n");
  }

  @Test
  void whatCameBeforeItIsAnsweredFirst() {
    try (Connection connection = server.connect()) {
      connection.send(
          "GET /which?n=1 HTTP/1.1\r\nHost: a\r\n\r\n"
              + "GET /which?n=2 HTTP/1.1\r\nHost: a\r\n\r\n"
              + "GET /refused HTTP/1.1\r\nno colon\r\n\r\n"
              + SMUGGLED);
      assertThat(connection.read().text()).isEqualTo("1");
      assertThat(connection.read().text()).isEqualTo("2");
      assertThat(connection.read().status()).isEqualTo(400);
      assertThat(connection.closedByPeer()).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("unfinished")
  void whatIsNeverFinishedNeverReachesTheApplication(String request) {
    try (Connection connection = server.connect()) {
      connection.send(request).halfClose();
      assertThat(connection.skim(1)).as("a refusal or nothing").isIn(-1, 1);
    }
    assertThat(server.get("/seen").body()).doesNotContain("/unfinished");
  }

  static Stream<Arguments> unfinished() {
    return Stream.of(
        argumentSet("half a request line", "GET /unfin"),
        argumentSet("half the headers", "GET /unfinished HTTP/1.1\r\nHost: a\r\n"),
        argumentSet(
            "half a body",
            head("POST /unfinished HTTP/1.1", "Host: a", "Content-Length: 5") + "hel"),
        argumentSet(
            "half a chunk",
            head("POST /unfinished HTTP/1.1", "Host: a", "Transfer-Encoding: chunked")
                + "5\r\nhel"));
  }
}
