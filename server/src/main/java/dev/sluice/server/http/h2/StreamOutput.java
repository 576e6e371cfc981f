package dev.sluice.server.http.h2;

import dev.sluice.server.exchange.FilePart;
import dev.sluice.server.http.connection.Outflow;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The answer of one stream, in order, on the connection's IO thread: what does not fit into the
 * client's windows waits in Netty's flow control.
 *
 * <p>Files are read here, 64 KiB at a time, and the next piece not before the system has taken the
 * last: one piece of each file is in memory at most, and a client that takes nothing costs no
 * reading. Reading may wait for a disk, as sendfile may, which HTTP/1 uses on the same thread; what
 * is served from files is in the system's cache as a rule.
 */
final class StreamOutput {
  private static final int FILE_CHUNK = 64 * 1024;
  private static final Http2Headers CONTINUE =
      ReadOnlyHttp2Headers.serverHeaders(false, HttpResponseStatus.CONTINUE.codeAsText());

  /** Is told, once, whether the last byte has gone out. */
  interface Written {
    void written(boolean whole);
  }

  private final Http2Output connection;
  private final Http2Stream netty;
  private final Outflow outflow = new Outflow();
  private final Deque<Runnable> behindFile = new ArrayDeque<>(0);
  private boolean isHead;
  private boolean fileOpen;
  private boolean ended;
  private boolean closed;
  private int waiting;
  private long sent;

  StreamOutput(Http2Output connection, Http2Stream netty) {
    this.connection = connection;
    this.netty = netty;
  }

  /** Whether the request has the method HEAD, so that even our own answers have no body. */
  void forHead(boolean head) {
    isHead = head;
  }

  Outflow outflow() {
    return outflow;
  }

  /** A buffer for a piece of the body; any thread. */
  ByteBuf allocate(int size) {
    return connection.context().alloc().directBuffer(size);
  }

  private boolean isGone() {
    return closed || netty.isResetSent() || !netty.state().localSideOpen();
  }

  /** Sends a head that more follows, unless it has been sent. */
  void head(@Nullable ResponseFields fields) {
    if (fields != null && !isGone()) {
      headers(fields.complete(connection.date(), -1), false, connection.promise());
    }
  }

  void information(ResponseFields fields) {
    if (!isGone()) {
      headers(fields.information(), false, connection.promise());
    }
  }

  void sendContinue() {
    if (!isGone()) {
      headers(CONTINUE, false, connection.promise());
    }
  }

  private void headers(Http2Headers headers, boolean end, ChannelPromise promise) {
    connection.encoder().writeHeaders(connection.context(), netty.id(), headers, 0, end, promise);
    connection.flushSoon();
  }

  /** Sends head and body. */
  void respond(ResponseFields fields, long addLength, ByteBuf body, Written written) {
    ended = true;
    if (isGone()) {
      body.release();
      written.written(false);
      return;
    }
    boolean end = isHead || !body.isReadable();
    Http2Headers head = fields.complete(connection.date(), addLength);
    if (end) {
      body.release();
      headers(head, true, last(written));
      connection.flushAnswer();
    } else {
      headers(head, false, connection.promise());
      waiting++;
      data(body, true, last(written).addListener(done -> waiting--));
    }
  }

  private ChannelPromise last(Written written) {
    return connection.promise().addListener(done -> written.written(done.isSuccess()));
  }

  private void data(ByteBuf data, boolean end, ChannelPromise promise) {
    connection.encoder().writeData(connection.context(), netty.id(), data, 0, end, promise);
    connection.flushAnswer();
  }

  /**
   * Sends a piece of the body.
   *
   * @param counted how many bytes of it were counted as queued
   */
  void piece(ByteBuf piece, int counted) {
    piece(piece, counted, () -> {});
  }

  /** The same, and calls back when it has been taken. */
  void piece(ByteBuf piece, int counted, Runnable taken) {
    if (isGone()) {
      piece.release();
      outflow.sent(counted);
    } else if (fileOpen) {
      behindFile.add(() -> piece(piece, counted, taken));
    } else if (piece.isReadable()) {
      waiting++;
      data(
          piece,
          false,
          connection
              .promise()
              .addListener(done -> {
                waiting--;
                outflow.sent(counted);
                taken.run();
              }));
    }
  }

  /** Sends a part of a file, which is taken over. */
  void file(FilePart part) {
    if (isGone()) {
      part.close();
    } else if (fileOpen) {
      behindFile.add(() -> file(part));
    } else {
      fileOpen = true;
      nextChunk(part, 0);
    }
  }

  private void nextChunk(FilePart part, long done) {
    int size = (int) Math.min(FILE_CHUNK, part.count() - done);
    if (isGone() || size == 0) {
      part.close();
      endOfFile();
      return;
    }
    ByteBuf chunk = allocate(size);
    try {
      while (chunk.isWritable()) {
        int more =
            chunk.writeBytes(
                part.channel(),
                part.position() + done + chunk.writerIndex(),
                size - chunk.writerIndex());
        if (more < 0) {
          throw new IOException("the file has become shorter");
        }
      }
    } catch (IOException e) {
      chunk.release();
      part.close();
      reset();
      endOfFile();
      return;
    }
    waiting++;
    data(
        chunk,
        false,
        connection
            .promise()
            .addListener(written -> {
              waiting--;
              nextChunk(part, done + size);
            }));
  }

  private void endOfFile() {
    fileOpen = false;
    while (!fileOpen && !behindFile.isEmpty()) {
      behindFile.remove().run();
    }
  }

  private void reset() {
    if (!isGone()) {
      connection
          .encoder()
          .writeRstStream(
              connection.context(),
              netty.id(),
              Http2Error.INTERNAL_ERROR.code(),
              connection.promise());
      connection.flushSoon();
    }
  }

  /** Ends the answer. */
  void end(@Nullable ResponseFields trailers, Written written) {
    ended = true;
    if (isGone()) {
      written.written(false);
    } else if (fileOpen) {
      behindFile.add(() -> end(trailers, written));
    } else {
      Http2Headers fields = trailers == null ? null : trailers.trailers();
      waiting++;
      ChannelPromise promise = last(written).addListener(done -> waiting--);
      if (fields == null) {
        data(Unpooled.EMPTY_BUFFER, true, promise);
      } else {
        headers(fields, true, promise);
      }
    }
  }

  /** Ends an answer that is shorter than its head says, behind what there is of it. */
  void cut(Written written) {
    ended = true;
    if (isGone()) {
      written.written(false);
    } else if (fileOpen) {
      behindFile.add(() -> cut(written));
    } else {
      waiting++;
      data(
          Unpooled.EMPTY_BUFFER,
          false,
          connection
              .promise()
              .addListener(done -> {
                waiting--;
                reset();
                written.written(false);
              }));
    }
  }

  /** Whether the end of the answer has been given. */
  boolean hasEnded() {
    return ended;
  }

  /** The stream is closed: nothing is sent any more, and nobody waits. */
  void close() {
    closed = true;
    outflow.close();
    while (!behindFile.isEmpty()) {
      behindFile.remove().run();
    }
  }

  void count(int bytes) {
    sent += bytes;
  }

  /** How many bytes of the body have been framed and given to the channel. */
  long sent() {
    return sent;
  }

  /** Whether anything waits to be taken by the client. */
  boolean waits() {
    return waiting > 0;
  }
}
