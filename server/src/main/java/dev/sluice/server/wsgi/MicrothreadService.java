package dev.sluice.server.wsgi;

import dev.sluice.bridge.Loop;
import dev.sluice.python.Attached;
import dev.sluice.python.Interpreter;
import dev.sluice.python.PyObject;
import dev.sluice.python.PythonException;
import dev.sluice.python.capi.ContainerApi;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.NumberApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.RequestHandler;
import java.lang.ref.Reference;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The applications of one interpreter whose requests are microthreads on a loop, which is the
 * connections' as well; made, started and stopped by any thread, while requests come and are
 * answered on the loop's own.
 *
 * <p>Python calls the application, and not Java: no frame of Java's may lie between a microthread's
 * beginning and the place where it waits.
 */
public final class MicrothreadService {
  private static final Logger LOG = LoggerFactory.getLogger("sluice.wsgi");

  /** So many calls that have ended are kept for others. */
  private static final int SPARE = 1024;

  private final Loop loop;
  private final WsgiOptions options;
  private final RequestQueue queue;
  private final Call.Waits waits;
  private final PyObject service;
  private final PyObject begin;
  private final PyObject deliver;
  private final PyObject cancel;
  private final PyObject cancelAll;
  private final @Nullable MicrothreadClock clock;

  /** Requests that are microthreads; changed on the loop's thread. */
  private final Map<Long, MicrothreadRequest> open = new ConcurrentHashMap<>();

  /** On the loop's thread. */
  private final Deque<Call> spare = new ArrayDeque<>();

  private boolean beginsSoon;

  /** Whether no other requests begin; on the loop's thread. */
  private boolean ends;

  /** The numbers of those that can go on; on the loop's thread. */
  private final ConcurrentLinkedQueue<Long> ready = new ConcurrentLinkedQueue<>();

  private boolean deliversSoon;

  /**
   * Makes a service that is not started.
   *
   * @param options whose threads are microthreads here
   * @throws PythonException if this Python has no microthreads
   */
  public MicrothreadService(Attached py, Loop loop, WsgiOptions options) {
    this.loop = loop;
    this.options = options;
    queue = new RequestQueue(options.queueLimit());
    PyObject module = py.importModule("sluice._wsgi_microthreads");
    service = module.callMethod("Service", loop.python(), MicrothreadDoor.open(py, this));
    begin = service.attr("begin");
    deliver = service.attr("deliver");
    cancel = service.attr("cancel");
    cancelAll = service.attr("cancel_all");
    waits = waits();
    clock =
        options.requestTimeout().isZero()
            ? null
            : new MicrothreadClock(this, options.requestTimeout());
  }

  private Call.Waits waits() {
    PyObject writer = service.attr("writer");
    PyObject receiver = service.attr("receiver");
    return new Call.Waits() {
      @Override
      public long writer(long number, long blocking) {
        return made(writer, blocking, number);
      }

      @Override
      public long receiver(long number, long reader, long blocking) {
        return made(receiver, blocking, number, reader);
      }
    };
  }

  private static long made(PyObject maker, long blocking, long... numbers) {
    long arguments = ContainerApi.newTuple(numbers.length + 1);
    if (arguments == 0) {
      return 0;
    }
    ObjectApi.incRef(blocking);
    ContainerApi.setTupleItem(arguments, 0, blocking);
    for (int i = 0; i < numbers.length; i++) {
      ContainerApi.setTupleItem(arguments, i + 1, NumberApi.fromLong(numbers[i]));
    }
    try {
      return ObjectApi.call(maker.address(), arguments, 0);
    } finally {
      ObjectApi.decRef(arguments);
      Reference.reachabilityFence(maker);
    }
  }

  /** The clock of requests that take too long begins to look. */
  public void start() {
    if (clock != null) {
      clock.start();
    }
  }

  /** Takes the requests of an application, on the loop's thread. */
  public RequestHandler handler(WsgiApplication application) {
    return exchange -> accept(application, exchange);
  }

  private boolean accept(WsgiApplication application, Exchange exchange) {
    Environ environ = Environ.of(exchange, application.rootPath());
    if (!queue.offer(new WsgiRequest(exchange, environ, application))) {
      return false;
    }
    scheduleBegin();
    return true;
  }

  private void scheduleBegin() {
    if (!ends && !beginsSoon && !queue.isEmpty() && open.size() < options.threads()) {
      beginsSoon = true;
      loop.callSoon(begin);
    }
  }

  /** The requests that may begin, as a list of lists; null with an exception set. */
  long take() {
    beginsSoon = false;
    long list = ContainerApi.newList();
    if (list == 0) {
      return 0;
    }
    try (Attached py = loop.interpreter().attachedInCallback()) {
      WsgiRequest request;
      while (!ends && open.size() < options.threads() && (request = queue.poll()) != null) {
        options.queueWait().accept(System.nanoTime() - request.queuedNanos());
        if (request.begin()) {
          take(py, request, list);
        }
      }
    }
    return list;
  }

  private void take(Attached py, WsgiRequest request, long list) {
    Call call = spare.poll();
    if (call == null) {
      call = new Call(loop.interpreter(), waits);
    }
    call.start(request);
    MicrothreadRequest running = new MicrothreadRequest(this, call, request);
    open.put(call.number(), running);
    boolean taken = false;
    try {
      taken = add(py, running, list);
      if (!taken) {
        Failures.fail(py, call);
      }
    } catch (PythonException e) {
      Failures.report(py, call.exchange(), e);
      Failures.answer(call);
    } catch (RuntimeException | Error e) {
      Failures.defect(py, call, e);
    } finally {
      if (!taken) {
        close(running);
      }
    }
  }

  /** A list, so that whoever takes the parts out of it is the only one to have them. */
  private static boolean add(Attached py, MicrothreadRequest running, long list) {
    WsgiApplication application = running.request().application();
    long environ = application.environ(py, running.request(), running.call());
    long parts = environ == 0 ? 0 : ContainerApi.newList(4);
    if (parts == 0) {
      ObjectApi.decRef(environ);
      return false;
    }
    long called = callable(application);
    long startResponse = running.call().startResponse();
    ObjectApi.incRef(startResponse);
    ContainerApi.setListItem(parts, 0, NumberApi.fromLong(running.number()));
    ContainerApi.setListItem(parts, 1, called);
    ContainerApi.setListItem(parts, 2, environ);
    ContainerApi.setListItem(parts, 3, startResponse);
    boolean added = ContainerApi.append(list, parts) == 0;
    ObjectApi.decRef(parts);
    return added;
  }

  /** A new reference. */
  private static long callable(WsgiApplication application) {
    PyObject callable = application.callable();
    try {
      ObjectApi.incRef(callable.address());
      return callable.address();
    } finally {
      Reference.reachabilityFence(callable); // it may be replaced meanwhile
    }
  }

  /** The request with this number; null with an exception set if it has ended. */
  @Nullable MicrothreadRequest find(long number) {
    MicrothreadRequest running = open.get(number);
    if (running == null) {
      ErrorApi.raise(ErrorApi.Types.RUNTIME_ERROR, "write was called after its request had ended");
    }
    return running;
  }

  /** The application has returned, or raised something; the request has ended with that. */
  void ended(MicrothreadRequest running, long error) {
    try (Attached py = loop.interpreter().attachedInCallback()) {
      if (error != ObjectApi.NONE) {
        ErrorApi.raise(error);
        Failures.fail(py, running.call());
      }
    } finally {
      close(running);
    }
  }

  void close(MicrothreadRequest running) {
    open.remove(running.number());
    if (running.call().finish() && spare.size() < SPARE) {
      spare.push(running.call());
    } else {
      running.call().dispose();
    }
    scheduleBegin();
  }

  void deliver(long number) {
    ready.add(number);
    if (!deliversSoon) {
      deliversSoon = true;
      loop.callSoon(deliver);
    }
  }

  /** The numbers of those that can go on, as a list; null with an exception set. */
  long deliveries() {
    deliversSoon = false;
    long list = ContainerApi.newList();
    for (Long number = ready.poll(); list != 0 && number != null; number = ready.poll()) {
      long item = NumberApi.fromLong(number);
      if (ContainerApi.append(list, item) != 0) {
        ErrorApi.clear(); // there is no memory: it is told later
      }
      ObjectApi.decRef(item);
    }
    return list;
  }

  /** Has a microthread end where it waits, if it still is the request's; any thread. */
  CompletableFuture<String> cancel(MicrothreadRequest running, String why) {
    return loop.submit(py -> {
      if (open.get(running.number()) != running) {
        return "";
      }
      try (PyObject stack = cancel.call(running.number(), why)) {
        return stack.as(String.class);
      }
    });
  }

  /** Those that are microthreads; any thread. */
  Collection<MicrothreadRequest> running() {
    return open.values();
  }

  RequestQueue queue() {
    return queue;
  }

  Interpreter interpreter() {
    return loop.interpreter();
  }

  /** How many requests wait to begin; any thread. */
  public int queueDepth() {
    return queue.depth();
  }

  /** How many may wait. */
  public int queueLimit() {
    return queue.limit();
  }

  /** How many requests may be microthreads at once. */
  public int limit() {
    return options.threads();
  }

  /** Whether requests are with applications; any thread. */
  public boolean isBusy() {
    return !open.isEmpty();
  }

  /** The requests that they have in hand, for people; any thread. */
  public List<String> inHand() {
    return open.values().stream().map(running -> running.request().describe()).toList();
  }

  /**
   * Cancels what still runs, and waits for it; nothing else begins. On a thread that may block.
   *
   * @param limit how long that may take
   */
  public void stop(Duration limit) throws InterruptedException {
    if (clock != null) {
      clock.stop();
    }
    long deadline = System.nanoTime() + limit.toNanos();
    try {
      loop.submit(this::cancelAll)
          .get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
      while (isBusy() && loop.thread().isAlive() && System.nanoTime() < deadline) {
        Thread.sleep(2);
      }
    } catch (ExecutionException | RuntimeException e) {
      LOG.error("requests could not be cancelled: {}", e.toString());
    } catch (TimeoutException e) {
      LOG.debug("the loop does not go on", e);
    }
  }

  private boolean cancelAll(Attached py) {
    ends = true;
    int count = open.size();
    if (count > 0) {
      cancelAll.call("the server ends").close();
      LOG.warn(
          "{} cancelled, as the server ends",
          count == 1 ? "a request is" : count + " requests are");
    }
    return true;
  }

  /** After the loop's end: Python finds nothing any more. */
  public void close() {
    MicrothreadDoor.close(this);
  }
}
