package dev.sluice.conformance;

import static dev.sluice.conformance.Wire.head;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.sluice.conformance.harness.Connection;
import dev.sluice.conformance.harness.Response;
import dev.sluice.conformance.harness.Server;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests that are odd and lawful: each is understood, and ends where the next one begins. */
class OddRequestTest {
  private static Server server;

  @BeforeAll
  static void serve() {
    server = Server.start("http_app:app");
  }

  @AfterAll
  static void stop() {
    Wire.stopUnharmed(server);
  }

  static Stream<Arguments> heads() {
    return Stream.of(
        row("a method in lower case", head("get /method HTTP/1.1", "Host: a"), "get"),
        row("a method nobody knows", head("FR0B-1 /method HTTP/1.1", "Host: a"), "FR0B-1"),
        row("an empty line before", "\r\n" + head("GET /which?n=1 HTTP/1.1", "Host: a"), "1"),
        row("five", "\r\n".repeat(5) + head("GET /which?n=1 HTTP/1.1", "Host: a"), "1"),
        row("an empty Host", head("GET /which?n=1 HTTP/1.1", "Host:"), "1"),
        row("a Host with a port", head("GET /which?n=1 HTTP/1.1", "Host: a:65535"), "1"),
        row("a Host with an empty port", head("GET /which?n=1 HTTP/1.1", "Host: a:"), "1"),
        row("an IPv6 Host", head("GET /which?n=1 HTTP/1.1", "Host: [2001:db8::1]:80"), "1"),
        row("an IPv4 in IPv6 Host", head("GET /which?n=1 HTTP/1.1", "Host: [::ffff:1.2.3.4]"), "1"),
        row("a URL", head("GET http://a/which?n=1 HTTP/1.1", "Host: a"), "1"),
        row("a URL in capitals", head("GET HTTP://A/which?n=1 HTTP/1.1", "Host: a"), "1"),
        row("an https URL", head("GET https://a/which?n=1 HTTP/1.1", "Host: a"), "1"),
        row("header names in any case", head("GET /which?n=1 HTTP/1.1", "hOsT: a"), "1"),
        row("an empty header", head("GET /which?n=1 HTTP/1.1", "Host: a", "X-A:"), "1"),
        row("spaces around a value", head("GET /which?n=1 HTTP/1.1", "Host:\t a \t"), "1"),
        row("a latin-1 value", head("GET /which?n=1 HTTP/1.1", "Host: a", "X-A: \u00ff"), "1"),
        row(
            "128 headers",
            head("GET /which?n=1 HTTP/1.1", "Host: a")
                .replace("\r\n\r\n", "\r\n" + "X-A: 1\r\n".repeat(127) + "\r\n"),
            "1"),
        row(
            "an encoded path",
            head("GET /path/%41%2fb%zz%25 HTTP/1.1", "Host: a"),
            "/path/A/b%zz%"),
        row("two slashes", head("GET /path//b HTTP/1.1", "Host: a"), "/path//b"),
        row("dots in the path", head("GET /path/../b HTTP/1.1", "Host: a"), "/path/../b"),
        row(
            "bytes in the path",
            head("GET /path/\u00c3\u00a4 HTTP/1.1", "Host: a"),
            "/path/\u00c3\u00a4"),
        // Granian's CVE-2026-42544: such a header must not end the thread that reads it.
        row(
            "an offer of WebSocket that is not ASCII",
            head(
                "GET /which?n=1 HTTP/1.1",
                "Host: a",
                "Connection: Upgrade",
                "Upgrade: websocket",
                "Sec-WebSocket-Protocol: \u00e4\u00ff",
                "Sec-WebSocket-Key: x",
                "Sec-WebSocket-Version: 13"),
            "1"),
        row(
            "an offer of HTTP/2",
            head(
                "GET /which?n=1 HTTP/1.1",
                "Host: a",
                "Connection: Upgrade, HTTP2-Settings",
                "Upgrade: h2c",
                "HTTP2-Settings: AAMAAABkAAQAAP__"),
            "1"));
  }

  static Stream<Arguments> bodies() {
    return Stream.of(
        length("spaces around the length", "Content-Length: \t 5 \t"),
        length("zeros before the length", "Content-Length: 005"),
        // Netty's CVE-2026-42587: what is compressed stays as it is, and cannot grow here.
        length("a body that calls itself gzip", "Content-Length: 5\r\nContent-Encoding: gzip"),
        row(
            "a GET with a body",
            head("GET /echo HTTP/1.1", "Host: a", "Content-Length: 5") + "hello",
            "hello"),
        row(
            "a DELETE with chunks",
            head("DELETE /echo HTTP/1.1", "Host: a", "Transfer-Encoding: chunked")
                + "5\r\nhello\r\n0\r\n\r\n",
            "hello"),
        row("no body", head("POST /echo HTTP/1.1", "Host: a"), ""),
        row("a body of nothing", head("POST /echo HTTP/1.1", "Host: a", "Content-Length: 0"), ""),
        row(
            "an empty line behind a body",
            head("POST /echo HTTP/1.1", "Host: a", "Content-Length: 5") + "hello\r\n",
            "hello"),
        coding("Chunked"),
        coding("CHUNKED"),
        coding("\tchunked "),
        chunks("a size with zeros", "0005\r\nhello\r\n0\r\n\r\n"),
        chunks("zeros past 64 bits", "0".repeat(30) + "5\r\nhello\r\n0\r\n\r\n"),
        chunks("a size of one digit each", "1\r\nh\r\n4\r\nello\r\n0\r\n\r\n"),
        chunks("an extension", "5;name\r\nhello\r\n0\r\n\r\n"),
        chunks("an extension with a value", "5;name=value\r\nhello\r\n0\r\n\r\n"),
        chunks("spaces around an extension", "5 ; name=value\r\nhello\r\n0\r\n\r\n"),
        chunks("an extension in quotes", "5;name=\"a; \\\"b\\\"\"\r\nhello\r\n0\r\n\r\n"),
        chunks("an extension at the end", "5\r\nhello\r\n0;name=value\r\n\r\n"),
        chunks("a long extension", "5;" + "a".repeat(7000) + "\r\nhello\r\n0\r\n\r\n"),
        chunks("many zeros at the end", "5\r\nhello\r\n000\r\n\r\n"));
  }

  /** Trailers are read and dropped, also those that have no business there. */
  static Stream<Arguments> trailers() {
    return Stream.of(
            "X-A: 1",
            "X-A: 1\r\nX-A: 2",
            "Content-Length: 50",
            "Transfer-Encoding: chunked",
            "Host: elsewhere",
            "Trailer: X-A",
            "Authorization: me",
            "X-Forwarded-For: 1.2.3.4",
            "X-A: 1\r\n 2")
        .map(lines -> chunks("trailer: " + lines, "5\r\nhello\r\n0\r\n" + lines + "\r\n\r\n"));
  }

  private static Arguments row(String name, String request, String text) {
    return argumentSet(name, request, text);
  }

  private static Arguments length(String name, String headers) {
    return row(name, head("POST /echo HTTP/1.1", "Host: a", headers) + "hello", "hello");
  }

  private static Arguments coding(String coding) {
    String head = head("POST /echo HTTP/1.1", "Host: a", "Transfer-Encoding: " + coding);
    return row("coding: " + coding, head + "5\r\nhello\r\n0\r\n\r\n", "hello");
  }

  private static Arguments chunks(String name, String chunks) {
    String head = head("POST /echo HTTP/1.1", "Host: a", "Transfer-Encoding: chunked");
    return row(name, head + chunks, "hello");
  }

  @ParameterizedTest
  @MethodSource({"heads", "bodies", "trailers"})
  void isUnderstoodAndEndsWhereTheNextBegins(String request, String text) {
    Wire.assertTaken(server, request, text);
  }

  /** The same whatever pieces it arrives in. */
  @ParameterizedTest
  @MethodSource({"heads", "bodies"})
  void isUnderstoodByteByByte(String request, String text) {
    try (Connection connection = server.connect()) {
      if (request.length() < 300) {
        request.chars().forEach(c -> connection.send(Character.toString(c)));
      } else {
        connection.send(request);
      }
      assertThat(connection.read().text()).isEqualTo(text);
      assertThat(connection.get("/which?n=next").read().text()).isEqualTo("next");
    }
  }

  @Test
  void optionsOfTheServerItselfReachTheApplication() {
    try (Connection connection = server.connect()) {
      Response response = connection.request("OPTIONS * HTTP/1.1").read();
      assertThat(response.status()).as("no such path there").isEqualTo(404);
      assertThat(connection.get("/").read().status()).isEqualTo(200);
    }
  }

  @Test
  void onlyContinueCanBeExpected() {
    try (Connection connection = server.connect()) {
      connection.request("POST /echo HTTP/1.1", "Content-Length: 5", "Expect: tea");
      assertThat(connection.read().status()).isEqualTo(417);
      assertThat(connection.closedByPeer()).isTrue();
    }
  }

  @Test
  void theLastOfTwoConnectionOptionsIsHeardToo() {
    try (Connection connection = server.connect()) {
      connection.request("GET / HTTP/1.1", "Connection: keep-alive", "Connection: x, CLOSE");
      assertThat(connection.read().header("Connection")).isEqualTo("close");
      assertThat(connection.closedByPeer()).isTrue();
    }
  }
}
