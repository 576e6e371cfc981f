package dev.sluice.server.http.tls;

import dev.sluice.python.SluiceException;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.IllegalReferenceCountException;
import io.netty.util.ReferenceCountUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificates of one or more listeners. Opened, reloaded and closed by threads that may block;
 * read by the IO threads.
 *
 * <p>Connections keep what they were made with: a reload changes what later ones get. Sessions are
 * resumed only as long as nothing is reloaded, so that a client whose authority was removed has to
 * show its certificate again.
 */
public final class Tls implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Tls.class);

  private final TlsOptions options;
  private final TlsEngine engine;
  private volatile Generation current;
  private FileStamps loaded;
  private FileStamps seen;
  private String failure = "";
  private volatile boolean closed;

  private Tls(TlsOptions options, TlsEngine engine) {
    this.options = options;
    this.engine = engine;
    // First the stamps: what changes while the files are read is then seen as changed.
    loaded = FileStamps.of(options);
    seen = loaded;
    current = Generation.load(options, engine);
  }

  /**
   * Reads the files.
   *
   * @throws SluiceException SL330 to SL335
   */
  public static Tls open(TlsOptions options) {
    return open(options, TlsEngine.best());
  }

  /** The same with a library of one's choice. */
  public static Tls open(TlsOptions options, TlsEngine engine) {
    return new Tls(options, engine);
  }

  /**
   * Reads the files again, whether they have changed or not. Connections that are open keep what
   * they have.
   *
   * @throws SluiceException SL330 to SL335: later connections get what was there before
   */
  public synchronized void reload() {
    if (closed) {
      return;
    }
    loaded = FileStamps.of(options);
    seen = loaded;
    Generation old = current;
    current = Generation.load(options, engine);
    failure = "";
    old.release();
    LOG.info("the certificates were read again: {}", options);
  }

  /**
   * Reloads if the files have changed, and did not change any more between the last two calls: a
   * certificate and its key are not written at the same moment. What is wrong with new files is
   * logged, once; they are tried again each time, since it may be a right to read them that is
   * given later.
   */
  synchronized void reloadIfChanged() {
    FileStamps now = FileStamps.of(options);
    boolean settled = now.equals(seen);
    seen = now;
    if (!settled || (now.equals(loaded) && failure.isEmpty())) {
      return;
    }
    try {
      reload();
    } catch (SluiceException e) {
      String message = String.valueOf(e.getMessage());
      if (!message.equals(failure)) {
        LOG.error("{}: {} The old certificates stay in use.", e.code().id(), message);
      }
      failure = message;
    }
  }

  /** Whether one of the certificates is for this host: a name or an address, without a port. */
  public boolean covers(String host) {
    return current.covers(host);
  }

  /**
   * Makes a new connection speak TLS; on its IO thread. Whoever is behind sees Netty's events of a
   * handshake.
   */
  public void addTo(ChannelPipeline pipeline, String before) {
    pipeline.addBefore(before, null, new TlsGate(this));
    pipeline.addBefore(before, null, new TlsEnd());
  }

  /** The handler for a client that asks for this name; on an IO thread. */
  SslHandler newHandler(String name, ByteBufAllocator allocator) {
    while (!closed) {
      SslContext context = current.pick(name);
      try {
        ReferenceCountUtil.retain(context);
      } catch (IllegalReferenceCountException e) {
        continue; // a reload has come between: the next look finds the new one
      }
      try {
        SslHandler handler = context.newHandler(allocator);
        handler.setHandshakeTimeoutMillis(0); // the connection's own clock sees to that
        return handler;
      } finally {
        ReferenceCountUtil.release(context);
      }
    }
    throw new IllegalStateException("the server is closing");
  }

  /** After the last listener has been closed. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      current.release();
    }
  }
}
