package dev.sluice.server.access;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.Outcome;
import dev.sluice.server.exchange.RequestObserver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * Writes a line for each request: put together on the request's IO thread, which takes less than a
 * microsecond and never waits for the file; written by {@code sluice-log}, a tenth of a second
 * later at the latest if the file takes it.
 *
 * <p>At most {@code limit} bytes wait. Where they do already, because the disk is slow, or the pipe
 * is not read, further lines are dropped and counted, and a line in the log says how many. The same
 * is done with lines that could not be written, as on a full disk; the next ones are tried again.
 */
public final class AccessLog implements RequestObserver, AutoCloseable {
  /** How many bytes wait at most, unless something else is asked for: 1 MiB. */
  public static final int DEFAULT_LIMIT = 1024 * 1024;

  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(1);

  private final LineFormat format;
  private final LogBuffer buffer;
  private final LogWriter writer;
  private final Thread thread;
  private final LongAdder refused = new LongAdder();

  // An IO thread's line; nothing of it outlives the call that fills it.
  private final ThreadLocal<LogLine> lines = ThreadLocal.withInitial(LogLine::new);

  private AccessLog(LineFormat format, LogTarget target, int limit) {
    this.format = format;
    buffer = new LogBuffer(limit);
    writer = new LogWriter(buffer, target, format);
    thread = Thread.ofPlatform().name("sluice-log").daemon(true).unstarted(() -> run(target));
  }

  /** Runs on {@code sluice-log}, which closes the file even if nobody waits for it any more. */
  private void run(LogTarget target) {
    try (target) {
      writer.run();
    }
  }

  /**
   * Opens the log and starts its thread.
   *
   * @param where a file, or {@code -} for stdout
   * @param format {@code combined}, {@code common}, {@code json}, or a text with tokens such as
   *     {@code %(h)s}
   * @param limit how many bytes may wait to be written
   * @throws dev.sluice.python.SluiceException if the format is not understood (SL320), or the file
   *     cannot be opened (SL321); nothing is left behind then
   */
  public static AccessLog open(String where, String format, int limit) {
    return open(where, format, limit, LOOK_EVERY);
  }

  static AccessLog open(String where, String format, int limit, Duration lookEvery) {
    LineFormat understood = LineFormat.of(format);
    LogTarget target =
        where.equals("-")
            ? LogTarget.stdout()
            : LogTarget.file(Path.of(where), lookEvery.toNanos());
    AccessLog log = new AccessLog(understood, target, limit);
    log.thread.start();
    return log;
  }

  @Override
  public void ended(Exchange exchange, Outcome outcome) {
    LogLine line = lines.get();
    line.begin(System.currentTimeMillis() - TimeUnit.NANOSECONDS.toMillis(outcome.nanos()));
    format.write(line, exchange, outcome);
    line.raw('\n');
    if (!buffer.offer(line.bytes(), line.length())) {
      refused.increment();
    }
  }

  /** How many lines are missing from the log; any thread. */
  public long dropped() {
    return refused.sum() + writer.lost();
  }

  /** As {@link #close(Duration)}, for a second. */
  @Override
  public void close() {
    close(CLOSE_LIMIT);
  }

  /**
   * Takes no more lines, and writes those that wait; idempotent, any thread but the IO threads,
   * because it waits.
   *
   * @param limit how long the file may take; then its thread is left behind, and does not keep the
   *     process
   * @return whether all was written that had been taken
   */
  public boolean close(Duration limit) {
    buffer.close();
    try {
      if (thread.join(limit)) {
        return writer.lost() == 0;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }
}
