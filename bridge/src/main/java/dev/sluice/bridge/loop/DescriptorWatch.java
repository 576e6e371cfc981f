package dev.sluice.bridge.loop;

import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * One descriptor of Python's that Netty's epoll watches for input: the epoll behind Python's own
 * selector, which has those of the program; on the loop's thread. Its owner closes it.
 */
final class DescriptorWatch implements EpollIoHandle {
  private final FileDescriptor descriptor;
  private boolean ready;
  private @Nullable Throwable failure;

  DescriptorWatch(int descriptor) {
    this.descriptor = new FileDescriptor(descriptor);
  }

  void watchBy(IoEventLoop loop) {
    loop.register(this)
        .addListener(registered -> {
          if (registered.isSuccess()) {
            ((IoRegistration) registered.getNow()).submit(EpollIoOps.EPOLLIN);
          } else {
            failure = registered.cause();
          }
        });
  }

  /**
   * Whether it was ready since this was last asked.
   *
   * @throws IllegalStateException if the system does not let it be watched
   */
  boolean takeReady() {
    if (failure != null) {
      throw new IllegalStateException("a descriptor cannot be watched: " + failure, failure);
    }
    boolean was = ready;
    ready = false;
    return was;
  }

  @Override
  public FileDescriptor fd() {
    return descriptor;
  }

  @Override
  public void handle(IoRegistration registration, IoEvent event) {
    ready = true;
  }

  /** Netty's loop has ended; the descriptor is Python's. */
  @Override
  public void close() {}
}
