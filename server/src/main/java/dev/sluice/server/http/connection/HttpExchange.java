package dev.sluice.server.http.connection;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.FilePart;
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
  private final ResponseLength length;
  private final Departure departure;
  private final Steps steps;
  private final Account account;
  private State state = State.NEW;
  private boolean takenOver;
  private boolean aborted;

  protected HttpExchange(
      IoThread io, RequestHead request, IncomingBody body, Peer peer, Outflow outflow) {
    this.io = io;
    this.request = request;
    this.body = body;
    this.peer = peer;
    this.outflow = outflow;
    number = io.nextNumber();
    length = new ResponseLength(request);
    departure = new Departure(io);
    steps = new Steps(io);
    account = new Account(io);
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

  /** The way of what a protocol does on the IO thread for this answer, in order. */
  protected final Steps steps() {
    return steps;
  }

  /** How long the response is; with this exchange locked. */
  protected final ResponseLength length() {
    return length;
  }

  /** Whether the answer has begun; any thread. */
  public final synchronized boolean isBegun() {
    return state != State.NEW;
  }

  @Override
  public final synchronized boolean isOpen() {
    return !takenOver && !aborted && outflow.isOpen();
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
    if (!length.isJust(head, whole.size())) {
      respondAs(head, whole.part(0, whole.size()));
      return;
    }
    takeHead(head);
    length.send(whole.size());
    sendLast(() -> sendShared(whole));
  }

  private void respondAs(ResponseHead head, ByteBuffer whole) {
    takeHead(head);
    sendLast(() -> sendAs(head, whole));
  }

  /** Ends the response, in any case: if there is no memory for its last part, it is broken off. */
  private void sendLast(Runnable sending) {
    endState();
    try {
      sending.run();
    } catch (RuntimeException | Error e) {
      LOG.error("a response could not be sent: {}", e.toString());
      length.breakOff();
      sendAbort();
    }
  }

  /** Nobody is told of the client any more, but those in whose place another one has answered. */
  private void endState() {
    state = State.ENDED;
    if (!takenOver) {
      departure.over();
    }
  }

  private void sendAs(ResponseHead head, ByteBuffer whole) {
    int size = whole.remaining();
    if (length.isNone()) {
      sendWhole(NOTHING, length.lacksLength(head) ? size : -1);
    } else if (length.declared() < 0) {
      length.send(size);
      sendWhole(whole, size);
    } else {
      int allowed = (int) length.allow(size);
      length.end();
      sendWhole(whole.duplicate().limit(whole.position() + allowed), -1);
    }
  }

  private void checkNew() {
    if (state != State.NEW) {
      throw new IllegalStateException("the response has begun");
    }
  }

  private void takeHead(ResponseHead head) {
    checkNew();
    state = State.BEGUN;
    account.answered(head.status());
    length.begin(head);
    take(RequestIds.answer(request, head));
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
    int size = (int) length.allow(piece.remaining());
    sendPiece(piece.duplicate().limit(piece.position() + size));
  }

  @Override
  public final synchronized void write(FilePart part) {
    if (takenOver) {
      part.close();
      return;
    }
    checkBegun();
    long size = length.allow(part.count());
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

  @Override
  public final boolean isCongested() {
    return outflow.isCongested();
  }

  @Override
  public final void awaitWritable() throws InterruptedException {
    outflow.awaitWritable();
  }

  @Override
  public final void whenWritable(Runnable action) {
    Runnable task = () -> io.loop().execute(action);
    if (!outflow.whenWritable(task)) {
      task.run();
    }
  }

  @Override
  public final void whenGone(Runnable action) {
    departure.whenGone(action);
  }

  @Override
  public final void whenInputEnded(Runnable action) {
    if (outflow.isInputEnded()) {
      inputEnded();
    }
    departure.whenInputEnded(action);
  }

  /**
   * The client is gone: its body fails, and whoever wants to know is told; on the IO thread.
   *
   * @param why for whoever reads the body
   */
  public final void clientGone(String why) {
    body.fail(why);
    departure.gone();
  }

  /** The client sends no more, but may still take the answer. */
  public final void inputEnded() {
    departure.inputEnded();
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
      length.end();
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
    departure.gone();
    if (state == State.NEW) {
      byte[] text = OwnAnswers.text(why);
      respondAs(OwnAnswers.head(newStatus, text), ByteBuffer.wrap(text));
    } else {
      endState();
      sendAbort();
    }
    return true;
  }

  @Override
  public final synchronized void abort() {
    if (!takenOver && state != State.ENDED) {
      aborted = true;
      endState();
      sendAbort();
    }
  }

  /** Gives the request to the handler, or answers it if that takes no more; on the IO thread. */
  public final void handTo(RequestHandler handler) {
    synchronized (this) {
      account.open();
    }
    OwnAnswers.unlessTaken(this, handler);
  }

  /** Ends a request that the handler never had, and that was answered in another way. */
  public final void refused(RequestObserver observer, int refusalStatus) {
    synchronized (this) {
      account.answered(refusalStatus);
    }
    report(observer, true);
  }

  /** Takes the exchange for another protocol; false if somebody else has answered. */
  protected final synchronized boolean switchProtocol(int newStatus) {
    if (!takenOver) {
      checkNew();
      endState();
      account.answered(newStatus);
    }
    return !takenOver;
  }

  /** Notes that more bytes were sent than were counted, or (less than zero) fewer. */
  protected final synchronized void count(long more) {
    length.send(more);
  }

  /**
   * Tells the observer, once, that the request has ended, with everything sent that was to be or
   * not; on the IO thread.
   */
  public final void report(RequestObserver observer, boolean whole) {
    @Nullable Outcome outcome;
    synchronized (this) {
      outcome = account.close(length, whole);
    }
    if (outcome != null) {
      observer.tell(this, outcome);
    }
  }
}
