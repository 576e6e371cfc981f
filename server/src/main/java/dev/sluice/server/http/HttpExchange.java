package dev.sluice.server.http;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.LogText;
import dev.sluice.server.exchange.RequestBody;
import dev.sluice.server.exchange.RequestHead;
import dev.sluice.server.exchange.ResponseHead;
import dev.sluice.server.http.ResponseEncoder.Framing;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request of a connection: made on its IO thread, answered from any thread (one at a time),
 * whose calls hand bytes over to the IO thread in the order in which they come.
 */
final class HttpExchange implements Exchange, Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(HttpExchange.class);

  /** Bodies up to this size are handed over in the connection's own array. */
  private static final int SMALL = 16 * 1024;

  private enum State {
    NEW,
    BEGUN,
    ENDED
  }

  private final HttpConnection connection;
  private final RequestHead request;
  private final BodyCollector body;
  private final boolean wantsKeepAlive;
  private final boolean eleven;
  private final boolean bodiless;

  private State state = State.NEW;
  private Framing framing = Framing.AS_DECLARED;
  private boolean noBody;
  private boolean headSent;
  private long declared = -1;
  private long sent;

  // A head (and a small body) on the way to the IO thread.
  private byte[] payload = new byte[0];
  private int headLength;
  private int payloadLength;
  private boolean hasDate;
  private boolean hasServer;
  private long addLength = -1;
  private boolean close;

  HttpExchange(
      HttpConnection connection, RequestHead request, BodyCollector body, boolean keepAlive) {
    this.connection = connection;
    this.request = request;
    this.body = body;
    this.wantsKeepAlive = keepAlive;
    this.eleven = request.protocol().equals("HTTP/1.1");
    this.bodiless = request.method().equals("HEAD");
  }

  @Override
  public RequestHead request() {
    return request;
  }

  @Override
  public RequestBody body() {
    return body;
  }

  BodyCollector collector() {
    return body;
  }

  @Override
  public String remoteAddress() {
    return connection.endpoints().remoteAddress();
  }

  @Override
  public int remotePort() {
    return connection.endpoints().remotePort();
  }

  @Override
  public String localAddress() {
    return connection.endpoints().localAddress();
  }

  @Override
  public int localPort() {
    return connection.endpoints().localPort();
  }

  @Override
  public String scheme() {
    return "http";
  }

  @Override
  public boolean isOpen() {
    return connection.outflow().isOpen();
  }

  @Override
  public synchronized void respond(ResponseHead head, ByteBuffer whole) {
    takeHead(head);
    long size = whole.remaining();
    if (noBody) {
      if (bodiless && declared < 0 && !ResponseEncoder.hasNoBody(head.status())) {
        addLength = size;
      }
      whole = ByteBuffer.allocate(0);
    } else if (declared < 0) {
      framing = Framing.AS_DECLARED;
      addLength = size;
    } else if (size != declared) {
      whole = whole.duplicate().limit(whole.position() + (int) allowed(size));
      checkComplete();
    }
    int remaining = whole.remaining();
    if (remaining > SMALL) {
      ByteBuf out = connection.allocate(headLength + ResponseEncoder.EXTRA + remaining);
      state = State.ENDED;
      encodeHead(out);
      out.writeBytes(whole);
      connection.onIoThread(() -> connection.finish(this, out, close));
    } else {
      payload = connection.responseArray(payload, headLength, headLength + remaining);
      state = State.ENDED;
      whole.get(payload, headLength, remaining);
      payloadLength = headLength + remaining;
      connection.onIoThread(this);
    }
  }

  /** Encodes a small response; on the IO thread. */
  @Override
  public void run() {
    ByteBuf out;
    try {
      out = connection.allocate(payloadLength + ResponseEncoder.EXTRA);
    } catch (RuntimeException | OutOfMemoryError e) {
      LOG.error("a response could not be sent: {}", e.toString());
      connection.abort(this);
      return;
    }
    synchronized (this) {
      encodeHead(out);
      out.writeBytes(payload, headLength, payloadLength - headLength);
    }
    connection.finish(this, out, close);
  }

  private void takeHead(ResponseHead head) {
    if (state != State.NEW) {
      throw new IllegalStateException("the response has begun");
    }
    state = State.BEGUN;
    headLength = head.length();
    payload = connection.responseArray(payload, 0, headLength);
    System.arraycopy(head.bytes(), 0, payload, 0, headLength);
    hasDate = head.hasDate();
    hasServer = head.hasServer();
    declared = head.contentLength();
    noBody = bodiless || ResponseEncoder.hasNoBody(head.status());
    close = !wantsKeepAlive;
    if (declared >= 0 || noBody) {
      framing = Framing.AS_DECLARED;
    } else if (eleven) {
      framing = Framing.CHUNKED;
    } else {
      framing = Framing.UNTIL_CLOSE;
      close = true;
    }
  }

  private void encodeHead(ByteBuf out) {
    close |= connection.outflow().isDraining();
    int announcement = close ? -1 : eleven ? 0 : 1;
    ResponseEncoder.head(
        out,
        payload,
        headLength,
        hasDate,
        hasServer,
        connection.date(),
        framing,
        addLength,
        announcement);
    headSent = true;
  }

  @Override
  public synchronized void begin(ResponseHead head) {
    takeHead(head);
    // The array goes back to the connection's next request only after this one has ended.
  }

  @Override
  public synchronized void write(ByteBuffer piece) {
    if (state != State.BEGUN) {
      throw new IllegalStateException("there is no response to write to");
    }
    int size = noBody ? 0 : (int) allowed(piece.remaining());
    if (headSent && size == 0) {
      return;
    }
    ByteBuf out =
        connection.allocate(size + 32 + (headSent ? 0 : headLength + ResponseEncoder.EXTRA));
    if (!headSent) {
      encodeHead(out);
    }
    if (size > 0) {
      encodePiece(out, piece.duplicate().limit(piece.position() + size), size);
    }
    connection.outflow().queued(out.readableBytes());
    connection.onIoThread(() -> connection.writePart(out));
  }

  private void encodePiece(ByteBuf out, ByteBuffer piece, int size) {
    if (framing == Framing.CHUNKED) {
      ResponseEncoder.chunkSize(out, size);
      out.writeBytes(piece);
      ResponseEncoder.chunkEnd(out);
    } else {
      out.writeBytes(piece);
    }
  }

  /** How much of a piece the declared length leaves room for; counts it as sent. */
  private long allowed(long size) {
    if (declared >= 0 && sent + size > declared) {
      LOG.warn(
          "the application sent more than its Content-Length of {} for {} {}; the rest was cut off",
          declared,
          request.method(),
          LogText.of(request.target()));
      size = declared - sent;
      close = true;
    }
    sent += size;
    return size;
  }

  private void checkComplete() {
    if (!noBody && declared >= 0 && sent < declared) {
      LOG.warn(
          "the application sent {} of the {} bytes of its Content-Length for {} {}",
          sent,
          declared,
          request.method(),
          LogText.of(request.target()));
      close = true;
    }
  }

  @Override
  public boolean isCongested() {
    return connection.outflow().isCongested();
  }

  @Override
  public void awaitWritable() throws InterruptedException {
    connection.outflow().awaitWritable();
  }

  @Override
  public synchronized void end() {
    if (state != State.BEGUN) {
      return;
    }
    checkComplete();
    ByteBuf out = connection.allocate(headSent ? 8 : headLength + ResponseEncoder.EXTRA + 8);
    state = State.ENDED;
    if (!headSent) {
      encodeHead(out);
    }
    if (framing == Framing.CHUNKED) {
      ResponseEncoder.lastChunk(out);
    }
    boolean closing = close;
    connection.onIoThread(() -> connection.finish(this, out, closing));
  }

  @Override
  public synchronized void abort() {
    if (state != State.ENDED) {
      state = State.ENDED;
      connection.onIoThread(() -> connection.abort(this));
    }
  }
}
