package dev.sluice.python;

import dev.sluice.python.capi.StackBudget;
import dev.sluice.python.capi.ThreadStates;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/** A GIL and thread states without Python, which fails wherever CPython would hang or crash. */
final class FakeThreadStates implements ThreadStates {
  private final ReentrantLock gil = new ReentrantLock();
  private final Map<Long, Thread> owners = new HashMap<>();
  private final Set<Long> live = new HashSet<>();
  private final List<Long> disposed = new ArrayList<>();
  private long next = 1;
  private long current;

  @Override
  public synchronized long create(long interpreter) {
    long state = next++;
    owners.put(state, Thread.currentThread());
    live.add(state);
    return state;
  }

  @Override
  public StackBudget stack() {
    return StackBudget.UNLIMITED;
  }

  @Override
  public void fit(StackBudget stack, long state) {
    // Nothing recurses here.
  }

  @Override
  public synchronized long current() {
    require(gil.isHeldByCurrentThread(), "current() on a detached thread");
    return current;
  }

  @Override
  public long threadIdent() {
    return Thread.currentThread().threadId();
  }

  @Override
  public void attach(long state) {
    require(!gil.isHeldByCurrentThread(), "attached twice: CPython would deadlock");
    gil.lock();
    synchronized (this) {
      require(live.contains(state), "a state that was disposed of");
      require(owners.get(state) == Thread.currentThread(), "a state of another thread");
      current = state;
    }
  }

  @Override
  public void detach() {
    require(gil.isHeldByCurrentThread(), "detached without the GIL");
    synchronized (this) {
      current = 0;
    }
    gil.unlock();
  }

  @Override
  public Gil gil(long interpreter, long state) {
    return new Gil() {
      @Override
      public boolean isTaken() {
        return gil.isLocked();
      }

      @Override
      public long lastHolder() {
        synchronized (FakeThreadStates.this) {
          return current;
        }
      }
    };
  }

  @Override
  public synchronized void dispose(long state) {
    require(gil.isHeldByCurrentThread(), "disposed of without the GIL");
    require(state != current, "disposed of the current state");
    require(live.remove(state), "disposed of twice");
    disposed.add(state);
  }

  boolean isHeld() {
    return gil.isHeldByCurrentThread();
  }

  synchronized List<Long> disposed() {
    return List.copyOf(disposed);
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new AssertionError(message);
    }
  }
}
