package dev.sluice.server.http.websocket;

import io.netty.channel.EventLoop;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Messages of other threads, on their way to the IO thread; any thread. */
final class Handover {
  /** As much as this may be on its way before they should wait. */
  private static final long MOST = 256 * 1024;

  private final EventLoop loop;
  private final AtomicLong bytes = new AtomicLong();

  Handover(EventLoop loop) {
    this.loop = loop;
  }

  /** Copies a message, which the IO thread then has. */
  void give(ByteBuffer payload, Consumer<ByteBuffer> taker) {
    ByteBuffer copy = ByteBuffer.allocate(payload.remaining()).put(payload.duplicate()).flip();
    bytes.addAndGet(copy.remaining());
    loop.execute(() -> {
      bytes.addAndGet(-copy.remaining());
      taker.accept(copy);
    });
  }

  boolean isMuch() {
    return bytes.get() > MOST;
  }
}
