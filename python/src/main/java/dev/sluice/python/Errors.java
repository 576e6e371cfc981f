package dev.sluice.python;

/** Wording shared by messages about threads; any thread. */
final class Errors {
  private Errors() {}

  /** A thread as messages name it. */
  static String name(Thread thread) {
    String name = thread.getName();
    return "\"" + (name.isEmpty() ? "unnamed" : name) + "\" (#" + thread.threadId() + ")";
  }
}
