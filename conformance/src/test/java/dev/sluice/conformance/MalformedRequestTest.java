package dev.sluice.conformance;

import static dev.sluice.conformance.Wire.head;
import static dev.sluice.conformance.Wire.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.sluice.conformance.harness.Connection;
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
  private static Server server;

  @BeforeAll
  static void serve() {
    server = Server.start("http_app:app");
  }

  @AfterAll
  static void stop() {
    Wire.stopUnharmed(server);
  }

  static Stream<Arguments> requestLines() {
    return Stream.of(
        line("a method with @", "G@T /refused HTTP/1.1"),
        line("a method with a colon", "GET: /refused HTTP/1.1"),
        line("a method with a comma", "GET,POST /refused HTTP/1.1"),
        line("a method in quotes", "\"GET\" /refused HTTP/1.1"),
        line("a method with NUL", "GE\0T /refused HTTP/1.1"),
        line("a method with a control byte", "G\u0001T /refused HTTP/1.1"),
        line("a method with DEL", "GE\u007fT /refused HTTP/1.1"),
        line("a method that is not ASCII", "G\u00cbT /refused HTTP/1.1"),
        line("a method without an end", "G".repeat(9000) + " /refused HTTP/1.1", 414),
        line("no method", " /refused HTTP/1.1"),
        line("no version: HTTP/0.9", "GET /refused"),
        line("nothing but a method", "GET"),
        line("a protocol that is not HTTP", "GET /refused HTTQ/1.1"),
        line("a protocol in lower case", "GET /refused http/1.1"),
        line("a protocol in mixed case", "GET /refused HTTp/1.1"),
        line("a version without a minor part", "GET /refused HTTP/1"),
        line("a version with two minor digits", "GET /refused HTTP/1.10"),
        line("a version with two major digits", "GET /refused HTTP/01.1"),
        line("a version with a comma", "GET /refused HTTP/1,1"),
        line("a version with a sign", "GET /refused HTTP/-1.1"),
        line("a version of letters", "GET /refused HTTP/x.y"),
        line("a version of other digits", "GET /refused HTTP/\u00b9.1"),
        line("a version without an end", "GET /refused HTTP/1." + "1".repeat(9000), 414),
        line("a version that is not there yet", "GET /refused HTTP/7.0", 505),
        line("a version in between", "GET /refused HTTP/1.2", 505),
        line("HTTP/0.9 by name", "GET /refused HTTP/0.9", 505),
        line("something behind the version", "GET /refused HTTP/1.1 more"),
        line("a space behind the version", "GET /refused HTTP/1.1 "),
        line("a tab behind the version", "GET /refused HTTP/1.1\t"),
        line("two spaces before the target", "GET  /refused HTTP/1.1"),
        line("two spaces behind the target", "GET /refused  HTTP/1.1"),
        line("a tab between the parts", "GET\t/refused\tHTTP/1.1"),
        line("a vertical tab between the parts", "GET\u000b/refused\u000bHTTP/1.1"),
        line("a TLS hello", "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003"));
  }

  /** Netty's CVE-2026-50020: bytes before the line that only some servers skip. */
  static Stream<Arguments> beforeTheLine() {
    return Stream.of(
        line("a control byte before the line", "\u0001GET /refused HTTP/1.1"),
        line("NUL before the line", "\0GET /refused HTTP/1.1"),
        line("NUL and an empty line before", "\0\r\nGET /refused HTTP/1.1"),
        line("a form feed before the line", "\fGET /refused HTTP/1.1"),
        line("a vertical tab before the line", "\u000bGET /refused HTTP/1.1"),
        line("a byte order mark before the line", "\u00ef\u00bb\u00bfGET /refused HTTP/1.1"),
        line("a space before the line", " GET /refused HTTP/1.1"),
        line("a tab before the line", "\tGET /refused HTTP/1.1"),
        line("a line with a space before", " \r\nGET /refused HTTP/1.1"),
        line("a bare LF before the line", "\nGET /refused HTTP/1.1"),
        line("a bare CR before the line", "\rGET /refused HTTP/1.1"),
        line("two bare CRs before the line", "\r\rGET /refused HTTP/1.1"),
        line("LF and CR before the line", "\n\rGET /refused HTTP/1.1"),
        line("a bare LF behind an empty line", "\r\n\nGET /refused HTTP/1.1"));
  }

  static Stream<Arguments> targets() {
    return Stream.of(
        line("a space in the target", "GET /refused /b HTTP/1.1"),
        line("NUL in the target", "GET /refused\0 HTTP/1.1"),
        line("a control byte in the target", "GET /refused\u0007 HTTP/1.1"),
        line("DEL in the target", "GET /refused\u007f HTTP/1.1"),
        line("a bare CR in the target", "GET /refused\r HTTP/1.1"),
        line("a target without a slash", "GET refused HTTP/1.1"),
        line("a target with a fragment", "GET /refused#part HTTP/1.1"),
        line("a target that is too long", "GET /refused" + "x".repeat(9000) + " HTTP/1.1", 414),
        line("a star for GET", "GET * HTTP/1.1"),
        line("a host and a port for GET", "GET a:80 HTTP/1.1"),
        line("CONNECT", "CONNECT a:80 HTTP/1.1", 501),
        line("a URL that is not HTTP's", "GET ftp://a/refused HTTP/1.1"),
        line("a URL of another host", "GET http://b/refused HTTP/1.1"),
        line("a URL of another port", "GET http://a:81/refused HTTP/1.1"),
        line("a URL with user info", "GET http://me@a/refused HTTP/1.1"),
        line("a URL with a backslash", "GET http://a\\b/refused HTTP/1.1"),
        line("a URL with a fragment behind the host", "GET http://a#b/refused HTTP/1.1"),
        refused("a URL without a host", head("GET http:///refused HTTP/1.1", "Host:"), 400),
        refused("the same in HTTP/1.0", head("GET http:///refused HTTP/1.0")));
  }

  private static Arguments line(String name, String requestLine, Integer... statuses) {
    return refused(name, requestLine + "\r\nHost: a\r\n\r\n", statuses);
  }

  /** Starlette's CVE-2026-48710 among others: what applications make URLs of. */
  static Stream<Arguments> hosts() {
    return Stream.of(
        header("no Host in HTTP/1.1", ""),
        header("two Hosts", "Host: a\r\nHost: b\r\n"),
        header("the same Host twice", "Host: a\r\nHost: a\r\n"),
        header("a list of Hosts", "Host: a, b\r\n"),
        header("a Host with a space", "Host: a b\r\n"),
        header("a Host with a path", "Host: a/b\r\n"),
        header("a Host with a query", "Host: a?b\r\n"),
        header("a Host with a fragment", "Host: a#b\r\n"),
        header("a Host with a backslash", "Host: a\\b\r\n"),
        header("a Host with user info", "Host: me@a\r\n"),
        header("a Host with markup", "Host: <a>\r\n"),
        header("a Host in quotes", "Host: \"a\"\r\n"),
        header("a Host that is not ASCII", "Host: \u00e4\r\n"),
        header("a port that is no number", "Host: a:b\r\n"),
        header("a port of six digits", "Host: a:123456\r\n"),
        header("a port and no host", "Host: :80\r\n"),
        header("two ports", "Host: a:80:81\r\n"),
        header("an IPv6 address without brackets", "Host: ::1\r\n"),
        header("an open bracket", "Host: [::1\r\n"),
        header("something behind the bracket", "Host: [::1]a\r\n"),
        header("nothing in the brackets", "Host: []\r\n"),
        header("a name in brackets", "Host: [name]\r\n"));
  }

  static Stream<Arguments> names() {
    return Stream.concat(
        Stream.of(" ", "/", "[", "@", "\"", ",", ";", "=", "?", "{", "\\", "(", "\u0001", "\u007f")
            .map(odd -> header("a name with " + odd, "Host: a\r\nX" + odd + "Y: 1\r\n")),
        Stream.of(
            header("a name that is not ASCII", "Host: a\r\nX\u00cb: 1\r\n"),
            header("a name with NUL", "Host: a\r\nX\0Y: 1\r\n"),
            header("a name with a bare CR", "Host: a\r\nX\rY: 1\r\n"),
            header("a name without an end", "Host: a\r\n" + "X".repeat(70_000) + ": 1\r\n", 431),
            header("an empty name", "Host: a\r\n: 1\r\n"),
            // Waitress's CVE-2019-16789: white space where some servers skip it.
            header("a space before the colon", "Host: a\r\nContent-Length : 0\r\n"),
            header("a tab before the colon", "Host: a\r\nX-A\t: 1\r\n"),
            header("a vertical tab before the colon", "Host: a\r\nX-A\u000b: 1\r\n"),
            header("no colon", "Host: a\r\nX-A\r\n"),
            header("a space before the first name", " Host: a\r\n"),
            header("a line of spaces", "Host: a\r\n   \r\n")));
  }

  static Stream<Arguments> values() {
    return Stream.of(
        header("NUL in a value", "Host: a\r\nX-A: 1\0\r\n"),
        header("nothing but NUL in a value", "Host: a\r\nX-A: \0\r\n"),
        header("a control byte in a value", "Host: a\r\nX-A: 1\u0001\r\n"),
        header("a backspace in a value", "Host: a\r\nX-A: \b\r\n"),
        header("a vertical tab in a value", "Host: a\r\nX-A: 1\u000b2\r\n"),
        header("a form feed in a value", "Host: a\r\nX-A: 1\f2\r\n"),
        header("an escape in a value", "Host: a\r\nX-A: 1\u001b2\r\n"),
        header("DEL in a value", "Host: a\r\nX-A: 1\u007f\r\n"),
        header("a bare CR in a value", "Host: a\r\nX-A: 1\rX-B: 2\r\n"),
        header("a bare CR at a value's end", "Host: a\r\nX-A: 1\r\r\n"),
        header("nothing but a bare CR", "Host: a\r\nX-A:\r\r\n"),
        header("a value without an end", "Host: a\r\nX-A: " + "1".repeat(70_000) + "\r\n", 431),
        header("129 headers", "Host: a\r\n" + "X-A: 1\r\n".repeat(128), 431));
  }

  /** Waitress's CVE-2019-16785: a line ends in CRLF, not in a bare LF. */
  static Stream<Arguments> lines() {
    return Stream.of(
        header("a bare LF behind a value", "Host: a\nX-A: 1\r\n"),
        header("LF and CR behind a value", "Host: a\n\rX-A: 1\r\n"),
        refused("CR twice before the end", "GET /refused HTTP/1.1\r\nHost: a\r\n\r\r\n"),
        refused("a bare LF behind the request line", "GET /refused HTTP/1.1\nHost: a\r\n\r\n"),
        refused("bare LFs everywhere", "GET /refused HTTP/1.1\nHost: a\n\n"),
        refused("a bare LF as the empty line", "GET /refused HTTP/1.1\r\nHost: a\r\n\n"));
  }

  private static Arguments header(String name, String lines, Integer... statuses) {
    return refused(name, "GET /refused HTTP/1.1\r\n" + lines + "\r\n", statuses);
  }

  @ParameterizedTest
  @MethodSource({"requestLines", "beforeTheLine", "targets", "hosts", "names", "values", "lines"})
  void isRefusedAndTheConnectionClosed(String request, List<Integer> statuses) {
    Wire.assertRefused(server, request, statuses);
  }

  /** GHSA-9298 and -3f84: behind a refusal nothing is read, also when it comes later. */
  @Test
  void whatComesAfterARefusalIsNeverRead() throws InterruptedException {
    try (Connection connection = server.connect()) {
      connection.send(head("GET /refused HTTP/1.1", "no colon"));
      assertThat(connection.read().status()).isEqualTo(400);
      // A pause, so that what follows is read by itself: that is the subject.
      Thread.sleep(200);
      connection.send(head("GET /smuggled HTTP/1.1", "Host: a"));
      assertThat(connection.closedByPeer()).isTrue();
    }
  }

  /** GHSA-73m2: headers that make a regular expression backtrack are as fast as others. */
  @Test
  void noHeaderTakesLongToCheck() {
    String spaces = "X: a" + " ".repeat(30_000) + "b";
    String commas = "Connection: " + ", ".repeat(15_000);
    long start = System.nanoTime();
    for (int n = 0; n < 20; n++) {
      try (Connection connection = server.connect()) {
        connection.request("GET / HTTP/1.1", spaces, commas);
        assertThat(connection.read().status()).isEqualTo(200);
      }
    }
    assertThat((System.nanoTime() - start) / 1e9).as("seconds").isLessThan(5);
  }

  @Test
  void whatCameBeforeItIsAnsweredFirst() {
    try (Connection connection = server.connect()) {
      connection.send(
          head("GET /which?n=1 HTTP/1.1", "Host: a")
              + head("GET /which?n=2 HTTP/1.1", "Host: a")
              + head("GET /refused HTTP/1.1", "no colon")
              + head("GET /smuggled HTTP/1.1", "Host: a"));
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
