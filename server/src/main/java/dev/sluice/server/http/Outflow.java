package dev.sluice.server.http;

/**
 * How much of a connection's responses waits to be sent, and whether anyone is there to take it;
 * shared by the IO thread and whoever answers, any of whom may call any method.
 */
final class Outflow {
  private static final long HIGH = 256 * 1024;
  private static final long LOW = 64 * 1024;

  private long pending;
  private volatile boolean open = true;
  private volatile boolean draining;

  synchronized void queued(int bytes) {
    pending += bytes;
  }

  synchronized void sent(int bytes) {
    pending -= bytes;
    if (pending <= LOW) {
      notifyAll();
    }
  }

  synchronized void close() {
    open = false;
    notifyAll();
  }

  void drain() {
    draining = true;
  }

  boolean isOpen() {
    return open;
  }

  boolean isDraining() {
    return draining;
  }

  synchronized boolean isCongested() {
    return open && pending > HIGH;
  }

  /** Waits, without a GIL, until little is pending or the connection is closed. */
  synchronized void awaitWritable() throws InterruptedException {
    while (open && pending > LOW) {
      wait();
    }
  }
}
