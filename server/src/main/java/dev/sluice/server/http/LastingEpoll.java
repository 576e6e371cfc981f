package dev.sluice.server.http;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoOps;

/**
 * Netty's epoll, with registrations that last until they are cancelled; on its IO thread.
 *
 * <p>Netty 4.2.18 takes a descriptor out of the epoll set when nothing is waited for, and fails to
 * put it back later. A client that sends its request, closes its side and reads slowly meets both:
 * its answer would be cut off. So an empty set of interests becomes one that reports nothing
 * either, but keeps the descriptor where it is.
 */
final class LastingEpoll implements IoHandler {
  private final IoHandler epoll;

  LastingEpoll(IoHandler epoll) {
    this.epoll = epoll;
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
    return new Registration(epoll.register(handle));
  }

  @Override
  public void wakeup() {
    epoll.wakeup();
  }

  @Override
  public boolean isCompatible(Class<? extends IoHandle> handleType) {
    return epoll.isCompatible(handleType);
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
