package dev.sluice.server.asgi;

import dev.sluice.python.Attached;
import dev.sluice.python.PyObject;
import dev.sluice.python.capi.Callbacks;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.NumberApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.WebSocket;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One call of the application, with its {@code receive} and {@code send}; on the loop's thread, and
 * attached unless a method says otherwise.
 *
 * <p>The two functions know their call by a number, never by an address: one that is called after
 * its request has ended finds nothing.
 */
abstract class Call {
  private static final Map<Long, Call> CALLS = new ConcurrentHashMap<>();
  private static final AtomicLong NUMBERS = new AtomicLong();

  private static final Callbacks.Definition RECEIVE =
      Callbacks.define(
          "receive",
          "receive(): waits for the next event of the request",
          (self, arguments, count, names) -> receive(self, count, names));

  private static final Callbacks.Definition AGAIN =
      Callbacks.define(
          "again",
          "again(awaitable): the event that was waited for; None if it has to be waited for",
          (self, arguments, count, names) -> again(self, Memory.getLong(arguments)));

  private static final Callbacks.Definition SEND =
      Callbacks.define(
          "send",
          "send(message): sends a message to the client",
          (self, arguments, count, names) -> send(self, arguments, count, names));

  final AsgiService service;
  final Python python;
  final Exchange exchange;

  /** Says also which service this is for, and for what: what comes after the end is answered so. */
  final long number;

  /** What waits for an event; each holds a reference. */
  private final Queue<Long> receivers = new ArrayDeque<>(1);

  /** What waits until the client has taken enough; each holds a reference. */
  private final Queue<Long> senders = new ArrayDeque<>(1);

  private boolean sendersWoken;

  Call(AsgiService service, Exchange exchange, boolean isSocket) {
    this.service = service;
    number = NUMBERS.incrementAndGet() << 21 | service.number() << 1 | (isSocket ? 1 : 0);
    this.python = service.python();
    this.exchange = exchange;
  }

  /** A new scope; null with an exception set. */
  abstract long scope(Attached py);

  /**
   * The next event, if there is one.
   *
   * @return a new reference to a message; 0 if there is none now; or {@link #FAILED} with an
   *     exception set
   */
  abstract long nextEvent();

  /** Whether there is one. */
  abstract boolean hasEvent();

  /** Has {@link #eventArrived} called, detached, when there may be an event. */
  abstract void awaitEvent();

  /** Whether all of the answer has been sent. */
  abstract boolean isAnswered();

  /** Has something done, detached, when the client is as good as gone: once at the most. */
  abstract void whenLeft(Runnable action);

  /**
   * Does what a message says.
   *
   * @return whether it was done; otherwise an exception is set
   */
  abstract boolean sent(Kind kind, long message);

  /** Whether whoever sends is to wait. */
  abstract boolean isCongested();

  /** Has {@link #mayWrite} called, detached, when that is over. */
  abstract void awaitWritable();

  /**
   * The application has returned, or failed.
   *
   * @param failure what it raised; null if it returned
   */
  abstract void returned(Attached py, @Nullable PyObject failure);

  static final long FAILED = -1;

  /** The functions for the application: a tuple of number, scope, receive and send. */
  long parts(Attached py) {
    CALLS.put(number, this);
    return python.parts(number, scope(py), RECEIVE, SEND);
  }

  /** Forgets the call, whose application has ended; who still waits is told so. */
  void forget() {
    CALLS.remove(number);
    sendersWoken = true;
    if (!receivers.isEmpty() || !senders.isEmpty()) {
      service.deliver(this);
    }
  }

  private static @Nullable AsgiService service(@Nullable Call call, long number) {
    return call == null ? Door.service(number >> 1 & Door.LAST_NUMBER) : call.service;
  }

  /**
   * What there is to receive, or 0 if that has to be waited for; FAILED with an exception set.
   *
   * @param call null if it has ended
   */
  private static long event(@Nullable Call call, AsgiService service, long number) {
    if (call != null) {
      return call.nextEvent();
    }
    Python python = service.python();
    long event =
        (number & 1) == 0
            ? python.message(python.names().httpDisconnect)
            : python.socketDisconnect(WebSocket.BROKEN, "");
    return event == 0 ? FAILED : event;
  }

  private static long receive(long self, long count, long names) {
    long number = NumberApi.asLongQuick(self);
    Call call = CALLS.get(number);
    AsgiService service = service(call, number);
    if (service == null) {
      return refuseReceive();
    }
    if (count != 0 || names != 0) {
      ErrorApi.raise(ErrorApi.Types.TYPE_ERROR, "receive takes no arguments");
      return 0;
    }
    if (!service.isOnLoop()) {
      return service.python().newLater(RECEIVE, self, 0);
    }
    long event = call != null && !call.receivers.isEmpty() ? 0 : event(call, service, number);
    if (event == FAILED) {
      return 0;
    }
    if (event != 0 || call == null) {
      return service.python().value(event);
    }
    long pending = call.python.newPending(AGAIN, self);
    if (pending != 0) {
      call.waits(pending);
    }
    return pending;
  }

  private static long refuseReceive() {
    ErrorApi.raise(ErrorApi.Types.RUNTIME_ERROR, "receive was called after the server had ended");
    return 0;
  }

  /**
   * Whoever waited has been woken, and takes the event only now: one that has been cancelled
   * meanwhile takes none.
   */
  private static long again(long self, long pending) {
    long number = NumberApi.asLongQuick(self);
    Call call = CALLS.get(number);
    AsgiService service = service(call, number);
    if (service == null) {
      return refuseReceive();
    }
    long event = event(call, service, number);
    if (event == FAILED) {
      return 0;
    }
    if (event == 0 && call != null) {
      call.waits(pending);
      return Python.none();
    }
    return event;
  }

  private void waits(long pending) {
    ObjectApi.incRef(pending);
    receivers.add(pending);
    awaitEvent();
  }

  private static long send(long self, long arguments, long count, long names) {
    Call call = CALLS.get(NumberApi.asLongQuick(self));
    if (call == null) {
      ErrorApi.raise(ErrorApi.Types.RUNTIME_ERROR, "send was called after its request had ended");
      return 0;
    }
    if (count != 1 || names != 0) {
      ErrorApi.raise(ErrorApi.Types.TYPE_ERROR, "send takes one message");
      return 0;
    }
    long message = Memory.getLong(arguments);
    if (!call.service.isOnLoop()) {
      return call.python.newLater(SEND, self, message);
    }
    Kind kind = call.python.kind(message);
    if (kind == null || !call.sent(kind, message)) {
      return 0;
    }
    return call.isCongested() ? call.waitForClient() : call.python.done();
  }

  /** A new awaitable that is done later; null with an exception set. */
  private long waitForClient() {
    long pending = python.newPending(null, 0);
    if (pending != 0) {
      ObjectApi.incRef(pending);
      senders.add(pending);
      sendersWoken = false;
      awaitWritable();
    }
    return pending;
  }

  /** There may be an event; detached. */
  final void eventArrived() {
    if (!receivers.isEmpty()) {
      service.deliver(this);
    }
  }

  /** The client has taken enough, or is gone; detached. */
  final void mayWrite() {
    sendersWoken = true;
    service.deliver(this);
  }

  /**
   * Puts those who need wait no longer into a list. All who wait for an event are woken: the first
   * who still wants it takes it.
   */
  final boolean deliver(long list) {
    while (sendersWoken && !senders.isEmpty()) {
      if (!Python.addTo(list, senders.remove())) {
        return false;
      }
    }
    if (receivers.isEmpty()) {
      return true;
    }
    if (CALLS.containsKey(number) && !hasEvent()) {
      keepWanted();
      if (!receivers.isEmpty()) {
        awaitEvent();
      }
      return true;
    }
    while (!receivers.isEmpty()) {
      if (!Python.addTo(list, receivers.remove())) {
        return false;
      }
    }
    return true;
  }

  /** Lets those go who have given up; what Python runs meanwhile may add others. */
  private void keepWanted() {
    for (int left = receivers.size(); left > 0; left--) {
      long pending = receivers.remove();
      if (python.isWanted(pending)) {
        receivers.add(pending);
      } else {
        ObjectApi.decRef(pending);
      }
    }
  }
}
