package dev.sluice.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.exchange.RequestHead;
import dev.sluice.server.exchange.ResponseHead;
import dev.sluice.server.http.connection.HttpLimits;
import dev.sluice.server.http.connection.Serving;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which HTTP a connection without TLS speaks is seen from its first bytes. */
class CleartextProtocolTest {
  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  private final BlockingQueue<RequestHead> heads = new LinkedBlockingQueue<>();
  private HttpServer server;

  @BeforeEach
  void start() {
    Serving serving =
        Serving.plain(
            HttpLimits.DEFAULT,
            exchange -> {
              heads.add(exchange.request());
              ResponseHead head = new ResponseHead();
              head.reset(200, "OK");
              exchange.respond(head, ByteBuffer.allocate(0));
              return true;
            });
    server = new HttpServer(serving, 1);
    server.bind(new BindAddress.Tcp("127.0.0.1", 0));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Socket connect() throws IOException {
    int port = URI.create(server.urls().getFirst()).getPort();
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(20_000);
    socket.setTcpNoDelay(true);
    return socket;
  }

  private static void trickle(Socket socket, String bytes) throws Exception {
    for (byte b : bytes.getBytes(StandardCharsets.ISO_8859_1)) {
      socket.getOutputStream().write(b);
      Thread.sleep(2); // so that the bytes arrive one by one
    }
  }

  private static String read(Socket socket, int bytes) throws IOException {
    InputStream in = socket.getInputStream();
    return new String(in.readNBytes(bytes), StandardCharsets.ISO_8859_1);
  }

  @Test
  void aRequestOfHttp1ByteByByte() throws Exception {
    try (Socket socket = connect()) {
      // It begins as the preface does, twice.
      trickle(socket, "PRI * HTTP/1.1\r\nHost: test\r\n\r\n");
      assertThat(read(socket, 12)).isEqualTo("HTTP/1.1 400");
    }
    try (Socket socket = connect()) {
      trickle(socket, "PUT / HTTP/1.1\r\nHost: test\r\n\r\n");
      assertThat(read(socket, 15)).isEqualTo("HTTP/1.1 200 OK");
      assertThat(heads.take().protocol()).isEqualTo("HTTP/1.1");
    }
  }

  @Test
  void aPrefaceByteByByte() throws Exception {
    try (Socket socket = connect()) {
      trickle(socket, PREFACE + "\0\0\0\4\0\0\0\0\0");
      assertThat(read(socket, 9).charAt(3)).isEqualTo('\4');
    }
  }

  @Test
  void whatFollowsInTheSamePacketIsNotLost() throws Exception {
    try (Socket socket = connect()) {
      String requests = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n";
      socket.getOutputStream().write(requests.getBytes(StandardCharsets.ISO_8859_1));
      assertThat(heads.take().target()).isEqualTo("/1");
      assertThat(heads.take().target()).isEqualTo("/2");
    }
    try (Socket socket = connect()) {
      // Indexed: GET, http, /; then a literal for the host.
      String request = "\0\0\7\1\5\0\0\0\1" + "\u0082\u0086\u0084A\2ab";
      String all = PREFACE + "\0\0\0\4\0\0\0\0\0" + request;
      socket.getOutputStream().write(all.getBytes(StandardCharsets.ISO_8859_1));
      RequestHead head = heads.take();
      assertThat(head.protocol()).isEqualTo("HTTP/2");
      assertThat(head.target()).isEqualTo("/");
    }
  }

  @Test
  void halfAPrefaceAndThenNothingIsClosed() throws Exception {
    try (Socket socket = connect()) {
      socket.getOutputStream().write("PRI * HTTP/2".getBytes(StandardCharsets.US_ASCII));
      socket.shutdownOutput();
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }
}
