package dev.sluice.server.wsgi;

import dev.sluice.python.Python;
import dev.sluice.server.system.RunState;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads {@code sluice-py-I-N} that call the application, with deep stacks; they may block.
 *
 * <p>Under one GIL a second busy thread only fights for it. So one worker is hot and drains the
 * queue, and another is woken only while requests wait and either none has been taken for a while,
 * or no worker that is awake has anything to do for a processor: then the GIL is free, since all of
 * them wait for something else.
 *
 * <p>Nobody sleeps while work waits: a worker counts itself out before it looks at the queue for
 * the last time, and whoever adds a request looks at that count afterwards, so that one of the two
 * sees the other.
 */
final class WorkerPool {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerPool.class);
  private static final long STUCK_NANOS = 1_000_000;

  /** After one was woken, since more may be needed. */
  private static final long AGAIN_NANOS = 250_000;

  /** Looking at all of many would cost more than it tells. */
  private static final int LOOKED_AT = 8;

  private final RequestQueue queue;
  private final LongSupplier idents;
  private final LongConsumer queueWait;
  private final List<Worker> workers = new ArrayList<>();
  private final Deque<Worker> idle = new ArrayDeque<>();
  private final AtomicInteger active = new AtomicInteger();
  private final AtomicLong taken = new AtomicLong();
  private final @Nullable Thread watch;
  private volatile boolean watching;
  private volatile boolean stopped;

  /** What a worker does with requests; used by that worker only. */
  interface Job {
    /**
     * Handles a request, and whatever {@code more} gives until it gives null.
     *
     * @param more counts each request that it gives as taken
     */
    void drain(WsgiRequest first, Supplier<@Nullable WsgiRequest> more);

    /** Called once, at the worker's end. */
    void end();
  }

  /**
   * Makes the threads; none is started.
   *
   * @param name the interpreter's
   * @param idents what Python calls the calling thread
   * @param queueWait is told how long each request has waited, in nanoseconds
   */
  WorkerPool(
      String name,
      RequestQueue queue,
      int size,
      Supplier<Job> jobs,
      LongSupplier idents,
      LongConsumer queueWait) {
    this.queue = queue;
    this.idents = idents;
    this.queueWait = queueWait;
    for (int i = 1; i <= size; i++) {
      Worker worker = new Worker(jobs.get());
      worker.thread = Python.newThread("sluice-py-%s-%d".formatted(name, i), worker);
      worker.thread.setDaemon(true);
      workers.add(worker);
      idle.push(worker);
    }
    watch =
        size == 1
            ? null
            : Thread.ofPlatform().name("sluice-py-watch").daemon(true).unstarted(this::watch);
  }

  void start() {
    workers.forEach(worker -> worker.thread().start());
    if (watch != null) {
      watch.start();
    }
  }

  /** Says that a request was added; any thread. */
  void requestAdded() {
    if (active.get() == 0) {
      if (active.compareAndSet(0, 1)) {
        wakeOne();
      }
    } else if (watch != null && !watching) {
      LockSupport.unpark(watch);
    }
  }

  /** Wakes an idle worker, who has been counted as active already. */
  private void wakeOne() {
    Worker worker;
    synchronized (idle) {
      worker = idle.poll();
    }
    if (worker == null) {
      active.decrementAndGet();
    } else {
      worker.awake = true;
      LockSupport.unpark(worker.thread());
    }
  }

  /** Runs on {@code sluice-py-watch}, which sleeps while nothing waits. */
  private void watch() {
    long pause = STUCK_NANOS;
    while (!stopped) {
      // The order matters: whoever adds a request looks at this flag afterwards.
      watching = false;
      if (queue.isEmpty()) {
        LockSupport.park(this);
        continue;
      }
      watching = true;
      long before = taken.get();
      LockSupport.parkNanos(this, pause);
      pause = STUCK_NANOS;
      if (queue.isEmpty() || !hasIdle()) {
        continue;
      }
      if (taken.get() == before || noneCanRun()) {
        active.incrementAndGet();
        wakeOne();
        pause = AGAIN_NANOS;
      }
    }
    workers.forEach(Worker::forget);
  }

  private boolean hasIdle() {
    synchronized (idle) {
      return !idle.isEmpty();
    }
  }

  /** Whether all workers that are awake, or all of some of them, wait for something. */
  private boolean noneCanRun() {
    int size = workers.size();
    int first = ThreadLocalRandom.current().nextInt(size);
    int waiting = 0;
    for (int i = 0; i < size && waiting < LOOKED_AT; i++) {
      Worker worker = workers.get((first + i) % size);
      if (worker.current != null) {
        if (!worker.isWaiting()) {
          return false;
        }
        waiting++;
      }
    }
    return waiting > 0;
  }

  /** Looks at each worker. */
  void forEach(Consumer<Worker> look) {
    workers.forEach(look);
  }

  /** How many there are. */
  int size() {
    return workers.size();
  }

  /** How many have a request in hand. */
  int busy() {
    int busy = 0;
    for (Worker worker : workers) {
      busy += worker.current() == null ? 0 : 1;
    }
    return busy;
  }

  /** Whether each has a request in hand that took too long. */
  boolean areAllLate() {
    for (Worker worker : workers) {
      WsgiRequest request = worker.current();
      if (request == null || !request.isExpired()) {
        return false;
      }
    }
    return true;
  }

  /** One thread's loop. */
  final class Worker implements Runnable {
    private final Job job;
    private volatile @Nullable WsgiRequest current;
    private volatile long ident;
    private @Nullable Thread thread;
    private volatile boolean awake;
    private volatile @Nullable RunState runState;

    Worker(Job job) {
      this.job = job;
    }

    /** What it handles, or has handled last before it looked for more. */
    @Nullable WsgiRequest current() {
      return current;
    }

    /** What Python calls the thread. */
    long ident() {
      return ident;
    }

    /** Whether the thread certainly waits for something; on the watch's thread only. */
    boolean isWaiting() {
      RunState state = runState;
      return state != null && state.isWaiting();
    }

    /** The watch looks no more. */
    void forget() {
      RunState state = runState;
      if (state != null) {
        state.close();
      }
    }

    Thread thread() {
      return Objects.requireNonNull(thread);
    }

    @Override
    public void run() {
      ident = idents.getAsLong();
      runState = watch == null ? null : RunState.ofCurrentThread();
      awaitWork();
      while (!stopped) {
        WsgiRequest request = take();
        if (request != null) {
          drain(request);
        } else {
          rest();
        }
      }
      job.end();
    }

    /** A worker outlives whatever a job throws: without it, nothing would be answered any more. */
    private void drain(WsgiRequest first) {
      try {
        job.drain(first, this::take);
      } catch (Throwable t) {
        current = null; // nobody is to interrupt what comes next for it
        LOG.error("a worker's job failed: {}", t.toString());
        LOG.debug("where it failed", t);
      }
    }

    private @Nullable WsgiRequest take() {
      WsgiRequest request = stopped ? null : queue.poll();
      current = request;
      if (request != null) {
        taken.incrementAndGet();
        queueWait.accept(System.nanoTime() - request.queuedNanos());
      }
      return request;
    }

    private void rest() {
      synchronized (idle) {
        idle.push(this);
      }
      active.decrementAndGet();
      if (!queue.isEmpty() && active.compareAndSet(0, 1)) {
        boolean back;
        synchronized (idle) {
          back = idle.remove(this);
        }
        if (back) {
          return;
        }
        // Somebody has woken this worker as well: counted twice.
        active.decrementAndGet();
      }
      awaitWork();
    }

    private void awaitWork() {
      while (!awake && !stopped) {
        LockSupport.park(this);
      }
      awake = false;
    }
  }

  /**
   * Ends the workers once they are out of the application.
   *
   * @return the threads that were still inside when the time was over
   */
  List<Thread> stop(Duration limit) throws InterruptedException {
    stopped = true;
    long deadline = System.nanoTime() + limit.toNanos();
    List<Thread> stuck = new ArrayList<>();
    for (Worker worker : workers) {
      LockSupport.unpark(worker.thread());
      worker.thread().join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
      if (worker.thread().isAlive()) {
        stuck.add(worker.thread());
      }
    }
    if (watch != null) {
      LockSupport.unpark(watch);
    }
    return stuck;
  }
}
