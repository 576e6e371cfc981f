package example;

/** Somebody's Java code: none of Sluice's. */
public final class Napper {
  private Napper() {}

  /** Sleeps; an interrupt ends it. */
  public static void nap(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The same at a place of its own. */
  public static void napElsewhere(long millis) {
    nap(millis);
  }
}
