package dev.sluice.server.http.h2;

import dev.sluice.server.exchange.FilePart;
import dev.sluice.server.exchange.Peer;
import dev.sluice.server.exchange.RequestHead;
import dev.sluice.server.exchange.ResponseHead;
import dev.sluice.server.exchange.SharedBytes;
import dev.sluice.server.exchange.WebSocket;
import dev.sluice.server.http.connection.HttpExchange;
import dev.sluice.server.http.connection.IncomingBody;
import dev.sluice.server.http.connection.SharedCopy;
import dev.sluice.server.http.websocket.Carrier;
import dev.sluice.server.http.websocket.Opening;
import dev.sluice.server.http.websocket.Session;
import dev.sluice.server.requestids.RequestIds;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One request of a connection of HTTP/2: copies what it is given, on whatever thread answers, and
 * hands it to the IO thread, where frames are made of it.
 */
final class Http2Exchange extends HttpExchange implements Runnable, Opening {
  /** Bodies up to this size are handed over in an array, and copied once more into their frame. */
  private static final int SMALL = 4096;

  private final RequestStream stream;
  private final StreamOutput output;
  private @Nullable ResponseFields head;
  private ByteBuf whole = Unpooled.EMPTY_BUFFER;
  private long addLength = -1;
  private long handedOver;
  private boolean asked;
  private @Nullable Session socket;

  Http2Exchange(
      RequestStream stream,
      RequestHead request,
      IncomingBody body,
      Peer peer,
      StreamOutput output) {
    super(stream.session().io(), request, body, peer, output.outflow());
    this.stream = stream;
    this.output = output;
  }

  @Override
  public synchronized @Nullable WebSocket webSocket() {
    if (!asked && stream.asksForSocket()) {
      socket = Session.of(this, io(), stream.session().serving().webSockets(), false, this);
    }
    asked = true;
    return socket;
  }

  @Override
  public int status() {
    return 200;
  }

  @Override
  public boolean claim() {
    return switchProtocol(200);
  }

  @Override
  public @Nullable Carrier open(ResponseHead answer, Session opened) {
    return stream.open(this, new ResponseFields(RequestIds.answer(request(), answer)), opened);
  }

  /** The socket has ended, after so many bytes of messages. */
  void socketEnded(long bytes) {
    count(bytes);
  }

  @Override
  protected void take(ResponseHead taken) {
    head = new ResponseFields(taken);
  }

  @Override
  protected void sendWhole(ByteBuffer body, long lengthToAdd) {
    int size = body.remaining();
    if (size > SMALL) {
      whole = output.allocate(size).writeBytes(body);
    } else if (size > 0) {
      byte[] copy = new byte[size];
      body.get(copy);
      whole = Unpooled.wrappedBuffer(copy);
    }
    handedOver = size;
    addLength = lengthToAdd;
    steps().giveLast(this);
  }

  @Override
  protected void sendShared(SharedBytes shared) {
    if (shared.size() <= SMALL) {
      super.sendShared(shared);
      return;
    }
    whole = SharedCopy.append(output.allocate(shared.size()), shared);
    handedOver = shared.size();
    steps().giveLast(this);
  }

  /** Sends a whole response; on the IO thread. */
  @Override
  public void run() {
    ResponseFields fields;
    ByteBuf body;
    boolean cut;
    synchronized (this) {
      fields = head;
      body = whole;
      cut = isCut();
      whole = Unpooled.EMPTY_BUFFER;
    }
    if (fields == null || fields.status() < 200) {
      body.release();
      stream.abort(this);
      return;
    }
    stream.finished(this);
    if (cut) {
      output.head(fields);
      output.piece(body, 0);
      output.cut(written -> stream.answered(this, false));
    } else {
      output.respond(fields, addLength, body, written -> stream.answered(this, written));
    }
  }

  /** Whether the body has become shorter than its head says: the client has to be told. */
  private boolean isCut() {
    return !length().isNone() && length().declared() >= 0 && handedOver < length().declared();
  }

  /** The head, if it is yet to be sent. */
  private @Nullable ResponseFields unsentHead() {
    ResponseFields unsent = head;
    head = null;
    return unsent;
  }

  @Override
  protected void sendPiece(ByteBuffer piece) {
    int size = piece.remaining();
    ByteBuf out = size == 0 ? Unpooled.EMPTY_BUFFER : output.allocate(size).writeBytes(piece);
    ResponseFields fields = unsentHead();
    if (fields == null && size == 0) {
      return;
    }
    handedOver += size;
    outflow().queued(size);
    steps()
        .give(() -> {
          output.head(fields);
          output.piece(out, size);
        });
  }

  @Override
  protected void sendFile(FilePart part) {
    ResponseFields fields = unsentHead();
    handedOver += part.count();
    steps()
        .give(() -> {
          output.head(fields);
          output.file(part);
        });
  }

  @Override
  protected void sendEnd(@Nullable ResponseHead trailers) {
    ResponseFields fields = unsentHead();
    ResponseFields last = trailers == null ? null : new ResponseFields(trailers);
    boolean cut = isCut();
    if (fields != null && length().isNone()) {
      steps()
          .giveLast(() -> {
            stream.finished(this);
            output.respond(
                fields, -1, Unpooled.EMPTY_BUFFER, written -> stream.answered(this, written));
          });
      return;
    }
    steps()
        .giveLast(() -> {
          stream.finished(this);
          output.head(fields);
          if (cut) {
            output.cut(written -> stream.answered(this, false));
          } else {
            output.end(last, written -> stream.answered(this, written));
          }
        });
  }

  @Override
  protected void sendInformation(ResponseHead information) {
    ResponseFields fields = new ResponseFields(information);
    steps().give(() -> output.information(fields));
  }

  @Override
  protected void sendAbort() {
    steps().give(() -> stream.abort(this));
  }
}
