package dev.sluice.server.http.h2;

import dev.sluice.server.exchange.Peer;
import dev.sluice.server.http.connection.BodyAllowance;
import dev.sluice.server.http.connection.Connection;
import dev.sluice.server.http.connection.IoThread;
import dev.sluice.server.http.connection.Refused;
import dev.sluice.server.http.connection.Serving;
import dev.sluice.server.http.h2.FrameBudget.Kind;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Stream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection of HTTP/2, on its {@code sluice-io} thread: begins requests, bounds how many are
 * in progress, and ends the connection, at once or after its last request.
 *
 * <p>A request that a client takes back stays in progress until the handler is done with it; so a
 * client that opens and resets streams as fast as it can never has more than the limit at work.
 */
final class Http2Session implements Connection {
  private static final Logger LOG = LoggerFactory.getLogger(Http2Session.class);

  private final IoThread io;
  private final Serving serving;
  private final Peer peer;
  private final boolean extendedConnect;
  private final Http2Heads heads;
  private final FrameBudget budget = new FrameBudget();
  private final RecentStreams resets = new RecentStreams();
  private final RecentStreams begun = new RecentStreams();
  private final SessionClock clock;
  final BodyAllowance bodyMemory; // what the bodies of its requests may have together
  private Http2Output output;
  private SessionHandler handler;
  private ChannelHandlerContext context;
  private Http2Connection.PropertyKey streamKey;
  private int inProgress;
  private boolean settingsKnown;
  private boolean ending;
  private boolean gone;

  @SuppressWarnings("NullAway.Init") // added gives the rest, before anything else
  Http2Session(IoThread io, Serving serving, Peer peer, boolean extendedConnect) {
    this.io = io;
    this.serving = serving;
    this.peer = peer;
    this.extendedConnect = extendedConnect;
    heads = new Http2Heads(serving.limits(), extendedConnect);
    clock = new SessionClock(serving.limits());
    bodyMemory = new BodyAllowance(serving.bodyMemory());
  }

  void added(SessionHandler its, ChannelHandlerContext added) {
    handler = its;
    context = added;
    output = new Http2Output(its, added, io);
    Http2Connection connection = its.connection();
    streamKey = connection.newKey();
    connection.addListener(
        new Http2ConnectionAdapter() {
          @Override
          public void onStreamClosed(Http2Stream stream) {
            streamClosed(stream);
          }
        });
  }

  void begin() {
    clock.begin(io.second());
    io.add(this);
  }

  /** The channel is closed; Netty closes the streams next. */
  void gone() {
    gone = true;
    io.remove(this);
  }

  void received() {
    clock.received();
  }

  boolean isClosing() {
    return output.isClosing();
  }

  @Nullable RequestStream stream(int id) {
    Http2Stream stream = handler.connection().stream(id);
    return stream == null ? null : stream.getProperty(streamKey);
  }

  /**
   * Refuses header fields for a stream that the client has ended, or passed over when it opened a
   * later one (RFC 9113, 5.1).
   */
  void checkHeaders(int id) throws Http2Exception {
    Http2Connection connection = handler.connection();
    Http2Stream stream = connection.stream(id);
    boolean late =
        stream == null
            ? connection.remote().mayHaveCreatedStream(id) && !resets.contains(id)
            : id != 0 && !stream.state().remoteSideOpen() && !stream.isResetSent();
    if (late) {
      boolean known = stream != null || begun.contains(id);
      throw Http2Exception.connectionError(
          known ? Http2Error.STREAM_CLOSED : Http2Error.PROTOCOL_ERROR,
          "header fields for stream %d, which is closed",
          id);
    }
  }

  /** The fields of a request are complete; Netty has opened its stream. */
  void beginRequest(int id, RequestFields fields, boolean endsHere) throws Http2Exception {
    Http2Stream opened = handler.connection().stream(id);
    if (opened == null) {
      return;
    }
    begun.add(id);
    int limit = serving.limits().streams();
    if (inProgress >= limit || handler.connection().numActiveStreams() > limit) {
      if (settingsKnown) {
        budget.spend(Kind.FAULT);
      }
      reset(id, Http2Error.REFUSED_STREAM);
      return;
    }
    RequestStream stream = new RequestStream(this, opened);
    opened.setProperty(streamKey, stream);
    try {
      stream.begin(heads, fields, endsHere);
    } catch (Refused e) {
      stream.refuseHead(e);
    }
  }

  /** Somebody has the exchange of a stream. */
  void started() {
    inProgress++;
    clock.requestBegun();
  }

  /** The same one will not use it any more. */
  void finished() {
    inProgress--;
  }

  void answered() {
    budget.answered();
  }

  private void streamClosed(Http2Stream netty) {
    RequestStream stream = netty.getProperty(streamKey);
    if (stream != null) {
      stream.closed();
    }
    clock.streamClosed(io.second());
    if (ending && !gone) {
      // Not at once: the stream still counts.
      io.loop().execute(this::endIfIdle);
    }
  }

  /** A header list beyond the limit: told so if it is a request, and nothing of it is kept. */
  void headersTooLarge(int id) {
    RequestStream known = stream(id);
    if (known != null) {
      known.refuse(431, "the trailers are too large");
      return;
    }
    try {
      Http2Stream stream = handler.connection().remote().createStream(id, false);
      budget.spend(Kind.FAULT);
      RequestStream refused = new RequestStream(this, stream);
      stream.setProperty(streamKey, refused); // so that its answer is not waited for without end
      refused.refuseHead(new Refused(431, "the headers are too large"));
      output.flushSoon();
    } catch (Http2Exception e) {
      handler.onError(context, false, e);
    }
  }

  /**
   * Something malformed on a stream: it is reset, and whoever has its exchange is told. One that
   * nobody has opened cannot be reset (RFC 9113, 6.4): the connection ends.
   */
  void streamFault(int id, Http2Error error) {
    if (!handler.reader().readsHeaders() && !handler.connection().streamMayHaveExisted(id)) {
      fail(error, "a malformed frame on a stream that was never opened");
      return;
    }
    try {
      budget.spend(Kind.FAULT);
      if (open(id)) {
        reset(id, error);
      }
    } catch (Http2Exception e) {
      handler.onError(context, false, e);
    }
  }

  /**
   * Opens the stream of a malformed head, so that the next head on it is not taken for its first.
   *
   * @return false if the client may not open it, and the connection has ended for that
   */
  private boolean open(int id) {
    Http2Connection connection = handler.connection();
    if (connection.streamMayHaveExisted(id)) {
      return true;
    }
    try {
      connection.remote().createStream(id, false);
    } catch (Http2Exception e) {
      if (!Http2Exception.isStreamError(e)) {
        handler.onError(context, false, e);
        return false;
      }
    }
    return true; // also where there are too many: it is reset as it is
  }

  void reset(int id, Http2Error error) {
    handler.reset(context, id, error);
    output.flushSoon();
  }

  void noteReset(int id) {
    resets.add(id);
  }

  /** Whether frames may still come for a stream because the client had not seen its reset. */
  boolean hasReset(int id) {
    return resets.contains(id);
  }

  void settingsKnown() {
    settingsKnown = true;
  }

  void dataSent(int id, int bytes) {
    RequestStream stream = stream(id);
    if (stream != null) {
      stream.sent(bytes);
    }
  }

  /** Hands a request to whoever answers. */
  void dispatch(Http2Exchange exchange) {
    started();
    exchange.handTo(serving.handler());
  }

  /** Ends the connection because of what the client did. */
  void fail(Http2Error error, String why) {
    if (!gone && !output.isClosing()) {
      LOG.debug("the connection of {} is ended: {}: {}", peer.remoteAddress(), error, why);
      clock.closing(io.second());
      output.end(error, why);
    }
  }

  /** Ends the connection because of something unexpected. */
  void failed(Throwable cause) {
    if (!(cause instanceof IOException)) { // those are clients that have gone
      LOG.error("the connection of {} was closed: {}", peer.remoteAddress(), cause.toString());
    }
    context.close();
  }

  /** The client sends no more requests; those that are here are still answered. */
  void clientLeaves() {
    ending = true;
    endIfIdle();
  }

  /** The client has closed its side: bodies that are on their way never become whole. */
  void inputEnded() {
    streams().forEach(RequestStream::inputEnded);
    clientLeaves();
  }

  void pingAnswered() {
    if (output.isAnnounced()) {
      output.announceEnd();
      endIfIdle();
    }
  }

  private void endIfIdle() {
    boolean announcing = output.isAnnounced();
    if (ending && !gone && !announcing && handler.connection().numActiveStreams() == 0) {
      fail(Http2Error.NO_ERROR, "");
    }
  }

  /**
   * Says at once that the connection will end, and a round trip later which request was the last:
   * so those that are on their way now are still answered.
   */
  @Override
  public void drain() {
    ending = true;
    streams().forEach(RequestStream::drain);
    if (!output.isClosing() && !output.isAnnounced()) {
      clock.announced(io.second());
      output.announce();
    }
  }

  @Override
  public boolean isBusy() {
    return !output.isClosing()
        && (handler.connection().numActiveStreams() > 0
            || output.isAnnounced()
            || output.hasUnsent());
  }

  @Override
  public void closeNow() {
    boolean busy = isBusy();
    if (!output.isClosing()) {
      output.end(Http2Error.NO_ERROR, "");
    }
    if (busy) {
      output.reset();
    } else {
      context.close();
    }
  }

  @Override
  public void checkTimeout(int second) {
    budget.tick(second);
    boolean preface = handler.decoder().prefaceReceived();
    boolean active = handler.connection().numActiveStreams() > 0;
    switch (clock.check(second, preface, active, handler.reader(), output)) {
      case FINE -> checkStreams(second);
      case CLOSE -> context.close();
      case RESET -> output.reset();
      case IDLE -> fail(Http2Error.NO_ERROR, "idle");
      case SLOW -> fail(Http2Error.ENHANCE_YOUR_CALM, "a frame took too long to arrive");
      case ANNOUNCED -> pingAnswered();
    }
  }

  private void checkStreams(int second) {
    streams().forEach(stream -> stream.checkTimeout(second, handler.reader()));
  }

  /** A copy, because what is done with a stream may close it. */
  private List<RequestStream> streams() {
    List<RequestStream> streams = new ArrayList<>();
    try {
      handler
          .connection()
          .forEachActiveStream(active -> {
            RequestStream stream = active.getProperty(streamKey);
            return stream == null || streams.add(stream);
          });
    } catch (Http2Exception e) {
      handler.onError(context, false, e);
    }
    return streams;
  }

  IoThread io() {
    return io;
  }

  Serving serving() {
    return serving;
  }

  Peer peer() {
    return peer;
  }

  boolean extendedConnect() {
    return extendedConnect;
  }

  FrameBudget budget() {
    return budget;
  }

  Http2Output output() {
    return output;
  }
}
