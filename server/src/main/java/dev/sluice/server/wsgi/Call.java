package dev.sluice.server.wsgi;

import dev.sluice.python.Attached;
import dev.sluice.python.Interpreter;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.NumberApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.ResponseHead;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One call of the application: its start_response, write and early hints, and how far the response
 * has come; every method runs on a thread that holds the GIL, which guards the fields.
 *
 * <p>The callables know their call by a number, never by an address. A call is used for one request
 * after the other as long as nobody else keeps a reference to them; when somebody does, the number
 * is forgotten, and whoever calls them later is told that the request has ended.
 */
final class Call {
  private static final Map<Long, Call> CALLS = new ConcurrentHashMap<>();
  private static final AtomicLong NUMBERS = new AtomicLong();

  private final Interpreter interpreter;
  private final @Nullable Waits waits;
  private final long number = NUMBERS.incrementAndGet();
  private final ResponseHead head = new ResponseHead();
  private final HeaderReader headers = new HeaderReader();
  private final Memory.Block slot = Memory.allocate(8);
  private final long startResponse;
  private final long write;
  private final long earlyHints;
  private @Nullable BodyReader reader;
  private @Nullable Exchange exchange;
  private @Nullable WsgiRequest request;
  private boolean headSet;
  private boolean begun;

  /** Makes the functions for calls that must not block their thread. */
  interface Waits {
    /** A function that writes, from one that blocks; a new reference, or null with an exception. */
    long writer(long number, long blocking);

    /** A function that reads a body, from one that blocks, and its reader's number; the same. */
    long receiver(long number, long reader, long blocking);
  }

  /**
   * Makes one.
   *
   * @param waits how the application waits for its client; null if it blocks the thread
   */
  Call(Interpreter interpreter, @Nullable Waits waits) {
    this.interpreter = interpreter;
    this.waits = waits;
    long self = made(NumberApi.fromLong(number));
    startResponse = made(StartResponse.START.bind(self));
    long blocking = made(StartResponse.WRITE.bind(self));
    if (waits == null) {
      write = blocking;
    } else {
      write = made(waits.writer(number, blocking));
      ObjectApi.decRef(blocking);
    }
    earlyHints = made(EarlyHints.DEFINITION.bind(self));
    ObjectApi.decRef(self);
    CALLS.put(number, this);
  }

  private static long made(long reference) {
    if (reference == 0) {
      ErrorApi.clear();
      throw new IllegalStateException("Python has no memory for another call");
    }
    return reference;
  }

  static @Nullable Call find(long number) {
    return CALLS.get(number);
  }

  long number() {
    return number;
  }

  void start(WsgiRequest asked) {
    request = asked;
    exchange = asked.exchange();
    headSet = false;
    begun = false;
  }

  /** The function for the application; borrowed. */
  long startResponse() {
    return startResponse;
  }

  /** The function that start_response returns; borrowed. */
  long write() {
    return write;
  }

  /** The function for early hints; borrowed. */
  long earlyHints() {
    return earlyHints;
  }

  /** A new function that reads the body while it arrives; null with an exception set. */
  long newReceiver() {
    BodyReader made = new BodyReader(interpreter, request());
    reader = made;
    long blocking = made.function();
    if (waits == null || blocking == 0) {
      return blocking;
    }
    long receiver = waits.receiver(number, made.number(), blocking);
    ObjectApi.decRef(blocking);
    return receiver;
  }

  /** Ends the request. Returns whether this call can serve another. */
  boolean finish() {
    exchange = null;
    request = null;
    if (reader != null) {
      reader.close();
      reader = null;
    }
    return ObjectApi.refCount(startResponse) == 1
        && ObjectApi.refCount(write) == 1
        && ObjectApi.refCount(earlyHints) == 1;
  }

  /** Forgets the number and gives the callables up. */
  void dispose() {
    CALLS.remove(number);
    ObjectApi.decRef(startResponse);
    ObjectApi.decRef(write);
    ObjectApi.decRef(earlyHints);
  }

  /** Whether a request is being answered. */
  boolean isCurrent() {
    return exchange != null;
  }

  /** Runs code that may block, with the GIL given back; on any thread that Python runs on. */
  <T> T detached(Supplier<T> code) {
    try (Attached py = interpreter.attachedInCallback()) {
      return py.detached(code);
    }
  }

  WsgiRequest request() {
    return Objects.requireNonNull(request);
  }

  Exchange exchange() {
    return Objects.requireNonNull(exchange);
  }

  ResponseHead head() {
    return head;
  }

  HeaderReader headers() {
    return headers;
  }

  /** Eight bytes of native memory for a size. */
  long slot() {
    return slot.address();
  }

  /** Whether start_response has been called. */
  boolean isHeadSet() {
    return headSet;
  }

  void setHeadSet(boolean set) {
    headSet = set;
  }

  /** Whether the head has gone to the client. */
  boolean isBegun() {
    return begun;
  }

  void setBegun() {
    begun = true;
  }
}
