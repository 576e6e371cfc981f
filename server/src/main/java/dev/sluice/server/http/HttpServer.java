package dev.sluice.server.http;

import dev.sluice.python.SluiceException;
import dev.sluice.server.http.connection.IoThread;
import dev.sluice.server.http.connection.Serving;
import dev.sluice.server.http.tls.CertificateWatch;
import dev.sluice.server.http.tls.Tls;
import dev.sluice.server.redirect.HttpsRedirect;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The listeners and their IO threads. Started and stopped by any thread that may block, and is none
 * of the IO threads; the connections live on those, {@code sluice-io-N} or whoever drives the
 * loops.
 */
public final class HttpServer implements AutoCloseable {
  /** How long clients that have just connected get to send their request. */
  private static final Duration FIRST_WORDS = Duration.ofMillis(100);

  /** How long clients with kept connections get to hear that these end. */
  private static final Duration LAST_REQUESTS = Duration.ofSeconds(1);

  private final Serving serving;
  private final Transport transport;
  private final EventLoopGroup group;
  private final boolean ownsLoops;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Map<EventExecutor, IoThread> threads = new ConcurrentHashMap<>();
  private final AtomicInteger connections = new AtomicInteger();
  private final List<Listener> listeners = new ArrayList<>();
  private final CertificateWatch certificates = new CertificateWatch();

  /**
   * Makes the IO threads; nothing is served yet.
   *
   * @param ioThreads how many; one is enough for one interpreter
   */
  public HttpServer(Serving serving, int ioThreads) {
    this(serving, Transport.best(), Transport.best().newGroup(ioThreads), true);
  }

  private HttpServer(
      Serving serving, Transport transport, EventLoopGroup group, boolean ownsLoops) {
    this.serving = serving;
    this.transport = transport;
    this.group = group;
    this.ownsLoops = ownsLoops;
    for (EventExecutor executor : group) {
      threads.put(executor, new IoThread((EventLoop) executor));
    }
  }

  /**
   * Makes a server on event loops that somebody else drives, such as Netty's {@code
   * ManualIoEventLoop}, each run by its owner's thread; the server uses them from its making to its
   * {@link #close}, and does not end them. Listeners accept on one of them, and connections are
   * dealt out in turn.
   *
   * <p>They have to be run whenever a method of this class is called: most of them wait for the
   * loops. Whoever drives a loop may defer its flushes ({@link #thread}, {@link
   * IoThread#deferFlushes}).
   *
   * @param loops at least one, all of them of one transport
   */
  public static HttpServer on(Serving serving, List<? extends EventLoop> loops) {
    return new HttpServer(serving, Transport.of(loops.getFirst()), GivenLoops.of(loops), false);
  }

  /**
   * What the connections of one loop share; any thread.
   *
   * @throws IllegalArgumentException if the server does not use the loop
   */
  public IoThread thread(EventLoop loop) {
    IoThread thread = threads.get(loop);
    if (thread == null) {
      throw new IllegalArgumentException("not a loop of this server: " + loop);
    }
    return thread;
  }

  /**
   * Begins to listen for plain HTTP; requests may arrive before this returns.
   *
   * @throws SluiceException if the address cannot be bound
   */
  public void bind(BindAddress address) {
    bind(ListenerOptions.plain(address));
  }

  /**
   * Begins to listen; requests may arrive before this returns. The certificates belong to this
   * server from now on: it watches their files, and closes them.
   *
   * @throws SluiceException if the address cannot be bound
   */
  public void bind(ListenerOptions options) {
    Tls tls = options.tls();
    if (tls != null) {
      certificates.add(tls);
    }
    HttpsRedirect redirect = options.redirect();
    Serving here = redirect == null ? serving : serving.with(redirect.before(serving.handler()));
    listeners.add(
        Listener.open(
            transport, group, options, new Acceptor(options, here, threads, connections)));
  }

  /** How many connections are open; any thread. */
  public int connections() {
    return connections.get();
  }

  /** How many requests are being answered; any thread. */
  public int requestsInFlight() {
    int sum = 0;
    for (IoThread thread : threads.values()) {
      sum += thread.requestsInFlight();
    }
    return sum;
  }

  /** The URLs (or socket paths) that are served, with the ports that the system chose. */
  public List<String> urls() {
    return listeners.stream().map(Listener::url).toList();
  }

  /** The port of the first listener with TLS, as the system has it; 0 if there is none. */
  public int httpsPort() {
    return listeners.stream()
        .filter(listener -> listener.options().tls() != null && listener.port() > 0)
        .mapToInt(Listener::port)
        .findFirst()
        .orElse(0);
  }

  /**
   * Reads all certificates again now, for connections to come; without this they are read a few
   * seconds after their files have changed. Blocks.
   *
   * @return what went wrong: those certificates stay as they were
   */
  public List<SluiceException> reloadCertificates() {
    return certificates.reload();
  }

  /**
   * Accepts whoever has connected, stops listening, lets those that have just come say what they
   * want, ends idle connections, and waits for requests in flight; all of it within the limit.
   *
   * @return how many requests were cut off because they took longer than the limit
   */
  public int drain(Duration limit) throws InterruptedException {
    return drain(limit, () -> {});
  }

  /**
   * The same.
   *
   * @param late is run before requests are cut off, if any have to be
   */
  public int drain(Duration limit, Runnable late) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    acceptAll(deadline);
    listeners.forEach(Listener::close);
    awaitFirstWords(deadline);
    return end(deadline, late);
  }

  /** Lets the IO threads run until nobody waits in the system's queues any more. */
  private void acceptAll(long deadline) throws InterruptedException {
    long last = -1;
    int same = 0; // more than once: two counts may come before an IO thread has looked again
    for (long begun = begun(); same < 3 && System.nanoTime() < deadline; begun = begun()) {
      same = begun == last ? same + 1 : 0;
      last = begun;
      Thread.sleep(2);
    }
  }

  private long begun() throws InterruptedException {
    AtomicLong begun = new AtomicLong();
    onEach(thread -> begun.addAndGet(thread.begun()));
    return begun.get();
  }

  /** Returns at once if there is nobody who has connected and not asked for anything. */
  private void awaitFirstWords(long deadline) throws InterruptedException {
    long patience = Math.min(deadline, System.nanoTime() + FIRST_WORDS.toNanos());
    AtomicInteger silent = new AtomicInteger(1);
    while (silent.get() > 0 && System.nanoTime() < patience) {
      Thread.sleep(2);
      silent.set(0);
      onEach(thread -> silent.addAndGet(thread.newAndSilent()));
    }
  }

  /**
   * The listening sockets, as another process has to be told of them: {@code fd:N} or {@code
   * http:fd:N}; empty if that is not possible here.
   */
  public List<String> descriptors() {
    if (transport != Transport.EPOLL) {
      return List.of();
    }
    boolean encrypted = listeners.stream().anyMatch(listener -> listener.options().tls() != null);
    List<String> addresses = new ArrayList<>();
    for (Listener listener : listeners) {
      boolean plain = encrypted && listener.options().tls() == null;
      addresses.add((plain ? "http:fd:" : "fd:") + listener.descriptor());
    }
    return addresses;
  }

  /**
   * Leaves the listening sockets to whoever has other descriptors of them: accepts no more, tells
   * the clients that their connections end, with the answer to their next request where there is no
   * other way, and waits for requests in flight. A connection on which no request comes is kept for
   * a second, because one may be on its way.
   */
  public void leave(Duration limit) throws InterruptedException {
    listeners.forEach(Listener::leave);
    long deadline = System.nanoTime() + limit.toNanos();
    onEach(IoThread::announceEnd);
    long patience = Math.min(deadline, System.nanoTime() + LAST_REQUESTS.toNanos());
    while (connections.get() > 0 && System.nanoTime() < patience) {
      Thread.sleep(5);
    }
    end(deadline, () -> {});
  }

  private int end(long deadline, Runnable late) throws InterruptedException {
    onEach(IoThread::drain);
    int busy = busyCount();
    while (busy > 0 && System.nanoTime() < deadline) {
      Thread.sleep(5);
      busy = busyCount();
    }
    if (busy > 0) {
      late.run();
    }
    AtomicInteger cut = new AtomicInteger();
    onEach(thread -> cut.addAndGet(thread.closeAll()));
    return cut.get();
  }

  private int busyCount() throws InterruptedException {
    AtomicInteger busy = new AtomicInteger();
    onEach(thread -> busy.addAndGet(thread.busyCount()));
    return busy.get();
  }

  private interface Action {
    void run(IoThread thread);
  }

  private void onEach(Action action) throws InterruptedException {
    for (IoThread thread : threads.values()) {
      if (!thread.loop().isShutdown()) { // else its connections have ended with it
        Future<?> done = thread.loop().submit(() -> action.run(thread));
        done.await(1, TimeUnit.SECONDS);
      }
    }
  }

  /**
   * Ends what is left of the connections, and the IO threads, unless they are somebody else's.
   * Waits for them, a second and a half at most; a few seconds if a given loop is not run.
   */
  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    listeners.forEach(Listener::close);
    try {
      endConnections();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (ownsLoops) {
      group.shutdownGracefully(0, 500, TimeUnit.MILLISECONDS).awaitUninterruptibly(1000);
    } else {
      threads.values().forEach(IoThread::stop);
    }
    certificates.close();
  }

  /**
   * A connection gives back its memory in tasks after its end, which a thread that ends refuses.
   */
  private void endConnections() throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(500);
    do {
      onEach(IoThread::closeAll);
      Thread.sleep(1);
    } while (connections.get() > 0 && System.nanoTime() < deadline);
    onEach(thread -> {});
    onEach(thread -> {});
  }
}
