package dev.sluice.server.wsgi;

import dev.sluice.python.capi.BytesApi;
import dev.sluice.python.capi.Callbacks;
import dev.sluice.python.capi.ContainerApi;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.NumberApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;
import org.jspecify.annotations.Nullable;

/**
 * {@code start_response} and {@code write} of PEP 3333; on whatever thread the application calls
 * them from, which holds the GIL.
 */
final class StartResponse {
  static final Callbacks.Definition START =
      Callbacks.define(
          "start_response",
          "start_response(status, headers, exc_info=None): begins the response; returns write(data)",
          StartResponse::start);

  static final Callbacks.Definition WRITE =
      Callbacks.define("write", "write(data): sends bytes to the client", StartResponse::write);

  /** Larger pieces are sent in parts of this size, so that a client's pace bounds the memory. */
  private static final int PART = 1 << 20;

  private StartResponse() {}

  /** The call that a function belongs to; null with an exception set once it has ended. */
  static @Nullable Call current(long self, String name) {
    Call call = Call.find(NumberApi.asLongQuick(self));
    if (call == null || !call.isCurrent()) {
      ErrorApi.raise(
          ErrorApi.Types.RUNTIME_ERROR, name + " was called after its request had ended");
      return null;
    }
    return call;
  }

  private static long start(long self, long arguments, long count, long keywordNames) {
    Call call = current(self, "start_response");
    if (call == null) {
      return 0;
    }
    long keywords = keywordNames == 0 ? 0 : ContainerApi.size(keywordNames);
    boolean named =
        keywords == 1
            && count == 2
            && UnicodeApi.toString(ContainerApi.tupleItem(keywordNames, 0)).equals("exc_info");
    if (count + keywords < 2 || count + keywords > 3 || (keywords > 0 && !named)) {
      ErrorApi.raise(
          ErrorApi.Types.TYPE_ERROR, "start_response takes a status, headers and exc_info");
      return 0;
    }
    long excInfo = count + keywords == 3 ? Memory.getLong(arguments + 16) : ObjectApi.NONE;
    if (!mayStart(call, excInfo)) {
      return 0;
    }
    call.setHeadSet(false);
    long status = Memory.getLong(arguments);
    long headers = Memory.getLong(arguments + 8);
    if (!call.headers().read(status, headers, call.head(), call.slot())) {
      return 0;
    }
    call.setHeadSet(true);
    ObjectApi.incRef(call.write());
    return call.write();
  }

  /** Whether a head may be set now; otherwise an exception is set. */
  private static boolean mayStart(Call call, long excInfo) {
    if (excInfo == ObjectApi.NONE) {
      if (call.isHeadSet()) {
        ErrorApi.raise(
            ErrorApi.Types.ASSERTION_ERROR,
            "start_response was called a second time, and without exc_info");
        return false;
      }
      return true;
    }
    if (!call.isBegun()) {
      return true;
    }
    // The head is with the client already: PEP 3333 has the server raise the application's error.
    if (ObjectApi.type(excInfo) == ContainerApi.TUPLE_TYPE && ContainerApi.size(excInfo) == 3) {
      ErrorApi.raise(ContainerApi.tupleItem(excInfo, 1));
    } else {
      ErrorApi.raise(ErrorApi.Types.TYPE_ERROR, "exc_info must be a tuple of three");
    }
    return false;
  }

  private static long write(long self, long arguments, long count, long keywordNames) {
    Call call = current(self, "write");
    if (call == null) {
      return 0;
    }
    long data = count == 1 && keywordNames == 0 ? Memory.getLong(arguments) : 0;
    if (data == 0 || !isBytes(data)) {
      ErrorApi.raise(ErrorApi.Types.TYPE_ERROR, "write takes one bytes object");
      return 0;
    }
    if (!send(call, data)) {
      return 0;
    }
    ObjectApi.incRef(ObjectApi.NONE);
    return ObjectApi.NONE;
  }

  static boolean isBytes(long object) {
    return ObjectApi.is(object, BytesApi.TYPE);
  }

  /** Sends the head, if that has not been sent; false with an exception if there is none. */
  static boolean begin(Call call) {
    if (!call.isHeadSet()) {
      ErrorApi.raise(
          ErrorApi.Types.ASSERTION_ERROR, "a body was sent before start_response was called");
      return false;
    }
    if (!call.isBegun()) {
      call.setBegun();
      call.exchange().begin(call.head());
    }
    return true;
  }

  /**
   * Sends what a piece has between two positions, as long as there is room.
   *
   * @return how far it has come; -1 with an exception if the client is gone
   */
  static long sendFrom(Call call, long bytes, long from, long end) {
    var exchange = call.exchange();
    long at = from;
    while (at < end && exchange.isOpen() && !exchange.isCongested()) {
      int part = (int) Math.min(PART, end - at);
      exchange.write(Memory.view(BytesApi.data(bytes) + at, part));
      at += part;
    }
    if (!exchange.isOpen()) {
      gone(call);
      return -1;
    }
    return at;
  }

  /** Sends a piece, after the head if that has not been sent; else an exception is set. */
  static boolean send(Call call, long bytes) {
    if (!begin(call)) {
      return false;
    }
    var exchange = call.exchange();
    long data = BytesApi.data(bytes);
    long left = BytesApi.size(bytes);
    while (left > PART) {
      exchange.write(Memory.view(data, PART));
      if (!awaitRoom(call)) {
        return false;
      }
      data += PART;
      left -= PART;
    }
    exchange.write(Memory.view(data, (int) left));
    return awaitRoom(call);
  }

  private static boolean gone(Call call) {
    call.request().tell();
    ErrorApi.raise(ErrorApi.Types.CONNECTION_ERROR, "the client has closed the connection");
    return false;
  }

  /** Lets a slow client catch up, with the GIL given back meanwhile. */
  private static boolean awaitRoom(Call call) {
    var exchange = call.exchange();
    if (!exchange.isOpen()) {
      return gone(call);
    }
    if (!exchange.isCongested()) {
      return true;
    }
    WsgiRequest request = call.request();
    boolean interrupted =
        call.detached(() -> {
          request.clientIsSlow();
          try {
            exchange.awaitWritable();
            return false;
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
          } finally {
            request.clientCaughtUp();
          }
        });
    if (interrupted || !exchange.isOpen()) {
      return gone(call);
    }
    return true;
  }
}
