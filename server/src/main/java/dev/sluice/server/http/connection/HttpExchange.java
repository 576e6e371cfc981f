package dev.sluice.server.http.connection;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.FilePart;
import dev.sluice.server.exchange.LogText;
import dev.sluice.server.exchange.Outcome;
import dev.sluice.server.exchange.Peer;
import dev.sluice.server.exchange.RequestBody;
import dev.sluice.server.exchange.RequestHandler;
import dev.sluice.server.exchange.RequestHead;
import dev.sluice.server.exchange.RequestObserver;
import dev.sluice.server.exchange.ResponseHead;
import dev.sluice.server.exchange.SharedBytes;
import dev.sluice.server.requestids.RequestIds;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one request and its answer are in every protocol: made on an IO thread, answered from any
 * thread (one at a time), whose calls hand bytes over to the IO thread in the order in which they
 * come.
 *
 * <p>It counts what is sent, so that a response is as long as its head says, or is broken off. The
 * methods that a protocol adds are called with this object locked, and hand over.
 */
public abstract class HttpExchange implements Exchange {
  private static final Logger LOG = LoggerFactory.getLogger(HttpExchange.class);
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  /** The status that logs have for a client that was gone before there was an answer. */
  private static final int CLIENT_GONE = 499;

  private enum State {
    NEW,
    BEGUN,
    ENDED
  }

  private final IoThread io;
  private final RequestHead request;
  private final IncomingBody body;
  private final Peer peer;
  private final Outflow outflow;
  private final long number;
  private final boolean isHeadRequest;
  private final long startNanos = System.nanoTime();

  private State state = State.NEW;
  private boolean takenOver;
  private boolean noBody;
  private boolean broken;
  private int status;
  private long declared = -1;
  private long sent;
  private boolean reported;
  private boolean handedOver;

  protected HttpExchange(
      IoThread io, RequestHead request, IncomingBody body, Peer peer, Outflow outflow) {
    this.io = io;
    this.request = request;
    this.body = body;
    this.peer = peer;
    this.outflow = outflow;
    number = io.nextNumber();
    isHeadRequest = request.method().equals("HEAD");
  }

  /** Takes a copy of the head, which goes out with what comes next. */
  protected abstract void take(ResponseHead head);

  /**
   * Sends the head and a whole body.
   *
   * @param addLength the Content-Length to add to the head, or -1
   */
  protected abstract void sendWhole(ByteBuffer whole, long addLength);

  /** Sends a head that declares their number, and all the bytes. */
  protected void sendShared(SharedBytes whole) {
    sendWhole(whole.part(0, whole.size()), -1);
  }

  /** Sends the head, if it has not been sent, and a piece of the body, which may be empty. */
  protected abstract void sendPiece(ByteBuffer piece);

  /** The same with a part of a file, which is taken over. */
  protected abstract void sendFile(FilePart part);

  /** Ends the response, whose head may not have been sent. */
  protected abstract void sendEnd(@Nullable ResponseHead trailers);

  protected abstract void sendInformation(ResponseHead head);

  /** Breaks the response off. */
  protected abstract void sendAbort();

  @Override
  public final RequestHead request() {
    return request;
  }

  @Override
  public final RequestBody body() {
    return body;
  }

  public final IncomingBody incoming() {
    return body;
  }

  @Override
  public final Peer peer() {
    return peer;
  }

  @Override
  public final long number() {
    return number;
  }

  protected final Outflow outflow() {
    return outflow;
  }

  protected final IoThread io() {
    return io;
  }

  /** What the head declares as the body's length, or -1. */
  protected final long declared() {
    return declared;
  }

  /** Whether the response has no body, because of its status or of the request's method. */
  protected final boolean hasNoBody() {
    return noBody;
  }

  /** Whether fewer bytes were sent than declared, or more: what follows could be misread. */
  protected final boolean isBroken() {
    return broken;
  }

  /** Whether the answer has begun; any thread. */
  public final synchronized boolean isBegun() {
    return state != State.NEW;
  }

  @Override
  public final synchronized boolean isOpen() {
    return !takenOver && outflow.isOpen();
  }

  @Override
  public final synchronized void respond(ResponseHead head, ByteBuffer whole) {
    if (!takenOver) {
      respondAs(head, whole);
    }
  }

  @Override
  public final synchronized void respond(ResponseHead head, SharedBytes whole) {
    if (takenOver) {
      return;
    }
    if (isHeadRequest || hasNoBody(head.status()) || head.contentLength() != whole.size()) {
      respondAs(head, whole.part(0, whole.size()));
      return;
    }
    takeHead(head);
    sent = whole.size();
    sendLast(() -> sendShared(whole));
  }

  private void respondAs(ResponseHead head, ByteBuffer whole) {
    takeHead(head);
    sendLast(() -> sendAs(head, whole));
  }

  /** Ends the response, in any case: if there is no memory for its last part, it is broken off. */
  private void sendLast(Runnable sending) {
    state = State.ENDED;
    try {
      sending.run();
    } catch (RuntimeException | Error e) {
      LOG.error("a response could not be sent: {}", e.toString());
      broken = true;
      sendAbort();
    }
  }

  private void sendAs(ResponseHead head, ByteBuffer whole) {
    int size = whole.remaining();
    if (noBody) {
      boolean tellsLength = isHeadRequest && declared < 0 && !hasNoBody(head.status());
      sendWhole(NOTHING, tellsLength ? size : -1);
    } else if (declared < 0) {
      sent = size;
      sendWhole(whole, size);
    } else {
      int allowed = (int) allowed(size);
      checkComplete();
      sendWhole(whole.duplicate().limit(whole.position() + allowed), -1);
    }
  }

  private void takeHead(ResponseHead head) {
    if (state != State.NEW) {
      throw new IllegalStateException("the response has begun");
    }
    state = State.BEGUN;
    status = head.status();
    declared = head.contentLength();
    noBody = isHeadRequest || hasNoBody(status);
    take(RequestIds.answer(request, head));
  }

  /** Whether a response with this status has no body, whatever its head says. */
  private static boolean hasNoBody(int status) {
    return status == 204 || status == 304 || status < 200;
  }

  @Override
  public final synchronized void inform(ResponseHead head) {
    if (!takenOver && state == State.NEW && !request.protocol().equals("HTTP/1.0")) {
      sendInformation(head);
    }
  }

  @Override
  public final synchronized void begin(ResponseHead head) {
    if (!takenOver) {
      takeHead(head);
    }
  }

  @Override
  public final synchronized void write(ByteBuffer piece) {
    if (takenOver) {
      return;
    }
    checkBegun();
    int size = noBody ? 0 : (int) allowed(piece.remaining());
    sendPiece(piece.duplicate().limit(piece.position() + size));
  }

  @Override
  public final synchronized void write(FilePart part) {
    if (takenOver) {
      part.close();
      return;
    }
    checkBegun();
    long size = noBody ? 0 : allowed(part.count());
    if (size == 0) {
      part.close();
      sendPiece(NOTHING);
    } else {
      sendFile(part.first(size));
    }
  }

  private void checkBegun() {
    if (state != State.BEGUN) {
      throw new IllegalStateException("there is no response to write to");
    }
  }

  /** How much of a piece the declared length leaves room for; counts it as sent. */
  private long allowed(long size) {
    if (declared >= 0 && sent + size > declared) {
      if (!broken) {
        LOG.warn(
            "the application sent more than its Content-Length of {} for {} {}; the rest was cut",
            declared,
            request.method(),
            LogText.of(request.target()));
      }
      size = declared - sent;
      broken = true;
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
      broken = true;
    }
  }

  @Override
  public final boolean isCongested() {
    return outflow.isCongested();
  }

  @Override
  public final void awaitWritable() throws InterruptedException {
    outflow.awaitWritable();
  }

  @Override
  public final void end() {
    endWith(null);
  }

  @Override
  public final void end(ResponseHead trailers) {
    endWith(trailers);
  }

  private synchronized void endWith(@Nullable ResponseHead trailers) {
    if (!takenOver && state == State.BEGUN) {
      checkComplete();
      sendLast(() -> sendEnd(trailers));
    }
  }

  @Override
  public final synchronized boolean takeOver(int newStatus, String why) {
    if (takenOver || state == State.ENDED) {
      return false;
    }
    takenOver = true;
    body.fail(why);
    if (state == State.NEW) {
      byte[] text = OwnAnswers.text(why);
      respondAs(OwnAnswers.head(newStatus, text), ByteBuffer.wrap(text));
    } else {
      state = State.ENDED;
      sendAbort();
    }
    return true;
  }

  @Override
  public final synchronized void abort() {
    if (!takenOver && state != State.ENDED) {
      state = State.ENDED;
      sendAbort();
    }
  }

  /** Gives the request to the handler, or answers it if that takes no more; on the IO thread. */
  public final void handTo(RequestHandler handler) {
    handedOver = true;
    io.requestBegun();
    try {
      if (!handler.accept(this)) {
        OwnAnswers.respond(this, 503, "too many requests are waiting here: try again soon");
      }
    } catch (RuntimeException | Error e) {
      LOG.error("a request could not be handed over: {}", e.toString());
      abort();
    }
  }

  /** Ends a request that the handler never had, and that was answered in another way. */
  public final void refused(RequestObserver observer, int refusalStatus) {
    synchronized (this) {
      status = refusalStatus;
    }
    report(observer, true);
  }

  /** Notes that bytes of the body that were given for sending were not sent after all. */
  protected final synchronized void lose(long bytes) {
    sent -= bytes;
  }

  /**
   * Tells the observer, once, that the request has ended, with everything sent that was to be or
   * not; on the IO thread.
   */
  public final void report(RequestObserver observer, boolean whole) {
    Outcome outcome;
    synchronized (this) {
      if (reported) {
        return;
      }
      reported = true;
      int shown = status == 0 ? CLIENT_GONE : status;
      long took = System.nanoTime() - startNanos;
      outcome = new Outcome(shown, sent, startNanos, took, whole && !broken);
    }
    if (handedOver) {
      io.requestEnded();
    }
    observer.tell(this, outcome);
  }
}
