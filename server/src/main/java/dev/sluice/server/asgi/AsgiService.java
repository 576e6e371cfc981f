package dev.sluice.server.asgi;

import dev.sluice.bridge.Loop;
import dev.sluice.python.Attached;
import dev.sluice.python.PyObject;
import dev.sluice.python.PythonException;
import dev.sluice.python.capi.ContainerApi;
import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.NumberApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.LogText;
import dev.sluice.server.exchange.RequestHandler;
import dev.sluice.server.exchange.WebSocket;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One application of ASGI on a loop that others may share; made, started and stopped by any thread,
 * while requests come and are answered on the loop's own.
 */
public final class AsgiService implements RequestHandler {
  private static final Logger LOG = LoggerFactory.getLogger("sluice.asgi");

  private final long number = Door.newNumber();
  private final Loop loop;
  private final AsgiOptions options;
  private final Python python;
  private final Scopes scopes;
  private final ResponseReader reader;
  private final LifespanRun lifespan;
  private final Memory.Block slot = Memory.allocate(8);
  private final PyObject begin;
  private final PyObject deliver;
  private final PyObject cancel;
  private final PyObject cancelAll;

  /** Requests that Python has not seen; on the loop's thread. */
  private final Queue<Call> starting = new ArrayDeque<>();

  private boolean beginsSoon;
  private boolean deliversSoon;

  /** Calls for which something has come; on the loop's thread. */
  private final Queue<Call> delivering = new ArrayDeque<>();

  /** Calls that the application has; changed on the loop's thread. */
  private final Map<Long, Call> open = new ConcurrentHashMap<>();

  /**
   * Makes a service that is not started.
   *
   * @param application of ASGI 3
   */
  public AsgiService(Attached py, Loop loop, PyObject application, AsgiOptions options) {
    this.loop = loop;
    this.options = options;
    PyObject helpers = py.importModule("sluice._asgi");
    Names names = new Names();
    python = new Python(py, names, helpers, loop.python());
    scopes = new Scopes(names, py.importModule("sluice._asgi_scopes"), options.rootPath());
    reader = new ResponseReader(python);
    PyObject service =
        helpers.callMethod("Service", loop.python(), application, Door.open(py, this));
    begin = service.attr("begin");
    deliver = service.attr("deliver");
    cancel = service.attr("cancel");
    cancelAll = service.attr("cancel_all");
    lifespan = new LifespanRun(py, loop, application, options);
  }

  /** A number that no other service of this process has. */
  long number() {
    return number;
  }

  /** Eight bytes of native memory for a size. */
  long slot() {
    return slot.address();
  }

  Python python() {
    return python;
  }

  Scopes scopes() {
    return scopes;
  }

  ResponseReader reader() {
    return reader;
  }

  /**
   * Tells the application that the server starts, and waits for its word; on a detached thread.
   *
   * @throws dev.sluice.python.SluiceException if it refuses
   */
  void start() {
    PyObject state = lifespan.startup();
    if (state != null) {
      scopes.setState(state);
    }
  }

  /** Takes a request; on the loop's thread, detached. */
  @Override
  public boolean accept(Exchange exchange) {
    if (open.size() + starting.size() >= options.requestLimit()) {
      return false;
    }
    WebSocket socket = exchange.webSocket();
    if (socket != null) {
      starting.add(new WebSocketCall(this, exchange, socket));
    } else if (exchange.isOpen()) {
      starting.add(new HttpCall(this, exchange));
    } else {
      return true; // a handshake that has been answered
    }
    scheduleBegin();
    return true;
  }

  private void scheduleBegin() {
    if (!beginsSoon && !starting.isEmpty()) {
      beginsSoon = true;
      loop.callSoon(begin);
    }
  }

  /** Has those woken who wait for a call; on the loop's thread, attached or not. */
  void deliver(Call call) {
    delivering.add(call);
    scheduleDeliver();
  }

  private void scheduleDeliver() {
    if (!deliversSoon && !delivering.isEmpty()) {
      deliversSoon = true;
      loop.callSoon(deliver);
    }
  }

  /** Whether the calling thread is the loop's. */
  boolean isOnLoop() {
    return Thread.currentThread() == loop.thread();
  }

  /** The new requests as a list of (number, scope, receive, send); null with an exception set. */
  long take() {
    beginsSoon = false;
    long list = ContainerApi.newList();
    try (Attached py = python.interpreter().attachedInCallback()) {
      for (Call call = list == 0 ? null : starting.poll(); call != null; call = starting.poll()) {
        take(py, call, list);
      }
    } finally {
      scheduleBegin(); // what is left, if it was not to be had
    }
    return list;
  }

  private void take(Attached py, Call call, long list) {
    open.put(call.number, call);
    boolean taken = false;
    try {
      long parts = call.parts(py);
      taken = parts != 0 && ContainerApi.append(list, parts) == 0;
      ObjectApi.decRef(parts);
      if (taken) {
        watch(call);
      } else {
        end(py, call, py.failureAsRaised().exception());
      }
    } catch (PythonException e) {
      end(py, call, e.exception());
    }
  }

  private void watch(Call call) {
    if (options.cancelsGone()) {
      call.whenLeft(() -> loop.submit(py -> cancel.call(call.number)));
    }
  }

  /** What has come for those who wait, as a list; null with an exception set. */
  long deliveries() {
    deliversSoon = false;
    long list = ContainerApi.newList();
    boolean fine = list != 0;
    int count = delivering.size();
    try {
      for (int i = 0; fine && i < count; i++) {
        fine = delivering.remove().deliver(list);
      }
    } finally {
      scheduleDeliver();
    }
    if (!fine) {
      ObjectApi.decRef(list);
      return 0;
    }
    return list;
  }

  /** The application has done what it wanted with a call. */
  void ended(long number, long error) {
    Call call = open.get(number);
    if (call == null) {
      return;
    }
    try (Attached py = python.interpreter().attachedInCallback()) {
      if (error == ObjectApi.NONE) {
        end(py, call, null);
      } else {
        ObjectApi.incRef(error);
        try (PyObject failure = py.own(error)) {
          end(py, call, failure);
        }
      }
    }
  }

  /** Whatever goes wrong with one call's end is not the others'. */
  private void end(Attached py, Call call, @Nullable PyObject failure) {
    open.remove(call.number);
    try {
      call.returned(py, failure);
    } catch (RuntimeException e) {
      LOG.error("{} could not be ended: {}", describe(call.exchange), e.toString());
      call.exchange.abort();
    } finally {
      call.forget();
    }
  }

  /** The application has returned from the calls of a list. */
  void returned(long numbers) {
    try (Attached py = python.interpreter().attachedInCallback()) {
      long count = ContainerApi.size(numbers);
      for (long i = 0; i < count; i++) {
        Call call = open.get(NumberApi.asLongQuick(ContainerApi.listItem(numbers, i)));
        if (call != null) {
          end(py, call, null);
        }
      }
    }
  }

  /** How many requests may be with the application. */
  int requestLimit() {
    return options.requestLimit();
  }

  /** Whether requests are with the application; any thread. */
  boolean isBusy() {
    return !open.isEmpty();
  }

  /** The requests that it has in hand, for people; any thread. */
  List<String> inHand() {
    return open.values().stream().map(call -> describe(call.exchange)).toList();
  }

  private String describe(Exchange exchange) {
    return "%s %s in %s"
        .formatted(
            exchange.request().method(),
            LogText.of(exchange.request().target()),
            loop.thread().getName());
  }

  /** Lets what still runs end, as long as there is time for more than that; on any thread. */
  void finish(long deadline) throws InterruptedException {
    while (isBusy() && loop.thread().isAlive() && System.nanoTime() < deadline) {
      Thread.sleep(2);
    }
  }

  private void warnOfCancelling(Call call) {
    LOG.warn("{} goes on behind its answer, and is cancelled", describe(call.exchange));
  }

  /** Cancels what still runs, and tells the application that the server ends. */
  void stop(long deadline) throws InterruptedException {
    try {
      loop.submit(py -> {
        open.values().stream().filter(Call::isAnswered).forEach(this::warnOfCancelling);
        return true;
      });
      // A request that does not end leaves the application time for its shutdown.
      long now = System.nanoTime();
      Waiting.await(loop.call(cancelAll), now + (deadline - now) / 2);
      lifespan.shutdown(deadline);
    } catch (RuntimeException e) {
      LOG.error("the application's end failed: {}", e.getMessage());
    }
    Door.close(this);
  }
}
