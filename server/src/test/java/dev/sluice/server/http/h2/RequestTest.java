package dev.sluice.server.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.HeaderName;
import dev.sluice.server.exchange.RequestHead;
import dev.sluice.server.http.h2.FrameClient.Answer;
import io.netty.handler.codec.http2.Http2Error;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a request of HTTP/2 may say, and what becomes of one that may not. */
@ExtendWith(NoLeaks.class)
class RequestTest {
  private final BlockingQueue<RequestHead> heads = new LinkedBlockingQueue<>();
  private Served served;
  private FrameClient client;

  @BeforeEach
  void start() throws IOException {
    served = new Served(this::note);
    client = served.connect();
  }

  private void note(Exchange exchange) {
    heads.add(exchange.request());
    Served.ok(exchange);
  }

  @AfterEach
  void stop() throws IOException {
    client.close();
    served.close();
    assertThat(served.failures).isEmpty();
  }

  /** The connection still works, and nothing but this request has reached the handler. */
  private void assertServes(int stream) throws IOException {
    client.get(stream, "/again");
    assertThat(client.answer(stream).status()).isEqualTo(200);
    assertThat(heads).extracting(RequestHead::target).containsExactly("/again");
  }

  @Test
  void aRequestHasMethodTargetProtocolAndHeaders() throws Exception {
    client.get(1, "/path?query=1", "user-agent", "test", "x-some", "\u00e4");
    assertThat(client.answer(1).text()).isEqualTo("fine");
    RequestHead head = heads.take();
    assertThat(head.method()).isEqualTo("GET");
    assertThat(head.target()).isEqualTo("/path?query=1");
    assertThat(head.protocol()).isEqualTo("HTTP/2");
    assertThat(head.header(HeaderName.HOST)).isEqualTo("test");
    assertThat(head.header(HeaderName.of("x-some"))).isEqualTo("\u00e4");
    assertThat(head.headerCount()).isEqualTo(3);
  }

  @Test
  void cookiesAreJoined() throws Exception {
    client.get(1, "/", "cookie", "a=1", "x-between", "1", "cookie", "b=2", "cookie", "c=3");
    client.answer(1);
    RequestHead head = heads.take();
    assertThat(head.occurrences(HeaderName.COOKIE)).isEqualTo(1);
    assertThat(head.header(HeaderName.COOKIE)).isEqualTo("a=1; b=2; c=3");
  }

  @Test
  void aHostMayRepeatTheAuthorityOrStandForIt() throws Exception {
    client.get(1, "/", "host", "TEST");
    assertThat(client.answer(1).status()).isEqualTo(200);
    RequestHead both = heads.take();
    assertThat(both.occurrences(HeaderName.HOST)).isEqualTo(1);
    assertThat(both.header(HeaderName.HOST)).isEqualTo("test");
    client.headers(
        3, true, ":method", "GET", ":scheme", "http", ":path", "/", "host", "only.host:81");
    assertThat(client.answer(3).status()).isEqualTo(200);
    assertThat(heads.take().header(HeaderName.HOST)).isEqualTo("only.host:81");
  }

  @Test
  void teMaySayTrailers() throws IOException {
    client.get(1, "/", "te", "trailers");
    assertThat(client.answer(1).status()).isEqualTo(200);
  }

  @Test
  void optionsMayAskForTheServer() throws Exception {
    client.headers(1, true, FrameClient.request("OPTIONS", "*"));
    assertThat(client.answer(1).status()).isEqualTo(200);
    assertThat(heads.take().target()).isEqualTo("*");
  }

  static Stream<List<String>> malformed() {
    String[] good = FrameClient.request("GET", "/");
    return Stream.of(
        List.of(":scheme", "http", ":authority", "test", ":path", "/"), // no method
        List.of(":method", "GET", ":authority", "test", ":path", "/"), // no scheme
        List.of(":method", "GET", ":scheme", "http", ":authority", "test"), // no path
        List.of(FrameClient.request("GET", "")),
        List.of(FrameClient.request("", "/")),
        List.of(FrameClient.request("GE T", "/")),
        List.of(FrameClient.request("GET\r\nX: y", "/")),
        List.of(FrameClient.request("GET", "/\r\nX: y")),
        with(good, ":method", "GET"),
        with(good, ":path", "/"),
        with(good, ":scheme", "http"),
        with(good, ":authority", "test"),
        with(good, ":status", "200"),
        with(good, ":unknown", "1"),
        with(good, ":", "1"),
        with(good, ":protocol", "websocket"),
        with(List.of("accept", "*/*"), good), // pseudo behind others
        with(good, "", "empty name"),
        with(good, "X-Upper", "1"),
        with(good, "x space", "1"),
        with(good, "x:colon", "1"),
        with(good, "x\u0000nul", "1"),
        with(good, "x-\u00e4", "1"),
        with(good, "x", "a\rb"),
        with(good, "x", "a\nb"),
        with(good, "x", "a\r\nHost: other"), // CVE-2025-57804
        with(good, "x", "a\u0000b"),
        with(good, "x", "a\u007fb"),
        with(good, "x", " leading"),
        with(good, "x", "trailing\t"),
        with(good, "connection", "close"),
        with(good, "keep-alive", "1"),
        with(good, "proxy-connection", "close"),
        with(good, "transfer-encoding", "chunked"),
        with(good, "upgrade", "websocket"),
        with(good, "http2-settings", "AAMAAABkAAQAAP__"),
        with(good, "te", "gzip"),
        with(good, "te", "trailers, deflate"),
        with(good, "content-length", "3"), // and no body
        List.of(":method", "CONNECT", ":authority", "test:80", ":scheme", "http", ":path", "/"),
        List.of(":method", "CONNECT"));
  }

  private static List<String> with(String[] fields, String name, String value) {
    return with(List.of(fields), name, value);
  }

  private static List<String> with(List<String> fields, String... more) {
    return Stream.concat(fields.stream(), Stream.of(more)).toList();
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void malformedRequestsAreReset(List<String> fields) throws IOException {
    client.headers(1, true, fields.toArray(String[]::new));
    assertThat(client.answer(1).reset()).isEqualTo((int) Http2Error.PROTOCOL_ERROR.code());
    assertServes(3);
  }

  static Stream<List<String>> refused() {
    String[] good = FrameClient.request("GET", "/");
    return Stream.of(
        with(good, "host", "other"),
        with(with(good, "host", "test"), "host", "test"),
        List.of(":method", "GET", ":scheme", "http", ":path", "/"), // no host at all
        List.of(":method", "GET", ":scheme", "http", ":path", "/", "host", "a", "host", "a"),
        List.of(":method", "GET", ":scheme", "http", ":authority", "u@test", ":path", "/"),
        List.of(":method", "GET", ":scheme", "http", ":authority", "", ":path", "/", "host", "a"),
        List.of(":method", "GET", ":scheme", "ftp", ":authority", "test", ":path", "/"),
        List.of(FrameClient.request("GET", "path")),
        List.of(FrameClient.request("GET", "*")),
        List.of(FrameClient.request("GET", "http://test/")),
        List.of(FrameClient.request("GET", "/a b")),
        List.of(FrameClient.request("GET", "/a#b")),
        with(good, "content-length", "-1"),
        with(good, "content-length", "0x0"),
        with(with(good, "content-length", "0"), "content-length", "0"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void whatIsWellFormedAndWrongIsAnswered400(List<String> fields) throws IOException {
    client.headers(1, true, fields.toArray(String[]::new));
    Answer answer = client.answer(1);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.header("content-type")).startsWith("text/plain");
    assertThat(answer.text()).isNotEmpty();
    assertServes(3);
  }

  @Test
  void aPathBeyondTheLimitIsAnswered414() throws IOException {
    client.get(1, "/" + "x".repeat(8 * 1024));
    assertThat(client.answer(1).status()).isEqualTo(414);
    assertServes(3);
  }

  @Test
  void tooManyHeadersAreAnswered431() throws IOException {
    String[] many = new String[2 * 129];
    for (int i = 0; i < many.length; i += 2) {
      many[i] = "x-" + i;
      many[i + 1] = "1";
    }
    client.get(1, "/", many);
    assertThat(client.answer(1).status()).isEqualTo(431);
    assertServes(3);
  }

  @Test
  void aHeaderListBeyondTheLimitIsAnswered431AndTheTableStaysRight() throws IOException {
    byte[] block =
        FrameClient.block(FrameClient.request("GET", "/", "x-large", "y".repeat(66_000)));
    for (int from = 0; from < block.length; from += 16_000) {
      byte[] part = Arrays.copyOfRange(block, from, Math.min(from + 16_000, block.length));
      int end = from + 16_000 >= block.length ? Frame.END_HEADERS : 0;
      client.frame(
          from == 0 ? Frame.HEADERS : Frame.CONTINUATION,
          end | (from == 0 ? Frame.END_STREAM : 0),
          1,
          part);
    }
    assertThat(client.answer(1).status()).isEqualTo(431);
    assertServes(3);
  }

  @Test
  void connectIsRefused() throws IOException {
    client.headers(1, true, ":method", "CONNECT", ":authority", "test:80");
    assertThat(client.answer(1).status()).isEqualTo(501);
    assertServes(3);
  }

  @Test
  void anExpectationThatIsNotKnownIsAnswered417() throws IOException {
    client.post(1, "/", "expect", "miracles");
    assertThat(client.answer(1).status()).isEqualTo(417);
    assertServes(3);
  }

  @Test
  void aRefusedHeadRequestGetsNoBody() throws IOException {
    client.headers(1, true, FrameClient.request("HEAD", "nowhere"));
    Answer answer = client.answer(1);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.dataFrames()).isZero();
  }

  @Test
  void headerFieldsForAStreamThatWasPassedOverEndTheConnection() throws IOException {
    client.get(5, "/");
    client.answer(5);
    client.get(3, "/");
    assertThat(client.awaitGoAway()).isEqualTo((int) Http2Error.PROTOCOL_ERROR.code());
  }

  @Test
  void headerFieldsForAStreamThatHasEndedEndTheConnection() throws IOException {
    client.get(1, "/");
    client.answer(1);
    client.get(1, "/");
    assertThat(client.awaitGoAway()).isEqualTo((int) Http2Error.STREAM_CLOSED.code());
  }

  @Test
  void namesComeFromTheTableOfTheConnection() throws IOException {
    // A literal that is added to the table, then the entry alone.
    byte[] added = FrameClient.block("x-added", "1");
    added[0] = 0x40;
    byte[] first = concat(FrameClient.block(FrameClient.request("GET", "/1")), added);
    byte[] second =
        concat(FrameClient.block(FrameClient.request("GET", "/2")), new byte[] {(byte) 0xbe});
    client.frame(Frame.HEADERS, 5, 1, first);
    client.answer(1);
    client.frame(Frame.HEADERS, 5, 3, second);
    client.answer(3);
    assertThat(heads)
        .extracting(head -> head.header(HeaderName.of("x-added")))
        .containsExactly("1", "1");
  }

  private static byte[] concat(byte[] one, byte[] other) {
    return ByteBuffer.allocate(one.length + other.length).put(one).put(other).array();
  }
}
