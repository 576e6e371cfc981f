package dev.sluice.server.http;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.Forwarding;
import dev.sluice.server.exchange.Peer;
import dev.sluice.server.exchange.RequestHead;
import dev.sluice.server.fuzz.Input;
import dev.sluice.server.http.connection.BodyMode;
import dev.sluice.server.http.connection.HttpLimits;
import dev.sluice.server.http.connection.IoThread;
import dev.sluice.server.http.connection.Serving;
import dev.sluice.server.http.connection.SpoolBarrier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One connection of the real pipeline, fed by the fuzzer's thread, which is its IO thread too; and
 * the rules that hold whatever is sent: it ends, gives back all memory, tells of each request once,
 * and nothing goes wrong in silence.
 */
final class FuzzedConnection {
  static final Peer PEER = new Peer("127.0.0.1", 4711, "127.0.0.1", 80, "http", null);

  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final int SPOOLED_BEYOND = 24;
  private static final int LARGEST_BODY = 3000;
  private static final long BODIES = 100_000;

  /** Longer than all limits of time together. */
  private static final int SECONDS = 400;

  private final Input input;
  private final FuzzedChannel channel = new FuzzedChannel();
  private final FuzzedLoop loop = FuzzedLoop.of(channel.eventLoop());
  private final IoThread io = new IoThread(loop.asEventLoop());
  private final FuzzedApplication application;
  private final Serving serving;
  private final boolean spools;
  private final List<Exchange> ended = new ArrayList<>();

  /** How a client ends. */
  enum Ending {
    /** It sends no more, and waits for what it is sent. */
    HALF_CLOSE,
    /** It says nothing any more, for ever. */
    SILENCE,
    /** It is gone. */
    GONE
  }

  /**
   * Makes one.
   *
   * @param inLoop whether the application lives on the IO thread: it polls, and flushes are
   *     deferred
   */
  FuzzedConnection(Input input, boolean inLoop) {
    this.input = input;
    spools = input.flag(1);
    application = new FuzzedApplication(input.flag(4), inLoop);
    io.deferFlushes(inLoop);
    serving =
        new Serving(
            limits(spools ? SPOOLED_BEYOND : LARGEST_BODY),
            application,
            (exchange, outcome) -> ended.add(exchange),
            Forwarding.NONE,
            !input.flag(0)
                ? BodyMode.COLLECT
                : inLoop ? BodyMode.STREAM_ALL : BodyMode.STREAM_LARGE);
  }

  private static HttpLimits limits(int bodyInMemory) {
    return new HttpLimits(
        200,
        1000,
        12,
        LARGEST_BODY,
        bodyInMemory,
        BODIES,
        10,
        5,
        100,
        Duration.ofSeconds(30),
        Duration.ofSeconds(75),
        Duration.ofSeconds(10),
        Duration.ofSeconds(20),
        Duration.ofSeconds(30),
        Duration.ofSeconds(60));
  }

  FuzzedChannel channel() {
    return channel;
  }

  FuzzedApplication application() {
    return application;
  }

  IoThread io() {
    return io;
  }

  Serving serving() {
    return serving;
  }

  Ending ending() {
    return input.flag(3) ? Ending.GONE : input.flag(2) ? Ending.SILENCE : Ending.HALF_CLOSE;
  }

  /** Sends everything, ends as the input says, and checks the rules. */
  void run(List<byte[]> pieces) {
    for (byte[] piece : pieces) {
      awaitReading();
      if (!channel.isActive()) {
        break;
      }
      channel.receive(piece);
      settle(false);
    }
    settle(true);
    switch (ending()) {
      case HALF_CLOSE -> {
        if (channel.isActive()) {
          channel.endInput();
        }
      }
      case SILENCE -> {}
      case GONE -> channel.pipeline().close();
    }
    settle(true);
    for (int i = 0; i < SECONDS && channel.isOpen(); i++) {
      channel.advanceTimeBy(1, TimeUnit.SECONDS);
      channel.runScheduledPendingTasks();
      settle(true);
    }
    check();
  }

  /** Once all requests are answered there is no reason not to read on. */
  private void awaitReading() {
    if (channel.isActive() && !channel.config().isAutoRead()) {
      settle(true);
      if (channel.isActive() && !channel.config().isAutoRead()) {
        throw new AssertionError("the connection is not read any more");
      }
    }
  }

  /** Lets everybody do what they can do without more from the client. */
  private void settle(boolean answering) {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    boolean some = true;
    while (some || !loop.isEmpty()) {
      some = loop.run();
      io.flushAll();
      channel.runPendingTasks();
      some |= answering && application.answerDeferred();
      if (spools) {
        SpoolBarrier.await();
      }
      while (!application.isIdle()) {
        LockSupport.parkNanos(20_000);
        if (System.nanoTime() > deadline) {
          throw new AssertionError("an answer does not end");
        }
      }
      if (System.nanoTime() > deadline) {
        throw new AssertionError("the connection is busy for ever");
      }
    }
  }

  private void check() {
    channel.check();
    if (channel.isOpen()) {
      throw new AssertionError("the connection stays open");
    }
    if (!channel.inboundMessages().isEmpty()) {
      throw new AssertionError("nobody took " + channel.inboundMessages());
    }
    if (!application.isDone()) {
      throw new AssertionError("a request is read from after its connection's end");
    }
    if (channel.held() != 0) {
      throw new AssertionError(channel.held() + " bytes were not given back");
    }
    if (serving.bodyMemory().free() != BODIES) {
      throw new AssertionError("a body has kept a part of the memory for all");
    }
    if (io.requestsInFlight() != 0 || io.busyCount() != 0) {
      throw new AssertionError("requests are counted after their end");
    }
    Set<Exchange> once = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Exchange exchange : ended) {
      if (!once.add(exchange)) {
        throw new AssertionError("the observer was told twice of " + exchange.request().target());
      }
    }
    for (FuzzedApplication.Seen seen : application.all()) {
      if (!once.contains(seen.exchange)) {
        throw new AssertionError("not told of: " + seen.exchange.request().target());
      }
      checkHead(seen.exchange.request());
    }
  }

  /** What an application may trust in, whatever the protocol. */
  private static void checkHead(RequestHead head) {
    List<String> texts = new ArrayList<>(List.of(head.method(), head.target()));
    for (int i = 0; i < head.headerCount(); i++) {
      texts.add(head.headerName(i).text());
      texts.add(head.headerValue(i));
    }
    for (String text : texts) {
      if (!text.chars().allMatch(c -> c <= 0xff && c != 0 && c != '\r' && c != '\n')) {
        throw new AssertionError("a character that no head has: " + text);
      }
    }
  }
}
