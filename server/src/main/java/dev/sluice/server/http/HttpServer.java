package dev.sluice.server.http;

import dev.sluice.python.SluiceException;
import dev.sluice.server.ServerError;
import dev.sluice.server.exchange.Peer;
import dev.sluice.server.http.connection.IoThread;
import dev.sluice.server.http.connection.Peers;
import dev.sluice.server.http.connection.Serving;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listeners and their IO threads. Started and stopped by any thread that may block; the
 * connections live on the {@code sluice-io} threads.
 */
public final class HttpServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);
  private static final int BACKLOG = 1024;

  /** The answer to a connection too many, which is not read at all. */
  private static final ByteBuf FULL =
      Unpooled.unreleasableBuffer(
          Unpooled.copiedBuffer(
              "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
              StandardCharsets.US_ASCII));

  private final Serving serving;
  private final Transport transport = Transport.best();
  private final EventLoopGroup group;
  private final Map<EventExecutor, IoThread> threads = new ConcurrentHashMap<>();
  private final AtomicInteger connections = new AtomicInteger();
  private final List<Listener> listeners = new ArrayList<>();

  private record Listener(BindAddress address, Channel channel) {}

  /**
   * Makes the IO threads; nothing is served yet.
   *
   * @param ioThreads how many; one is enough for one interpreter
   */
  public HttpServer(Serving serving, int ioThreads) {
    this.serving = serving;
    group = transport.newGroup(ioThreads);
    for (EventExecutor executor : group) {
      threads.put(executor, new IoThread((EventLoop) executor));
    }
  }

  /**
   * Begins to listen; requests may arrive before this returns.
   *
   * @throws SluiceException if the address cannot be bound
   */
  public void bind(BindAddress address) {
    removeStaleSocket(address);
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(group)
            .channelFactory(transport.serverChannel(address))
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childHandler(new Acceptor());
    if (address instanceof BindAddress.Tcp) {
      bootstrap.option(ChannelOption.SO_REUSEADDR, true);
      bootstrap.option(ChannelOption.SO_BACKLOG, BACKLOG);
    }
    ChannelFuture bound =
        address instanceof BindAddress.Descriptor
            ? bootstrap.register()
            : bootstrap.bind(address.socketAddress());
    bound.awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw notBound(address, bound.cause());
    }
    listeners.add(new Listener(address, bound.channel()));
  }

  private static SluiceException notBound(BindAddress address, Throwable cause) {
    boolean unknown = cause instanceof UnresolvedAddressException;
    String reason = unknown ? "the host is not known" : String.valueOf(cause.getMessage());
    String advice =
        reason.contains("in use")
            ? "Another program listens there: end it, or choose another address with --bind."
            : "Choose another address with --bind.";
    return new SluiceException(
        ServerError.ADDRESS_NOT_BOUND,
        "cannot listen on %s: %s. %s".formatted(address, reason, advice),
        cause);
  }

  /** A socket file that nobody listens on any more would make bind fail for ever. */
  private static void removeStaleSocket(BindAddress address) {
    if (!(address instanceof BindAddress.Unix unix) || !Files.exists(unix.path())) {
      return;
    }
    if (!isSocket(unix)) {
      throw new SluiceException(
          ServerError.ADDRESS_NOT_BOUND,
          "cannot listen on %s: there is a file that is no socket. Choose another path with --bind."
              .formatted(address));
    }
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      probe.connect(UnixDomainSocketAddress.of(unix.path()));
    } catch (ConnectException refused) {
      deleteSocket(unix);
      return;
    } catch (IOException e) {
      LOG.debug("{} is left as it is: {}", address, e.toString());
      return;
    }
    throw new SluiceException(
        ServerError.ADDRESS_NOT_BOUND,
        "cannot listen on %s: another program listens there. End it, or choose another path."
            .formatted(address));
  }

  /** Whether the path leads to neither a file nor a folder nor a link: a socket, here. */
  private static boolean isSocket(BindAddress.Unix unix) {
    try {
      return Files.readAttributes(unix.path(), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
          .isOther();
    } catch (IOException e) {
      return false;
    }
  }

  private static void deleteSocket(BindAddress.Unix unix) {
    try {
      if (isSocket(unix)) {
        Files.deleteIfExists(unix.path());
      }
    } catch (IOException e) {
      LOG.debug("{} cannot be deleted: {}", unix, e.toString());
    }
  }

  /** Puts the decoder and the connection into each accepted channel; on its IO thread. */
  private final class Acceptor extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel channel) {
      channel.closeFuture().addListener(closed -> connections.decrementAndGet());
      if (connections.incrementAndGet() > serving.limits().connections()) {
        LOG.debug("a connection was refused: {} are open", serving.limits().connections());
        channel.writeAndFlush(FULL.duplicate()).addListener(ChannelFutureListener.CLOSE);
        return;
      }
      IoThread io = threads.get(channel.eventLoop());
      if (io == null) {
        throw new IllegalStateException("a channel of a foreign event loop");
      }
      Peer peer = Peers.of(channel.remoteAddress(), channel.localAddress());
      channel.pipeline().addLast(new CleartextProtocol(io, serving, peer));
    }
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
    return listeners.stream().map(HttpServer::url).toList();
  }

  private static String url(Listener listener) {
    if (listener.channel().localAddress() instanceof InetSocketAddress inet) {
      return "http://" + NetUtil.toSocketAddressString(inet);
    }
    return listener.address().toString();
  }

  /**
   * Stops listening, ends idle connections, and waits for requests in flight.
   *
   * @return how many requests were cut off because they took longer than the limit
   */
  public int drain(Duration limit) throws InterruptedException {
    for (Listener listener : listeners) {
      listener.channel().close().awaitUninterruptibly();
      if (listener.address() instanceof BindAddress.Unix unix) {
        deleteSocket(unix);
      }
    }
    onEach(IoThread::drain);
    long deadline = System.nanoTime() + limit.toNanos();
    while (busyCount() > 0 && System.nanoTime() < deadline) {
      Thread.sleep(5);
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
      Future<?> done = thread.loop().submit(() -> action.run(thread));
      done.await(1, TimeUnit.SECONDS);
    }
  }

  /** Ends the IO threads, and with them what is left of the connections. */
  @Override
  public void close() {
    group.shutdownGracefully(0, 500, TimeUnit.MILLISECONDS).awaitUninterruptibly(1000);
  }
}
