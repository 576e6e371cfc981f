package dev.sluice.server.http;

import io.netty.channel.EventLoop;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * The event loop of an embedded channel, run by the fuzzer's thread when it likes. What any thread
 * hands over waits until then, as it does in a real loop; the embedded one would run it at once, in
 * the middle of whatever is going on, and is not made for several threads.
 */
final class FuzzedLoop implements InvocationHandler {
  private final EventLoop embedded;
  private final Thread thread = Thread.currentThread();
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

  private FuzzedLoop(EventLoop embedded) {
    this.embedded = embedded;
  }

  static FuzzedLoop of(EventLoop embedded) {
    return new FuzzedLoop(embedded);
  }

  EventLoop asEventLoop() {
    return (EventLoop)
        Proxy.newProxyInstance(
            EventLoop.class.getClassLoader(), new Class<?>[] {EventLoop.class}, this);
  }

  @Override
  public @Nullable Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
    if (method.getName().equals("execute")) {
      tasks.add((Runnable) arguments[0]);
      return null;
    }
    if (method.getName().equals("inEventLoop")) {
      return Thread.currentThread() == thread;
    }
    try {
      return method.invoke(embedded, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  /** Runs what waits; says whether there was something. */
  boolean run() {
    boolean some = false;
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
      some = true;
    }
    return some;
  }

  boolean isEmpty() {
    return tasks.isEmpty();
  }
}
