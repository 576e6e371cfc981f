package dev.sluice.conformance;

import static dev.sluice.conformance.Wire.head;
import static dev.sluice.conformance.Wire.refused;
import static org.assertj.core.api.Assertions.assertThat;

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
 * Where a request ends: whatever a proxy in front could see elsewhere than this server is refused,
 * its connection closed, and nothing behind it is read as another request.
 */
class SmugglingTest {
  private static Server server;

  @BeforeAll
  static void serve() {
    server = Server.start("http_app:app");
  }

  @AfterAll
  static void stop() {
    Wire.stopUnharmed(server);
  }

  /** GHSA-4ppp and -4f7p (waitress): a length is digits, and nothing that only looks like some. */
  static Stream<Arguments> lengths() {
    return Stream.of(
        body("two lengths that differ", "Content-Length: 5\r\nContent-Length: 6"),
        body("two lengths, in other letters", "content-length: 5\r\nCONTENT-LENGTH: 6"),
        body("the same length twice", "Content-Length: 5\r\nContent-Length: 5"),
        body("a list of lengths that differ", "Content-Length: 5, 6"),
        body("a list of equal lengths", "Content-Length: 5, 5"),
        body("a list with a hole", "Content-Length: 5,"),
        body("a length with a plus", "Content-Length: +5"),
        body("a negative length", "Content-Length: -5"),
        body("minus nothing", "Content-Length: -0"),
        body("a hexadecimal length", "Content-Length: 0x5"),
        body("an octal length", "Content-Length: 0o5"),
        body("a length with letters", "Content-Length: 5a"),
        body("a length with an underscore", "Content-Length: 1_0"),
        body("a length with an exponent", "Content-Length: 1e1"),
        body("a length with a point", "Content-Length: 5.0"),
        body("a length in two words", "Content-Length: 5 5"),
        body("a length in quotes", "Content-Length: \"5\""),
        body("a length with a parameter", "Content-Length: 5;"),
        body("an endless length", "Content-Length: Infinity"),
        body("an empty length", "Content-Length:"),
        body("a length of other digits", "Content-Length: \u00b2"),
        body("a length with NUL", "Content-Length: 5\0"),
        body("a length with a vertical tab", "Content-Length: \u000b5"),
        body("a length with a hard space", "Content-Length: \u00a05"),
        body("a length of twenty digits", "Content-Length: 00000000000000000005"),
        body("the largest long", "Content-Length: 9223372036854775807"),
        body("a length past 63 bits", "Content-Length: 9223372036854775808"),
        body("a length that is 5 modulo 2^64", "Content-Length: 18446744073709551621"),
        body("a length past the limit", "Content-Length: 999999999999999999", 413));
  }

  /** Netty's decoder takes several lengths for one where the version is older than 1.1. */
  static Stream<Arguments> oldLengths() {
    return Stream.of(
            "Content-Length: 5\r\nContent-Length: 5",
            "Content-Length: 5\r\nContent-Length: 6",
            "Content-Length: 6\r\nContent-Length: 5",
            "Content-Length: 5\r\nContent-Length: x",
            "Content-Length: 5, 5",
            "Content-Length: +5")
        .map(lengths -> {
          String head = head("POST /refused HTTP/1.0", "Host: a", lengths);
          return refused("HTTP/1.0: " + lengths.replace("\r\n", ", "), head + "hello");
        });
  }

  /**
   * Gunicorn's CVE-2024-1135 and CVE-2024-6827, waitress's CVE-2019-16786, Netty's CVE-2026-42581:
   * chunked, once, alone, in HTTP/1.1; never a fall back to Content-Length.
   */
  static Stream<Arguments> codings() {
    Stream<Arguments> pairs =
        Stream.of(
            body("length and chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked"),
            body("chunks and length", "Transfer-Encoding: chunked\r\nContent-Length: 5"),
            body("no length and chunks", "Content-Length: 0\r\nTransfer-Encoding: chunked"),
            body("codings twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
            body("gzip, then chunked", "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked"),
            body("chunked, then identity", "Transfer-Encoding: chunked\r\nTransfer-Encoding: x"),
            body("nothing, then chunked", "Transfer-Encoding:\r\nTransfer-Encoding: chunked"),
            body("unknown, and a length", "Transfer-Encoding: unknown\r\nContent-Length: 5"),
            old("chunks in HTTP/1.0", "Transfer-Encoding: chunked"),
            old("kept, in HTTP/1.0", "Connection: keep-alive", "Transfer-Encoding: chunked"),
            old("both in HTTP/1.0", "Content-Length: 5", "Transfer-Encoding: chunked"));
    Stream<String> others =
        Stream.of(
            "",
            "gzip",
            "deflate",
            "identity",
            "trailers",
            "unknown",
            "xchunked",
            "chunkedx",
            "chunke",
            "\"chunked\"",
            "'chunked'",
            "chunked;q=1",
            "chunked;",
            "chunked,",
            ", chunked",
            "gzip, chunked",
            "chunked, gzip",
            "chunked, chunked",
            "chunked, identity",
            "identity, chunked",
            "chunked chunked",
            "chun ked",
            "chun\tked",
            "\u000bchunked",
            "chunked\u000b",
            "chunked\0",
            "\u00a0chunked",
            "chunked\u0085",
            "chunked\r",
            "0");
    return Stream.concat(
        pairs, others.map(coding -> body("coding: " + coding, "Transfer-Encoding: " + coding)));
  }

  private static Arguments old(String name, String... headers) {
    String lines = String.join("\r\n", headers);
    return refused(name, head("POST /refused HTTP/1.0", lines) + "5\r\nhello\r\n0\r\n\r\n");
  }

  /** Headers that are there for one reader and not for the next. */
  static Stream<Arguments> hidden() {
    return Stream.of(
        body("a space before the colon", "Transfer-Encoding : chunked"),
        body("a tab before the colon", "Transfer-Encoding\t: chunked"),
        body("a vertical tab before the colon", "Transfer-Encoding\u000b: chunked"),
        body("NUL before the colon", "Transfer-Encoding\0: chunked"),
        body("a space in the name", "Transfer Encoding: chunked"),
        body("behind a bare LF", "X-A: 1\nTransfer-Encoding: chunked"),
        body("behind a bare CR", "X-A: 1\rTransfer-Encoding: chunked"),
        body("behind a fold", "X-A: 1\r\n Transfer-Encoding: chunked"),
        body("behind a fold with a tab", "X-A: 1\r\n\tContent-Length: 5"),
        body("in a fold", "Transfer-Encoding:\r\n chunked"),
        body("a length in a fold", "Content-Length: 1\r\n 0"),
        body("a length and an empty fold", "Content-Length: 5\r\n "),
        body("a folded header", "X-A: 1\r\n 2"),
        body("a fold before the first header", " X-A: 1"));
  }

  /**
   * Sizes, extensions (Netty's CVE-2026-33870) and ends of chunks (h11's CVE-2025-43859): all as
   * RFC 9112 has them.
   */
  static Stream<Arguments> chunks() {
    Stream<String> sizes =
        Stream.of(
            "zz",
            "",
            "-5",
            "-0",
            "+5",
            "0x5",
            "0X5",
            "0_5",
            "5_0",
            " 5",
            "\t5",
            "5 ",
            "5\t",
            "5\0",
            "5\u0001",
            "5\u000b",
            "5\u00a0",
            "5 5",
            "5 x",
            "5x",
            "5h",
            "5,",
            "5:",
            "5.0",
            "\u00b5",
            "5\r",
            "80000000",
            "FFFFFFFF",
            "100000005",
            "7FFFFFFFFFFFFFFF",
            "FFFFFFFFFFFFFFFF",
            "10000000000000005",
            "FFFFFFFFFFFFFFFFF",
            "5;a\rb",
            "5;a\nb",
            "5;\r",
            "5;\0",
            "5;\u0001",
            "5;\u007f",
            "5;a=\u00e4",
            "5;=",
            "5;a=\"b",
            "5;" + "a".repeat(9000));
    Stream<Arguments> ends =
        Stream.of(
            chunk("an extension with a quoted CRLF", "5;a=\"\r\n\"\r\nhello\r\n0\r\n\r\n"),
            chunk("an extension with an escaped CR", "5;a=\"\\\r\n\"\r\nhello\r\n0\r\n\r\n"),
            chunk("an empty line before the size", "\r\n5\r\nhello\r\n0\r\n\r\n"),
            chunk("a bare LF behind the size", "5\nhello\r\n0\r\n\r\n"),
            chunk("a bare CR behind the size", "5\rhello\r\n0\r\n\r\n"),
            chunk("junk behind the chunk", "5\r\nhelloXX0\r\n\r\n"),
            chunk("nothing behind the chunk", "5\r\nhello0\r\n\r\n"),
            chunk("more behind the chunk", "3\r\nhello\r\n0\r\n\r\n"),
            chunk("a space behind the chunk", "5\r\nhello \r\n0\r\n\r\n"),
            chunk("a bare LF behind the chunk", "5\r\nhello\n0\r\n\r\n"),
            chunk("a bare CR behind the chunk", "5\r\nhello\r0\r\n\r\n"),
            chunk("LF and CR behind the chunk", "5\r\nhello\n\r0\r\n\r\n"),
            chunk("CR and something behind the chunk", "5\r\nhello\rX0\r\n\r\n"),
            chunk("an empty line behind the chunk", "5\r\nhello\r\n\r\n0\r\n\r\n"),
            chunk("a space behind the last size", "5\r\nhello\r\n0 \r\n\r\n"),
            chunk("bare LFs at the end", "5\r\nhello\r\n0\n\n"),
            chunk("a bare LF at the end", "5\r\nhello\r\n0\r\n\n"),
            chunk("CR twice at the end", "5\r\nhello\r\n0\r\r\n\r\n"),
            chunk("no empty line at the end", "5\r\nhello\r\n0\r\n"));
    return Stream.concat(
        sizes.map(size -> chunk("size: " + shortened(size), size + "\r\nhello\r\n0\r\n\r\n")),
        ends);
  }

  private static String shortened(String text) {
    return text.length() > 20 ? text.length() + " bytes" : text;
  }

  static Stream<Arguments> trailers() {
    return Stream.of(
        trailer("none", "no trailer"),
        trailer("a request", "GET /smuggled HTTP/1.1"),
        trailer("a space before the first", " X-A: 1"),
        trailer("a space before the colon", "X-A : 1"),
        trailer("a space in the name", "X A: 1"),
        trailer("a control byte in the name", "X\u0001: 1"),
        trailer("an empty name", ": 1"),
        trailer("NUL in the value", "X-A: 1\0"),
        trailer("a bare CR in the value", "X-A: 1\rX-B: 2"),
        trailer("a bare LF in the value", "X-A: 1\nX-B: 2"),
        trailer("too large", "X-A: " + "1".repeat(70_000), 431));
  }

  private static Arguments trailer(String name, String line, Integer... statuses) {
    return chunk("trailer: " + name, "5\r\nhello\r\n0\r\n" + line + "\r\n\r\n", statuses);
  }

  private static Arguments chunk(String name, String chunks, Integer... statuses) {
    String head = head("POST /refused HTTP/1.1", "Host: a", "Transfer-Encoding: chunked");
    return refused(name, head + chunks, statuses);
  }

  private static Arguments body(String name, String headers, Integer... statuses) {
    String head = head("POST /refused HTTP/1.1", "Host: a", headers);
    return refused(name, head + "5\r\nhello\r\n0\r\n\r\n", statuses);
  }

  @ParameterizedTest
  @MethodSource({"lengths", "oldLengths", "codings", "hidden", "chunks", "trailers"})
  void isRefusedAndNothingBehindItIsTaken(String request, List<Integer> statuses) {
    Wire.assertRefused(server, request, statuses);
  }

  @ParameterizedTest
  @MethodSource("hidden")
  void isRefusedInWhateverPiecesItArrives(String request, List<Integer> statuses) {
    try (Connection connection = server.connect()) {
      request.chars().forEach(c -> connection.send(Character.toString(c)));
      assertThat(connection.read().status()).isIn(statuses);
      assertThat(connection.closedByPeer()).isTrue();
    }
  }

  /** What stands behind a body is the next request, whatever that is. */
  @Test
  void aBodyThatIsLongerThanItsLengthIsNoPartOfTheRequest() {
    try (Connection connection = server.connect()) {
      connection.request("POST /echo HTTP/1.1", "Content-Length: 2");
      connection.send("hi\u0001GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(connection.read().text()).isEqualTo("hi");
      assertThat(connection.read().status()).isEqualTo(400);
      assertThat(connection.closedByPeer()).isTrue();
    }
  }

  /** Headers that begin like those that frame a body are others, and frame none. */
  @Test
  void anUnderscoreFramesNoBody() {
    for (String header : List.of("Transfer_Encoding: chunked", "Content_Length: 5")) {
      Wire.assertTaken(server, head("POST /echo HTTP/1.1", "Host: a", header), "");
    }
  }
}
