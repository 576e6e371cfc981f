package dev.sluice.python;

/** Wording shared by messages about threads; any thread. */
final class Errors {
  private Errors() {}

  /** A thread as messages name it. */
  static String name(Thread thread) {
    String name = thread.getName();
    return "\"" + (name.isEmpty() ? "unnamed" : name) + "\" (#" + thread.threadId() + ")";
  }

  /** Where a thread is in code that is not the JDK's. */
  static String place(Thread thread) {
    for (StackTraceElement frame : thread.getStackTrace()) {
      String module = frame.getModuleName();
      if (module == null || !(module.startsWith("java.") || module.startsWith("jdk."))) {
        return "at " + frame;
      }
    }
    return "outside of Java";
  }

  /** Another thread's stack, to be added to an exception. */
  static Throwable stackOf(Thread thread) {
    return new OtherThread(thread);
  }

  private static final class OtherThread extends Throwable {
    private static final long serialVersionUID = 1L;

    OtherThread(Thread thread) {
      super("the stack of thread " + name(thread), null, false, true);
      setStackTrace(thread.getStackTrace());
    }
  }
}
