package dev.sluice.server.http;

import dev.sluice.bridge.loop.LastingEpoll;
import dev.sluice.server.http.connection.IoThread;
import io.netty.channel.ManualIoEventLoop;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A thread that drives an event loop by hand, as an asyncio loop would: what is ready runs between
 * two passes of the IO, and what it has written is flushed before the next.
 */
public final class LoopOwner implements AutoCloseable {
  private static final long LONGEST_SLEEP = TimeUnit.SECONDS.toNanos(5);

  private final Queue<Runnable> ready = new ConcurrentLinkedQueue<>();
  private final Thread thread;
  private final ManualIoEventLoop loop;
  private volatile @Nullable IoThread deferring;

  /** Makes a loop and runs it. */
  public LoopOwner(String name) {
    CompletableFuture<ManualIoEventLoop> made = new CompletableFuture<>();
    thread = Thread.ofPlatform().name(name).daemon().unstarted(() -> run(made.join()));
    loop = new ManualIoEventLoop(thread, LastingEpoll.factory());
    made.complete(loop);
    thread.start();
  }

  private void run(ManualIoEventLoop its) {
    while (!its.isTerminated()) {
      for (Runnable next = ready.poll(); next != null; next = ready.poll()) {
        next.run();
      }
      IoThread io = deferring;
      if (io != null) {
        io.flushAll();
      }
      its.run(LONGEST_SLEEP);
    }
  }

  public ManualIoEventLoop loop() {
    return loop;
  }

  public Thread thread() {
    return thread;
  }

  /** From now on flushes are deferred. */
  public void defer(IoThread io) {
    io.deferFlushes(true);
    deferring = io;
  }

  /** Has something run between two passes; any thread. */
  public void soon(Runnable action) {
    ready.add(action);
    loop.wakeup();
  }

  /** The same, and waits for what it gives. */
  public <T> T call(Supplier<T> action) throws Exception {
    CompletableFuture<T> done = new CompletableFuture<>();
    soon(() -> {
      try {
        done.complete(action.get());
      } catch (RuntimeException | AssertionError e) {
        done.completeExceptionally(e);
      }
    });
    return done.get(20, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws InterruptedException {
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    thread.join(10_000);
    if (thread.isAlive()) {
      throw new AssertionError("the loop does not end");
    }
  }
}
