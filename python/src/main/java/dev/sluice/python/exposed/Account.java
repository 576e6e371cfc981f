package dev.sluice.python.exposed;

import java.lang.ref.WeakReference;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was found out about an exception of Python's when Java took it, which saves work where it
 * goes on through Python and is taken again, perhaps at each of hundreds of crossings; of one
 * thread.
 *
 * <p>A traceback grows at its outer end. As long as it contains the part that was seen before, only
 * what is new has to be looked at.
 */
public final class Account {
  /** The last one of each thread, as long as its exception is there. */
  private static final ThreadLocal<WeakReference<Account>> LAST = new ThreadLocal<>();

  private final WeakReference<Throwable> taken;
  private final long exception;
  private final Part part;
  private final List<StackTraceElement> seen;
  private final StackTraceElement[] trace;
  private final int left;

  /**
   * A traceback by its ends: the addresses of its outermost and innermost entry, and how many there
   * are. It may have been replaced since; that another one of the same length begins and ends at
   * the same addresses is not thought of.
   */
  record Part(long outermost, long innermost, int count) {
    static final Part NONE = new Part(0, 0, 0);
  }

  /**
   * An account.
   *
   * @param seen the frames of the traceback, innermost first
   * @param trace the same, and below them those of Java
   * @param left how many of the trace's frames have gone when it leaves for Python
   */
  Account(
      Throwable taken,
      long exception,
      Part part,
      List<StackTraceElement> seen,
      StackTraceElement[] trace,
      int left) {
    this.taken = new WeakReference<>(taken);
    this.exception = exception;
    this.part = part;
    this.seen = seen;
    this.trace = trace;
    this.left = left;
    LAST.set(new WeakReference<>(this));
  }

  private static @Nullable Account last() {
    WeakReference<Account> last = LAST.get();
    return last == null ? null : last.get();
  }

  /** The last account of the calling thread, if it is of the exception at the address. */
  static @Nullable Account of(long exception) {
    Account last = last();
    // As long as the Throwable is there, so is the exception: no other one has its address.
    return last != null && last.exception == exception && !last.taken.refersTo(null) ? last : null;
  }

  /** The last account of the calling thread, if it is of the Throwable. */
  static @Nullable Account of(Throwable throwable) {
    Account last = last();
    return last != null && last.taken.refersTo(throwable) ? last : null;
  }

  Part part() {
    return part;
  }

  List<StackTraceElement> seen() {
    return seen;
  }

  /** The frames of both languages. */
  public StackTraceElement[] trace() {
    return trace;
  }

  int left() {
    return left;
  }
}
