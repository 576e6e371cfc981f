package dev.sluice.server.http.connection;

import java.util.ArrayList;
import java.util.List;

/**
 * How much of a connection's responses waits to be sent, and whether anyone is there to take it;
 * shared by the IO thread and whoever answers, any of whom may call any method.
 */
public final class Outflow {
  private static final long HIGH = 256 * 1024;
  private static final long LOW = 64 * 1024;

  private long pending;
  private volatile boolean open = true;
  private volatile boolean announcing;
  private volatile boolean draining;
  private volatile boolean inputEnded;
  private List<Runnable> whenWritable = List.of();

  public synchronized void queued(int bytes) {
    pending += bytes;
  }

  public synchronized void sent(int bytes) {
    pending -= bytes;
    if (pending <= LOW) {
      tell();
    }
  }

  public synchronized void close() {
    open = false;
    tell();
  }

  private void tell() {
    notifyAll();
    whenWritable.forEach(Runnable::run);
    whenWritable = List.of();
  }

  /** Notes that the client sends no more. */
  public void endInput() {
    inputEnded = true;
  }

  public boolean isInputEnded() {
    return inputEnded;
  }

  /** Has the answers from now on say that they are the last. */
  public void announceEnd() {
    announcing = true;
  }

  public void drain() {
    announcing = true;
    draining = true;
  }

  public boolean isOpen() {
    return open;
  }

  public boolean isAnnouncing() {
    return announcing;
  }

  public boolean isDraining() {
    return draining;
  }

  public synchronized boolean isCongested() {
    return open && pending > HIGH;
  }

  /**
   * Has an action run once, when little is pending or the connection is closed, by whoever brings
   * that about and with this locked: it must only hand over.
   *
   * @return false, and nothing is kept, if there is nothing to wait for
   */
  synchronized boolean whenWritable(Runnable action) {
    if (!isCongested()) {
      return false;
    }
    if (whenWritable.isEmpty()) {
      whenWritable = new ArrayList<>(1);
    }
    whenWritable.add(action);
    return true;
  }

  /** Waits, without a GIL, until little is pending or the connection is closed. */
  public synchronized void awaitWritable() throws InterruptedException {
    while (open && pending > LOW) {
      wait();
    }
  }
}
