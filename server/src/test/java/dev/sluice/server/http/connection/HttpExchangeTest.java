package dev.sluice.server.http.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.exchange.FilePart;
import dev.sluice.server.exchange.Peer;
import dev.sluice.server.exchange.RequestHead;
import dev.sluice.server.exchange.RequestObserver;
import dev.sluice.server.exchange.ResponseHead;
import dev.sluice.server.exchange.SharedBytes;
import io.netty.channel.DefaultEventLoop;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of a response whose parts cannot be sent, whatever the protocol. */
class HttpExchangeTest {
  private final DefaultEventLoop loop = new DefaultEventLoop();
  private final IoThread io = new IoThread(loop);
  private final Full exchange = new Full(io);

  @AfterEach
  void stop() {
    loop.shutdownGracefully();
  }

  /** There is no memory for anything but heads. */
  private static final class Full extends HttpExchange {
    final List<String> sent = new ArrayList<>();

    Full(IoThread io) {
      super(
          io,
          new RequestHead("GET", "/", "HTTP/1.1"),
          new EmptyBody(new TaskSource()),
          new Peer("127.0.0.1", 1, "127.0.0.1", 2, "http", null),
          new Outflow());
    }

    private static void fail() {
      throw new OutOfMemoryError("for the test");
    }

    @Override
    protected void take(ResponseHead head) {
      sent.add("head");
    }

    @Override
    protected void sendWhole(ByteBuffer whole, long addLength) {
      fail();
    }

    @Override
    protected void sendPiece(ByteBuffer piece) {
      sent.add("piece");
    }

    @Override
    protected void sendFile(FilePart part) {
      part.close();
    }

    @Override
    protected void sendEnd(@Nullable ResponseHead trailers) {
      fail();
    }

    @Override
    protected void sendInformation(ResponseHead head) {
      sent.add("information");
    }

    @Override
    protected void sendAbort() {
      sent.add("abort");
    }
  }

  /** The ways to the end of a response. */
  enum Ending {
    RESPOND,
    RESPOND_SHARED,
    END,
    TAKE_OVER
  }

  private static ResponseHead head() {
    ResponseHead head = new ResponseHead();
    head.reset(200, "OK");
    head.header("Content-Length", "2");
    head.declareContentLength(2);
    return head;
  }

  @ParameterizedTest
  @EnumSource
  void anEndThatCannotBeSentBreaksTheResponseOff(Ending ending) {
    switch (ending) {
      case RESPOND -> exchange.respond(head(), ByteBuffer.wrap(new byte[2]));
      case RESPOND_SHARED -> exchange.respond(head(), SharedBytes.of(new byte[2]));
      case END -> {
        exchange.begin(head());
        exchange.write(ByteBuffer.wrap(new byte[2]));
        exchange.end();
      }
      case TAKE_OVER -> assertThat(exchange.takeOver(504, "too slow")).isTrue();
    }
    exchange.abort();
    assertThat(exchange.sent).endsWith("abort").containsOnlyOnce("abort");
    List<Boolean> complete = new ArrayList<>();
    RequestObserver observer = (ended, outcome) -> complete.add(outcome.complete());
    exchange.report(observer, true);
    assertThat(complete).containsExactly(false);
  }

  @Test
  void anErrorOfTheHandlerEndsTheRequest() {
    exchange.handTo(handed -> {
      throw new StackOverflowError("for the test");
    });
    assertThat(exchange.sent).containsExactly("abort");
  }
}
