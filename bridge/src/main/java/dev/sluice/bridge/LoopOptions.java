package dev.sluice.bridge;

/**
 * How a loop is run; immutable, any thread.
 *
 * @param wrongThread what becomes of uses of the loop on a thread that does not run it
 */
public record LoopOptions(WrongThread wrongThread) {
  /** The policies for uses on a wrong thread. */
  public enum WrongThread {
    /** They fail, and the loop's run ends with the same error. */
    RAISE("raise"),
    /** They are done on the right thread, and each place is reported once. */
    REPAIR("repair");

    private final String word;

    WrongThread(String word) {
      this.word = word;
    }

    /** How Python and the command line call it. */
    public String word() {
      return word;
    }
  }

  /** The defaults. */
  public static LoopOptions of() {
    return new LoopOptions(WrongThread.RAISE);
  }
}
