package dev.sluice.bridge;

import dev.sluice.python.Attached;
import dev.sluice.python.Interpreter;
import dev.sluice.python.PyObject;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Java's log records on their way to a handler of Python's ({@code sluice.SafeQueueHandler}); any
 * thread adds some, attached or not.
 *
 * <p>Records of both languages have numbers of one sequence. A record of Python's takes its number
 * in the step that puts it into the handler's queue, one of Java's under the lock under which it is
 * added here. So before the handler writes a record it finds all of Java's with lower numbers here,
 * and writes them first. Where only Java logs, {@code sluice-java-log} puts a mark into the
 * handler's queue: no thread that logs in Java waits for Python.
 */
public final class LogRecords {
  /** The next record's number, in either language. */
  private static final AtomicLong NUMBERS = new AtomicLong();

  private static final AtomicReference<@Nullable LogRecords> CURRENT = new AtomicReference<>();

  private final Interpreter interpreter;
  private final PyObject mark;
  private final int bound;
  private final Thread marker;

  /** In the order of their numbers; guarded by this. */
  private final Queue<Entry> waiting = new ArrayDeque<>();

  /** Guarded by this. */
  private long dropped;

  /** Whether a mark is wanted. */
  private volatile boolean unmarked;

  private volatile boolean closed;

  /**
   * One record.
   *
   * @param level as both SLF4J and Python have it: 40 is an error
   * @param thrown a stack trace, or null
   * @param created seconds since 1970
   */
  public record Entry(
      long number,
      String logger,
      int level,
      String message,
      @Nullable String thrown,
      double created,
      String thread) {}

  /** Records that are taken, and how many were dropped since the last time. */
  public record Taken(List<Entry> entries, long dropped) {}

  private LogRecords(Interpreter interpreter, PyObject mark, int bound) {
    this.interpreter = interpreter;
    this.mark = mark;
    this.bound = bound;
    marker = new Thread(this::putMarks, "sluice-java-log");
    marker.setDaemon(true);
  }

  /**
   * Hands a record to Python's handler.
   *
   * @return false if there is no such handler: then the record is the caller's
   */
  public static boolean offer(
      String logger, int level, String message, @Nullable Throwable thrown) {
    LogRecords records = CURRENT.get();
    return records != null && records.add(logger, level, message, thrown);
  }

  static long nextNumber() {
    return NUMBERS.getAndIncrement();
  }

  /** Opens the way to one handler, whose function {@code mark} puts a mark into its queue. */
  static boolean open(Attached py, PyObject mark, int bound) {
    LogRecords records = new LogRecords(py.interpreter(), mark, bound);
    if (!CURRENT.compareAndSet(null, records)) {
      return false;
    }
    records.marker.start();
    return true;
  }

  /** What was logged with numbers below that, in their order. */
  static Taken take(long below) {
    LogRecords records = CURRENT.get();
    return records == null ? new Taken(List.of(), 0) : records.takeBelow(below);
  }

  /** Lets nothing more in; what is on the way can still be taken. */
  static void close() {
    LogRecords records = CURRENT.get();
    if (records != null) {
      records.shut();
    }
  }

  /** Ends the way, so that another can be opened, and returns what is still on it. */
  static Taken end() {
    LogRecords records = CURRENT.getAndSet(null);
    if (records == null) {
      return new Taken(List.of(), 0);
    }
    records.shut();
    return records.takeBelow(Long.MAX_VALUE);
  }

  private boolean add(String logger, int level, String message, @Nullable Throwable thrown) {
    String trace = thrown == null ? null : trace(thrown);
    Instant now = Clock.systemUTC().instant();
    double created = now.getEpochSecond() + now.getNano() / 1e9;
    String thread = Thread.currentThread().getName();
    boolean wake;
    synchronized (this) {
      if (closed) {
        return false;
      }
      if (waiting.size() >= bound) {
        dropped++;
      } else {
        waiting.add(new Entry(nextNumber(), logger, level, message, trace, created, thread));
      }
      wake = !unmarked;
      unmarked = true;
    }
    if (wake) {
      LockSupport.unpark(marker);
    }
    return true;
  }

  private static String trace(Throwable thrown) {
    var text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text));
    return text.toString().stripTrailing();
  }

  private synchronized Taken takeBelow(long below) {
    var taken = new ArrayList<Entry>();
    for (Entry entry = waiting.peek();
        entry != null && entry.number() < below;
        entry = waiting.peek()) {
      taken.add(entry);
      waiting.remove();
    }
    long lost = dropped;
    dropped = 0;
    return new Taken(taken, lost);
  }

  private void shut() {
    synchronized (this) {
      closed = true;
    }
    LockSupport.unpark(marker);
  }

  /** Runs sluice-java-log. */
  private void putMarks() {
    try (mark) {
      while (!closed) {
        if (!unmarked) {
          LockSupport.park(this);
          continue;
        }
        try (Attached py = interpreter.attach()) {
          synchronized (this) {
            unmarked = false;
          }
          mark.call().close();
        }
      }
    } catch (RuntimeException e) {
      // The interpreter ends, and its handler was not closed: what is logged is the others' again.
      CURRENT.compareAndSet(this, null);
    }
  }
}
