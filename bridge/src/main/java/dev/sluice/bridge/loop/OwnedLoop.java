package dev.sluice.bridge.loop;

import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ManualIoEventLoop;
import io.netty.util.concurrent.ThreadAwareExecutor;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A loop of Netty's with the one thread that runs it; made and ended on that thread. */
final class OwnedLoop {
  /** So often it is run to its end. */
  private static final int LAST_RUNS = 100;

  private final Thread thread;
  private final IoHandlerFactory handlers;
  private final ManualIoEventLoop netty;
  private @Nullable IoHandler handler;

  /**
   * Makes one.
   *
   * @param handlers makes what it sleeps in
   * @param maySleep is asked once more after those who wake the loop see that it is about to sleep
   */
  OwnedLoop(Thread thread, IoHandlerFactory handlers, BooleanSupplier maySleep) {
    this.thread = thread;
    this.handlers = handlers;
    netty =
        new ManualIoEventLoop(thread, this::newHandler) {
          @Override
          protected boolean canBlock() {
            return maySleep.getAsBoolean();
          }
        };
  }

  private IoHandler newHandler(ThreadAwareExecutor executor) {
    IoHandler made = handlers.newHandler(executor);
    handler = made;
    return made;
  }

  Thread thread() {
    return thread;
  }

  ManualIoEventLoop netty() {
    return netty;
  }

  /** Ends it; from another thread than its own only its descriptors can be given back. */
  void end() {
    if (Thread.currentThread() != thread) {
      IoHandler made = Objects.requireNonNull(handler);
      made.prepareToDestroy();
      made.destroy();
      return;
    }
    netty.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    for (int i = 0; i < LAST_RUNS && !netty.isTerminated(); i++) {
      netty.runNow();
    }
  }
}
