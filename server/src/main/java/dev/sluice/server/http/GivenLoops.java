package dev.sluice.server.http;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultithreadEventLoopGroup;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Executor;

/** Event loops that somebody else drives, and ends, as a group; any thread. */
final class GivenLoops extends MultithreadEventLoopGroup {
  private GivenLoops(List<? extends EventLoop> loops) {
    super(loops.size(), (Executor) null, loops.iterator());
  }

  static EventLoopGroup of(List<? extends EventLoop> loops) {
    return loops.size() == 1 ? loops.getFirst() : new GivenLoops(loops);
  }

  @Override
  protected EventLoop newChild(Executor executor, Object... arguments) {
    return (EventLoop) ((Iterator<?>) arguments[0]).next();
  }
}
