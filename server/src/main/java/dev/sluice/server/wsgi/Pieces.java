package dev.sluice.server.wsgi;

import dev.sluice.python.capi.BytesApi;
import dev.sluice.python.capi.ContainerApi;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;
import java.nio.ByteBuffer;

/**
 * What an application returns, looked at as bytes; on the thread that calls the application,
 * attached. Nothing here waits.
 */
final class Pieces {
  private static final int JOINED = 64 * 1024;

  /**
   * Up to this size an answer of one piece is handed over at once, and its worker is free; of a
   * larger one so much is in memory as the client takes, and the application waits.
   */
  private static final int AT_ONCE = 64 << 20;

  private Pieces() {}

  /** How far an answer has come. */
  enum Sent {
    /** All of it has been handed over. */
    WHOLE,
    /** The pieces have to be sent one after the other; the head declares their length. */
    NOTHING,
    /** An exception is set. */
    FAILED
  }

  /** A list or tuple: its pieces are all there, so that they can go out together. */
  static Sent sendTogether(Call call, long sequence, boolean list) {
    long total = 0;
    long count = ContainerApi.size(sequence);
    for (long i = 0; i < count; i++) {
      long piece = item(sequence, i, list);
      if (!StartResponse.isBytes(piece)) {
        notBytes(piece);
        return Sent.FAILED;
      }
      total += BytesApi.size(piece);
    }
    if (!call.isHeadSet()) {
      notStarted();
      return Sent.FAILED;
    }
    if (!call.isBegun() && total <= (count == 1 ? AT_ONCE : JOINED)) {
      call.setBegun();
      call.exchange().respond(call.head(), joined(sequence, list, count, (int) total));
      return Sent.WHOLE;
    }
    if (!call.isBegun() && call.head().contentLength() < 0) {
      call.head().header("Content-Length", Long.toString(total));
      call.head().declareContentLength(total);
    }
    return Sent.NOTHING;
  }

  private static long item(long sequence, long index, boolean list) {
    return list ? ContainerApi.listItem(sequence, index) : ContainerApi.tupleItem(sequence, index);
  }

  private static ByteBuffer joined(long sequence, boolean list, long count, int total) {
    if (count == 1) {
      return view(item(sequence, 0, list));
    }
    byte[] body = new byte[total];
    int at = 0;
    for (long i = 0; i < count; i++) {
      long piece = item(sequence, i, list);
      int size = (int) BytesApi.size(piece);
      Memory.copy(BytesApi.data(piece), body, at, size);
      at += size;
    }
    return ByteBuffer.wrap(body);
  }

  /**
   * Sends a piece that is all there is to be sent, as the head declares, with that head.
   *
   * @return false if it is not all, or the head has gone out; then nothing is done
   */
  static boolean sendAlone(Call call, long piece) {
    if (!call.isHeadSet()
        || call.isBegun()
        || BytesApi.size(piece) > AT_ONCE
        || call.head().contentLength() != BytesApi.size(piece)) {
      return false;
    }
    call.setBegun();
    call.exchange().respond(call.head(), view(piece));
    return true;
  }

  private static ByteBuffer view(long bytes) {
    return Memory.view(BytesApi.data(bytes), Math.toIntExact(BytesApi.size(bytes)));
  }

  /**
   * Ends an answer behind its last piece, or sends one without any; false with an exception set.
   */
  static boolean end(Call call) {
    if (!call.isHeadSet()) {
      return notStarted();
    }
    if (call.isBegun()) {
      call.exchange().end();
    } else {
      call.setBegun();
      call.exchange().respond(call.head(), ByteBuffer.allocate(0));
    }
    return true;
  }

  private static boolean notStarted() {
    ErrorApi.raise(
        ErrorApi.Types.ASSERTION_ERROR,
        "the application returned without having called start_response");
    return false;
  }

  /** Sets the exception for a piece of the wrong type; false. */
  static boolean notBytes(long piece) {
    ErrorApi.raise(
        ErrorApi.Types.TYPE_ERROR,
        "an application's iterable must yield bytes, not " + UnicodeApi.typeName(piece));
    return false;
  }

  /** Whether it is a list or a tuple, which have no close method. */
  static boolean areTogether(long result) {
    long type = ObjectApi.type(result);
    return type == ContainerApi.LIST_TYPE || type == ContainerApi.TUPLE_TYPE;
  }
}
