package dev.sluice.bridge.loop;

import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a loop sleeps: Netty's event loop, run by whichever thread runs the Python loop, and by no
 * other; any thread may {@link #wake} it and hand it tasks.
 *
 * <p>Netty's loop belongs to one thread for ever. A Python loop may be run by one thread after the
 * other; each gets a new one of Netty's then, which is why channels are only for loops that keep
 * their thread, and why tasks are not in Netty's queue but in one of ours, which stays.
 *
 * <p>Whoever has something first puts it where the loop looks, then wakes it, which costs nothing
 * while it is awake; the loop first says that it is about to sleep, then looks. One of the two sees
 * the other.
 */
public final class LoopIo {
  private static final Logger LOG = LoggerFactory.getLogger(LoopIo.class);

  /** So many tasks are run before the loop looks at anything else. */
  private static final int MOST_AT_ONCE = 10_000;

  private final IoHandlerFactory handlers;
  private final Rendezvous rendezvous = new Rendezvous();
  private final List<Runnable> beforeSleep = new CopyOnWriteArrayList<>();
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private volatile boolean roused;
  private volatile @Nullable OwnedLoop owned;
  private volatile boolean closed;
  private volatile @Nullable RuntimeException cannotWake;
  private @Nullable DescriptorWatch descriptors;

  /** Makes one that sleeps in the system's epoll; any thread. */
  public LoopIo() {
    this(LastingEpoll.factory());
  }

  /** Makes one that sleeps elsewhere. */
  LoopIo(IoHandlerFactory handlers) {
    this.handlers = handlers;
  }

  /** Why there can be no loop here; empty if there can. */
  public static String obstacle() {
    Throwable cause = Epoll.unavailabilityCause();
    return cause == null ? "" : "Netty's epoll is not available here: " + cause;
  }

  /** Makes the calling thread the one that sleeps here; whoever did so before has stopped. */
  public void own() {
    OwnedLoop before = owned;
    Thread thread = Thread.currentThread();
    if (before != null && before.thread() == thread) {
      return;
    }
    OwnedLoop now = new OwnedLoop(thread, handlers, this::maySleep);
    owned = now;
    cannotWake = null;
    if (before != null) {
      before.end();
    }
    if (descriptors != null) {
      descriptors.watchBy(now.netty());
    }
  }

  /** The thread that runs it, or did so last; null before there was one. Any thread. */
  public @Nullable Thread thread() {
    OwnedLoop now = owned;
    return now == null ? null : now.thread();
  }

  /**
   * Netty's loop, for channels.
   *
   * @throws IllegalStateException before a thread has owned it
   */
  public EventLoop netty() {
    OwnedLoop now = owned;
    if (now == null) {
      throw new IllegalStateException("no thread runs this loop");
    }
    return now.netty();
  }

  /** Has something done on the loop's thread, each time before it looks for events; any thread. */
  public void beforeSleep(Runnable action) {
    beforeSleep.add(action);
  }

  /** Watches a descriptor, which may be another epoll, from now on; on the loop's thread. */
  public void watch(int descriptor) {
    if (descriptors == null) {
      descriptors = new DescriptorWatch(descriptor);
      OwnedLoop now = owned;
      if (now != null) {
        descriptors.watchBy(now.netty());
      }
    }
  }

  /**
   * Serves the channels, and sleeps until there is something to do: an event, a task, a wake-up; on
   * the loop's thread, which owns it from now on if it did not, detached.
   *
   * @param nanos how long to sleep at the most; 0 to look only, less for ever
   * @return whether the descriptor is ready
   */
  public boolean await(long nanos) {
    if (closed) {
      throw new IllegalStateException("the loop is closed");
    }
    own();
    OwnedLoop now = Objects.requireNonNull(owned);
    for (Runnable action : beforeSleep) {
      action.run();
    }
    long most = nanos < 0 ? Long.MAX_VALUE : nanos;
    if (nanos == 0 || rendezvous.rest(most)) {
      rendezvous.look();
      now.netty().runNow();
    } else {
      rendezvous.look();
      long begun = System.nanoTime();
      now.netty().run(most);
      rendezvous.slept(System.nanoTime() - begun);
    }
    if (roused) {
      roused = false;
    }
    runTasks(MOST_AT_ONCE);
    return descriptors != null && descriptors.takeReady();
  }

  private boolean maySleep() {
    return !roused && tasks.isEmpty();
  }

  private void runTasks(int most) {
    for (int i = 0; i < most; i++) {
      Runnable task = tasks.poll();
      if (task == null) {
        return;
      }
      try {
        task.run();
      } catch (Throwable e) {
        LOG.error("a task failed on a loop", e);
      }
    }
  }

  /**
   * Ends the loop's sleep, the present one or the next; any thread. Costs a system call if it
   * sleeps, and none if it is awake. Nothing is done for a loop that no thread has run yet, nor for
   * a closed one.
   *
   * @throws IllegalStateException if it cannot be woken: now, or ever since somebody tried
   */
  public void wake() {
    if (!roused) {
      roused = true;
    }
    rouse();
    rendezvous.handOver();
  }

  /**
   * The same for a thread that has the GIL, and may wait for what comes of it: gives the loop the
   * GIL and looks out for its next rest, for some microseconds, where that has paid lately.
   *
   * @param waits whether the thread waits next for what comes of it
   * @param detached runs something without the GIL
   */
  public void wake(boolean waits, Consumer<Runnable> detached) {
    OwnedLoop now = owned;
    boolean inTime = true;
    long nanos = 0;
    if (now != null && now.thread() != Thread.currentThread() && rendezvous.isExpectant(waits)) {
      boolean[] rested = new boolean[1];
      long begun = System.nanoTime();
      // Without the GIL, which the loop wants as soon as it is awake.
      detached.accept(() -> {
        long rests = rendezvous.rests();
        wake();
        rested[0] = rendezvous.awaitRest(rests);
      });
      inTime = rested[0];
      nanos = System.nanoTime() - begun;
    } else {
      wake();
    }
    rendezvous.woken(inTime, nanos);
  }

  /**
   * Has a task run on the loop's thread, detached; any thread. While no thread runs the loop it
   * waits for the next that does; what waits when the loop is closed is run by whoever closes it.
   * What a task throws is logged.
   *
   * @throws RejectedExecutionException if the loop is closed: the task will not run
   * @throws IllegalStateException if it cannot be woken, now, or ever since somebody tried: the
   *     task will not run
   */
  public void execute(Runnable task) {
    boolean late = closed;
    if (!late) {
      tasks.add(task);
      // Who closes it says so first, then runs what is there: has run the task, or we see it here.
      late = closed && tasks.remove(task);
    }
    if (late) {
      throw new RejectedExecutionException("the loop is closed");
    }
    try {
      rouse();
    } catch (IllegalStateException e) {
      if (tasks.remove(task)) {
        throw e;
      }
    }
    rendezvous.handOver();
  }

  /** Has the loop look for what it has been handed, whichever thread runs it meanwhile. */
  private void rouse() {
    OwnedLoop now = null;
    while (now != owned) {
      now = owned;
      if (now == null) {
        return;
      }
      RuntimeException failure = cannotWake;
      if (failure == null) {
        try {
          now.netty().wakeup();
          continue;
        } catch (RuntimeException e) {
          // Netty believes from now on that the loop is awake, and would not try again.
          failure = e;
        }
      }
      if (now == owned) {
        cannotWake = failure;
        throw new IllegalStateException(
            "the loop cannot be woken: " + failure.getMessage(), failure);
      }
    }
  }

  /**
   * Closes the channels, gives the descriptors back, and runs the tasks that are left; any thread,
   * when nobody sleeps here.
   */
  public void close() {
    closed = true;
    OwnedLoop last = owned;
    owned = null;
    if (last != null) {
      last.end();
    }
    runTasks(Integer.MAX_VALUE);
  }
}
