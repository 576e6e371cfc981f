package dev.sluice.bridge.loop;

import io.netty.channel.Channel;
import io.netty.channel.IoEvent;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.FileDescriptor;

/**
 * Netty's epoll, with registrations that last until they are cancelled, and connections whose end
 * is seen while they are not read; on its IO thread.
 *
 * <p>Netty 4.2.18 takes a descriptor out of the epoll set when nothing is waited for, and fails to
 * put it back later. A client that sends its request, closes its side and reads slowly meets both:
 * its answer would be cut off. So an empty set of interests becomes one that reports nothing
 * either, but keeps the descriptor where it is.
 *
 * <p>What the system says of a connection's end, whether it is read or not: that the other side is
 * closed (EPOLLRDHUP), and that both are (EPOLLHUP), by a reset or because a local program has
 * closed its Unix socket. The first Netty passes on only once everything has been read, the second
 * it does not look at: a reset behind a closed side, or of a connection that is not read, stays
 * unknown. So the first becomes {@link Event#INPUT_ENDING}, and the second closes what is not read.
 */
public final class LastingEpoll implements IoHandler {
  private static final int EPOLLHUP = 0x10; // from epoll.h; the same on all architectures

  private final IoHandler epoll;

  private LastingEpoll(IoHandler epoll) {
    this.epoll = epoll;
  }

  /** What a pipeline is told, as a user event. */
  public enum Event {
    /** The other side is closed, though not everything that it has sent may have been read. */
    INPUT_ENDING
  }

  /** Makes handlers for event loops; any thread. */
  public static IoHandlerFactory factory() {
    IoHandlerFactory handlers = EpollIoHandler.newFactory();
    return executor -> new LastingEpoll(handlers.newHandler(executor));
  }

  @Override
  public void initialize() {
    epoll.initialize();
  }

  @Override
  public int run(IoHandlerContext context) {
    return epoll.run(context);
  }

  @Override
  public void prepareToDestroy() {
    epoll.prepareToDestroy();
  }

  @Override
  public void destroy() {
    epoll.destroy();
  }

  @Override
  public IoRegistration register(IoHandle handle) throws Exception {
    IoHandle watched =
        handle instanceof EpollIoHandle socket && handle instanceof Channel.Unsafe unsafe
            ? new Watched(socket, unsafe)
            : handle;
    return new Registration(epoll.register(watched));
  }

  @Override
  public void wakeup() {
    epoll.wakeup();
  }

  @Override
  public boolean isCompatible(Class<? extends IoHandle> handleType) {
    return epoll.isCompatible(handleType);
  }

  private record Watched(EpollIoHandle inner, Channel.Unsafe unsafe) implements EpollIoHandle {
    @Override
    public FileDescriptor fd() {
      return inner.fd();
    }

    @Override
    public void handle(IoRegistration registration, IoEvent event) {
      inner.handle(registration, event);
      int ops = ((EpollIoEvent) event).ops().value();
      if ((ops & (EPOLLHUP | EpollIoOps.EPOLLRDHUP.value())) != 0
          && unsafe.voidPromise().channel() instanceof DuplexChannel channel) {
        ended(channel, (ops & EPOLLHUP) != 0);
      }
    }

    private void ended(DuplexChannel channel, boolean both) {
      if (!channel.isActive() || channel.isOutputShutdown()) {
        return;
      }
      if (both && (channel.isInputShutdown() || !channel.config().isAutoRead())) {
        unsafe.close(unsafe.voidPromise());
      } else if (!channel.isInputShutdown()) {
        channel.pipeline().fireUserEventTriggered(Event.INPUT_ENDING);
      }
    }

    @Override
    public void registered() {
      inner.registered();
    }

    @Override
    public void unregistered() {
      inner.unregistered();
    }

    @Override
    public void close() throws Exception {
      inner.close();
    }
  }

  private record Registration(IoRegistration inner) implements IoRegistration {
    @Override
    @SuppressWarnings("TypeParameterUnusedInFormals") // as the interface has it
    public <T> T attachment() {
      return inner.attachment();
    }

    @Override
    public long submit(IoOps interest) {
      return inner.submit(EpollIoOps.NONE.equals(interest) ? EpollIoOps.EPOLLET : interest);
    }

    @Override
    public boolean isValid() {
      return inner.isValid();
    }

    @Override
    public boolean cancel() {
      return inner.cancel();
    }
  }
}
