/** Java code that Python calls, and that calls Python back, or blocks by itself. */
public final class Relay {
  private Relay() {}

  /** Calls what it is given. */
  public static void pass(Runnable callback) {
    callback.run();
  }

  /** Sleeps. */
  public static void nap(long millis) throws InterruptedException {
    Thread.sleep(millis);
  }
}
