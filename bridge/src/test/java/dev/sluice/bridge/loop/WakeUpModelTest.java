package dev.sluice.bridge.loop;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoRegistration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.Lincheck;
import org.junit.jupiter.api.Test;

/**
 * A loop that goes to sleep while others hand it something, in whatever order their steps come: a
 * model checker runs LoopIo and Netty's loop, and says so where one of them waits for ever.
 */
class WakeUpModelTest {
  private static final int RUNS = "full".equals(System.getProperty("sluice.tier")) ? 20_000 : 1_000;
  private static final long FOR_EVER = -1;

  /** Sleeps as Netty's epoll does: a wake-up that comes while it is awake is not remembered. */
  private static final class Bed implements IoHandler {
    private final AtomicBoolean asleep = new AtomicBoolean();

    @Override
    public int run(IoHandlerContext context) {
      if (context.canBlock()) {
        asleep.set(true);
        if (context.canBlock()) {
          while (asleep.get()) {
            Thread.onSpinWait();
          }
        }
        asleep.set(false);
      }
      return 0;
    }

    @Override
    public void wakeup() {
      asleep.set(false);
    }

    @Override
    public IoRegistration register(IoHandle handle) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> type) {
      return false;
    }
  }

  private static LoopIo newLoop() {
    return new LoopIo(executor -> new Bed());
  }

  /** The model checker takes no other assertions. */
  private static void check(boolean holds) {
    if (!holds) {
      throw new AssertionError();
    }
  }

  private static Thread started(Runnable code) {
    Thread thread = new Thread(code);
    thread.start();
    return thread;
  }

  private static void join(Thread... threads) {
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  @Test
  void noTaskIsSleptThrough() {
    Lincheck.runConcurrentTest(
        RUNS,
        () -> {
          LoopIo io = newLoop();
          AtomicInteger ran = new AtomicInteger();
          Thread loop =
              started(() -> {
                while (ran.get() < 2) {
                  io.await(FOR_EVER);
                }
              });
          Thread first = started(() -> io.execute(ran::incrementAndGet));
          Thread second = started(() -> io.execute(ran::incrementAndGet));
          join(first, second, loop);
          check(ran.get() == 2);
        });
  }

  @Test
  void noWakeUpIsSleptThrough() {
    Lincheck.runConcurrentTest(
        RUNS,
        () -> {
          LoopIo io = newLoop();
          AtomicBoolean there = new AtomicBoolean();
          Thread loop =
              started(() -> {
                while (!there.get()) {
                  io.await(FOR_EVER);
                }
              });
          Thread waker =
              started(() -> {
                there.set(true);
                io.wake();
              });
          join(waker, loop);
        });
  }

  @Test
  void aTaskIsRunOnceOrRefusedWhenTheLoopCloses() {
    Lincheck.runConcurrentTest(
        RUNS,
        () -> {
          LoopIo io = newLoop();
          AtomicInteger ran = new AtomicInteger();
          AtomicInteger refused = new AtomicInteger();
          Thread other =
              started(() -> {
                try {
                  io.execute(ran::incrementAndGet);
                } catch (RejectedExecutionException e) {
                  refused.incrementAndGet();
                }
              });
          join(other, started(io::close));
          check(ran.get() + refused.get() == 1);
        });
  }
}
