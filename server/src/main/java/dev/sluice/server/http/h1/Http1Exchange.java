package dev.sluice.server.http.h1;

import dev.sluice.server.exchange.FilePart;
import dev.sluice.server.exchange.Peer;
import dev.sluice.server.exchange.RequestHead;
import dev.sluice.server.exchange.RequestObserver;
import dev.sluice.server.exchange.ResponseHead;
import dev.sluice.server.exchange.SharedBytes;
import dev.sluice.server.exchange.WebSocket;
import dev.sluice.server.http.connection.HttpExchange;
import dev.sluice.server.http.connection.IncomingBody;
import dev.sluice.server.http.connection.SharedCopy;
import dev.sluice.server.http.h1.ResponseEncoder.Framing;
import dev.sluice.server.http.websocket.Carrier;
import dev.sluice.server.http.websocket.Opening;
import dev.sluice.server.http.websocket.Session;
import dev.sluice.server.requestids.RequestIds;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request of a connection of HTTP/1: encodes the answer on whatever thread gives it, but for
 * small whole ones, which are encoded on the IO thread.
 */
final class Http1Exchange extends HttpExchange implements Runnable, Opening {
  private static final Logger LOG = LoggerFactory.getLogger(Http1Exchange.class);

  /** Bodies up to this size are handed over in the connection's own array. */
  private static final int SMALL = 16 * 1024;

  private final Http1Connection connection;
  private boolean keepAlive;
  private final boolean eleven;

  private Framing framing = Framing.AS_DECLARED;
  private boolean headSent;
  private boolean sendsFile;
  private boolean close;

  // A head (and a small body) on the way to the IO thread.
  private byte[] payload = new byte[0];
  private int headLength;
  private int payloadLength;
  private boolean hasDate;
  private boolean hasServer;
  private long addLength = -1;

  private boolean asked;
  private @Nullable Session socket;

  Http1Exchange(
      Http1Connection connection,
      RequestHead request,
      IncomingBody body,
      Peer peer,
      boolean keepAlive) {
    super(connection.io(), request, body, peer, connection.outflow());
    this.connection = connection;
    this.keepAlive = keepAlive;
    this.eleven = request.protocol().equals("HTTP/1.1");
  }

  @Override
  public synchronized @Nullable WebSocket webSocket() {
    if (!asked) {
      asked = true;
      socket = Session.of(this, io(), connection.serving().webSockets(), true, this);
    }
    return socket;
  }

  @Override
  public int status() {
    return 101;
  }

  @Override
  public boolean claim() {
    return switchProtocol(101);
  }

  @Override
  public @Nullable Carrier open(ResponseHead head, Session opened) {
    if (!connection.leave(this)) {
      return null;
    }
    ResponseHead answer = RequestIds.answer(request(), head);
    ByteBuf out = connection.output().allocate(answer.length() + ResponseEncoder.EXTRA);
    ResponseEncoder.switching(out, answer, io().date());
    connection.output().writeLast(out);
    Http1Socket opening = new Http1Socket(connection, this, opened);
    connection.output().replaceHandler(opening);
    return opening;
  }

  /** The socket has ended; on the IO thread. */
  void socketEnded(RequestObserver observer, long bytes, boolean clean) {
    count(bytes);
    report(observer, clean);
  }

  @Override
  protected void take(ResponseHead head) {
    headLength = head.length();
    payload = connection.headArray.withRoom(payload, 0, headLength);
    System.arraycopy(head.bytes(), 0, payload, 0, headLength);
    hasDate = head.hasDate();
    hasServer = head.hasServer();
    keepAlive &= !head.closes();
    close = !keepAlive;
    if (length().declared() >= 0 || length().isNone()) {
      framing = Framing.AS_DECLARED;
    } else if (eleven) {
      framing = Framing.CHUNKED;
    } else {
      framing = Framing.UNTIL_CLOSE;
      close = true;
    }
  }

  @Override
  protected void sendWhole(ByteBuffer whole, long lengthToAdd) {
    framing = Framing.AS_DECLARED;
    close = !keepAlive;
    addLength = lengthToAdd;
    int size = whole.remaining();
    if (size > SMALL) {
      ByteBuf out = allocate(size);
      encodeHead(out);
      out.writeBytes(whole);
      boolean closing = isClosing();
      steps().giveWhole(() -> connection.finish(this, out, null, closing));
    } else {
      payload = connection.headArray.withRoom(payload, headLength, headLength + size);
      whole.get(payload, headLength, size);
      payloadLength = headLength + size;
      steps().giveWhole(this);
    }
  }

  @Override
  protected void sendShared(SharedBytes whole) {
    FileChannel file = whole.file();
    if (file == null || whole.size() <= SMALL) {
      super.sendShared(whole);
      return;
    }
    framing = Framing.AS_DECLARED;
    close = !keepAlive;
    ByteBuf out = allocate(connection.output().sendsFiles() ? 0 : whole.size());
    boolean copied = !connection.output().sendsFiles() || !whole.hold();
    encodeHead(out);
    if (copied) {
      SharedCopy.append(out, whole);
    }
    SharedRegion region = copied ? null : new SharedRegion(whole, file);
    sendsFile = region != null;
    boolean closing = isClosing();
    steps().giveWhole(() -> connection.finish(this, out, region, closing));
  }

  /** Encodes a small response; on the IO thread. */
  @Override
  public void run() {
    ByteBuf out;
    boolean closing;
    try {
      out = connection.output().allocate(payloadLength + ResponseEncoder.EXTRA);
    } catch (RuntimeException | OutOfMemoryError e) {
      LOG.error("a response could not be sent: {}", e.toString());
      connection.abort(this);
      return;
    }
    synchronized (this) {
      encodeHead(out);
      out.writeBytes(payload, headLength, payloadLength - headLength);
      closing = isClosing();
    }
    connection.finish(this, out, null, closing);
  }

  /** Sends the last part of an answer, and tells the observer; on the IO thread. */
  void sendLast(ByteBuf out, @Nullable SharedRegion body, RequestObserver observer) {
    Http1Output output = connection.output();
    if (sendsFile()) {
      reportAfter(output.writeWatched(output.join(out, body)), observer, body);
    } else {
      output.writeLast(output.join(out, body));
      report(observer, true);
    }
  }

  /** Tells the observer once the system has taken everything; on the IO thread. */
  void reportAfter(ChannelFuture sent, RequestObserver observer, @Nullable SharedRegion body) {
    sent.addListener(done -> {
      if (!done.isSuccess() && body != null) {
        count(body.transferred() - body.count());
      }
      report(observer, done.isSuccess());
    });
  }

  /** Whether it may take long until the system has taken what was given for sending. */
  private synchronized boolean sendsFile() {
    return sendsFile;
  }

  /** Whether the client sees that an answer was cut off, however the connection ends. */
  synchronized boolean showsItsEnd() {
    return headSent && (framing == Framing.CHUNKED || length().isShort());
  }

  private boolean isClosing() {
    return close || length().isBroken();
  }

  /** A buffer with room for a part of the body, and for the head if that is yet to be sent. */
  private ByteBuf allocate(int size) {
    int more = 32 + (headSent ? 0 : headLength + ResponseEncoder.EXTRA);
    return connection.output().allocate(Math.addExact(size, more));
  }

  /** A connection is closed if the client may still be sending a body that nobody has read. */
  private void encodeHead(ByteBuf out) {
    close |= length().isBroken() || outflow().isAnnouncing() || !incoming().isComplete();
    int announcement = close ? -1 : eleven ? 0 : 1;
    ResponseEncoder.head(
        out,
        payload,
        headLength,
        hasDate,
        hasServer,
        io().date(),
        framing,
        addLength,
        announcement);
    headSent = true;
  }

  @Override
  protected void sendPiece(ByteBuffer piece) {
    int size = piece.remaining();
    if (headSent && size == 0) {
      return;
    }
    ByteBuf out = allocate(size);
    beginPiece(out, size);
    out.writeBytes(piece);
    endPiece(out, size);
    handOver(out);
  }

  private void beginPiece(ByteBuf out, long size) {
    if (!headSent) {
      encodeHead(out);
    }
    if (framing == Framing.CHUNKED && size > 0) {
      ResponseEncoder.chunkSize(out, size);
    }
  }

  private void endPiece(ByteBuf out, long size) {
    if (framing == Framing.CHUNKED && size > 0) {
      ResponseEncoder.chunkEnd(out);
    }
  }

  private void handOver(ByteBuf out) {
    outflow().queued(out.readableBytes());
    steps().give(() -> connection.output().write(out));
  }

  @Override
  protected void sendFile(FilePart part) {
    ByteBuf after = connection.output().allocate(2);
    ByteBuf before;
    try {
      before = allocate(0);
    } catch (RuntimeException | Error e) {
      after.release();
      throw e;
    }
    beginPiece(before, part.count());
    endPiece(after, part.count());
    sendsFile = true;
    steps().give(() -> connection.output().write(before, part, after, unsent -> count(-unsent)));
  }

  @Override
  protected void sendEnd(@Nullable ResponseHead trailers) {
    ByteBuf out = allocate(trailers == null ? 8 : 8 + trailers.length());
    if (!headSent) {
      encodeHead(out);
    }
    if (framing == Framing.CHUNKED) {
      ResponseEncoder.lastChunk(out, trailers);
    }
    boolean closing = isClosing();
    steps().giveLast(() -> connection.finish(this, out, null, closing));
  }

  @Override
  protected void sendInformation(ResponseHead head) {
    ByteBuf out = connection.output().allocate(head.length() + 16);
    ResponseEncoder.information(out, head);
    handOver(out);
  }

  @Override
  protected void sendAbort() {
    steps().give(() -> connection.abort(this));
  }
}
