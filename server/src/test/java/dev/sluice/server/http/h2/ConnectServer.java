package dev.sluice.server.http.h2;

import dev.sluice.server.exchange.Peer;
import dev.sluice.server.http.connection.HttpLimits;
import dev.sluice.server.http.connection.IoThread;
import dev.sluice.server.http.connection.Serving;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** A server of HTTP/2 only, over the JDK's sockets, that lets clients ask for other protocols. */
final class ConnectServer implements AutoCloseable {
  private final MultiThreadIoEventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final ExecutorService workers = Executors.newCachedThreadPool();
  private final Channel channel;

  ConnectServer(Served.Application application) {
    IoThread io = new IoThread(group.next());
    Serving serving =
        Serving.plain(
            HttpLimits.DEFAULT,
            exchange -> {
              workers.execute(() -> {
                try {
                  application.answer(exchange);
                } catch (Exception e) {
                  exchange.abort();
                }
              });
              return true;
            });
    channel =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel accepted) {
                    Http2.addTo(accepted.pipeline(), io, serving, Peer.UNKNOWN, true);
                  }
                })
            .bind("127.0.0.1", 0)
            .awaitUninterruptibly()
            .channel();
  }

  int port() {
    return ((InetSocketAddress) channel.localAddress()).getPort();
  }

  @Override
  public void close() {
    workers.shutdownNow();
    group.shutdownGracefully(0, 500, TimeUnit.MILLISECONDS);
  }
}
