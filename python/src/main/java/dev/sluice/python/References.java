package dev.sluice.python;

import dev.sluice.python.capi.ObjectApi;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The references that one interpreter's Java objects hold to Python objects: taken on attached
 * threads, given back on any.
 *
 * <p>A {@link Counted} is one of them. It is a phantom reference to its owner, so that the
 * collector hands it over when the owner is gone, and stands in a list that keeps it alive until
 * then. The list is touched by attached threads only: the GIL is its lock. A thread that is not
 * attached marks the reference as given back and leaves it in a queue, which the next attach
 * empties; if none comes for a while, the watch lets a worker do it.
 */
final class References {
  private final Interpreter interpreter;
  private final ReferenceQueue<Object> collected = new ReferenceQueue<>();
  private final ConcurrentLinkedQueue<Counted> dropped = new ConcurrentLinkedQueue<>();
  private final AtomicLong drained = new AtomicLong();
  private final @Nullable Leaks leaks = Leaks.enabled() ? new Leaks() : null;

  /** The ends of the list; never collected before this is. */
  private final Counted head = new Counted(this, this, 0);

  private volatile boolean ended;

  /** At the last look of the watch, which alone uses it. */
  private long drainedBefore = -1;

  References(Interpreter interpreter) {
    this.interpreter = interpreter;
  }

  /** A counted reference; its owner keeps it, and nothing else. */
  static class Counted extends PhantomReference<Object> {
    private static final AtomicIntegerFieldUpdater<Counted> GIVEN_BACK =
        AtomicIntegerFieldUpdater.newUpdater(Counted.class, "givenBack");

    /** What is referred to; readable as long as it is open. */
    final long address;

    private final References references;
    private Counted previous = this;
    private Counted next = this;
    private volatile int givenBack;

    Counted(References references, Object owner, long address) {
      super(owner, references.collected);
      this.references = references;
      this.address = address;
    }

    final boolean isClosed() {
      return givenBack != 0;
    }

    /** Gives the reference back: from any thread, and only the first time. */
    final boolean giveBack() {
      if (!GIVEN_BACK.compareAndSet(this, 0, 1)) {
        return false;
      }
      clear();
      references.returned(this);
      return true;
    }

    /** Whether it may end before Java has given it back, because Java cannot use it any more. */
    boolean endsEarly() {
      return true;
    }

    /** Ends what the reference stands for; on an attached thread. */
    void release() {
      ObjectApi.decRef(address);
    }

    /**
     * Takes from Java what it could use after the interpreter's end; whether there was anything.
     */
    boolean withdraw() {
      return false;
    }
  }

  /** Takes charge of a new reference, for the owner; on an attached thread. */
  Counted keep(Object owner, long address) {
    return keep(new Counted(this, owner, address));
  }

  <T extends Counted> T keep(T counted) {
    Counted reference = counted;
    reference.previous = head;
    reference.next = head.next;
    head.next.previous = reference;
    head.next = reference;
    if (leaks != null) {
      leaks.made(reference);
    }
    return counted;
  }

  private void returned(Counted counted) {
    if (leaks != null) {
      leaks.closed(counted);
    }
    if (ThreadContext.currentIn(interpreter) != null) {
      release(counted);
      Calls.makeWayOutside(interpreter);
    } else {
      dropped.add(counted);
    }
  }

  private static void release(Counted counted) {
    counted.previous.next = counted.next;
    counted.next.previous = counted.previous;
    counted.next = counted;
    counted.previous = counted;
    counted.release();
  }

  /**
   * Gives back what was dropped elsewhere and what the collector found; on an attached thread.
   *
   * @return whether there was any, so that Python code may have run
   */
  boolean drain() {
    boolean any = false;
    Counted counted;
    while ((counted = (Counted) collected.poll()) != null) {
      if (leaks != null) {
        leaks.collected(counted);
      }
      if (Counted.GIVEN_BACK.compareAndSet(counted, 0, 1)) {
        any = true;
        release(counted);
      }
    }
    if (!dropped.isEmpty()) {
      while ((counted = dropped.poll()) != null) {
        any = true;
        release(counted);
      }
    }
    drained.lazySet(drained.get() + 1);
    return any;
  }

  /**
   * Takes Python's memory from Java and gives it back; before the interpreter ends, attached. What
   * a call of Java's is using at this moment stays, and so does the memory.
   */
  void withdraw() {
    List<Counted> withdrawn;
    do {
      withdrawn = withdrawn();
      // This may run Python code, which may change the list, and make more of them.
      withdrawn.forEach(Counted::giveBack);
    } while (!withdrawn.isEmpty());
  }

  /** The same, when there is nobody left to give anything back to. */
  void ended() {
    ended = true;
    withdrawn();
  }

  private List<Counted> withdrawn() {
    List<Counted> withdrawn = new ArrayList<>();
    for (Counted counted = head.next; counted != head; counted = counted.next) {
      if (!counted.isClosed() && counted.withdraw()) {
        withdrawn.add(counted);
      }
    }
    return withdrawn;
  }

  /** Whether the interpreter is no more. */
  boolean areEnded() {
    return ended;
  }

  /**
   * Gives back all that Java still has, when nobody will attach any more; on an attached thread.
   */
  void releaseAll() {
    withdraw();
    drain();
    Counted counted = head.next;
    while (counted != head) {
      Counted following = counted.next;
      if (counted.endsEarly() && Counted.GIVEN_BACK.compareAndSet(counted, 0, 1)) {
        counted.clear();
        release(counted); // may run Python code, but nobody who could change the list
      }
      counted = following;
    }
  }

  /** In the leak test mode, says which references are still open; when the interpreter ends. */
  void reportOpen() {
    if (leaks != null) {
      leaks.logOpen();
    }
  }

  @Nullable Leaks leaks() {
    return leaks;
  }

  /** How many references wait for somebody to attach, but for those only the collector knows. */
  int droppedCount() {
    return dropped.size();
  }

  /**
   * Whether references have waited since the last look because nobody attached meanwhile; called
   * now and then by the watch.
   */
  boolean areWaiting() {
    // Only moved here: giving them back needs the GIL.
    Counted counted;
    while ((counted = (Counted) collected.poll()) != null) {
      if (leaks != null) {
        leaks.collected(counted);
      }
      if (Counted.GIVEN_BACK.compareAndSet(counted, 0, 1)) {
        dropped.add(counted);
      }
    }
    long now = drained.get();
    boolean waiting = !dropped.isEmpty() && now == drainedBefore;
    drainedBefore = now;
    return waiting;
  }
}
