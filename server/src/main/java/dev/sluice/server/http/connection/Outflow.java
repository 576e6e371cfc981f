package dev.sluice.server.http.connection;

/**
 * How much of a connection's responses waits to be sent, and whether anyone is there to take it;
 * shared by the IO thread and whoever answers, any of whom may call any method.
 */
public final class Outflow {
  private static final long HIGH = 256 * 1024;
  private static final long LOW = 64 * 1024;

  private long pending;
  private volatile boolean open = true;
  private volatile boolean draining;

  public synchronized void queued(int bytes) {
    pending += bytes;
  }

  public synchronized void sent(int bytes) {
    pending -= bytes;
    if (pending <= LOW) {
      notifyAll();
    }
  }

  public synchronized void close() {
    open = false;
    notifyAll();
  }

  public void drain() {
    draining = true;
  }

  public boolean isOpen() {
    return open;
  }

  public boolean isDraining() {
    return draining;
  }

  public synchronized boolean isCongested() {
    return open && pending > HIGH;
  }

  /** Waits, without a GIL, until little is pending or the connection is closed. */
  public synchronized void awaitWritable() throws InterruptedException {
    while (open && pending > LOW) {
      wait();
    }
  }
}
