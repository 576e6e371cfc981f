package dev.sluice.server.http.connection;

import io.netty.channel.EventLoop;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the connections of one {@code sluice-io-N} share: its set of connections, its clock, its
 * Date header. Created by any thread, then used by that IO thread only.
 */
public final class IoThread {
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("'Date: 'EEE, dd MMM yyyy HH:mm:ss 'GMT\r\n'", Locale.ENGLISH);

  /** Requests are numbered in blocks of this many for each thread. */
  private static final int BLOCK = 1024;

  private static final VarHandle IN_FLIGHT;

  static {
    try {
      IN_FLIGHT = MethodHandles.lookup().findVarHandle(IoThread.class, "inFlight", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private static final AtomicLong NUMBERS = new AtomicLong();

  private final EventLoop loop;
  private final HeaderNames names = new HeaderNames();

  /** Each with the second in which it began. */
  private final Map<Connection, Integer> connections = new HashMap<>();

  private final Future<?> clock;
  private volatile byte[] date;
  private int second;
  private long begun;
  private boolean running;
  private boolean announcing;
  private boolean closing;

  private final Pace pace = new Pace();
  private final List<Runnable> unflushed = new ArrayList<>();
  private volatile boolean defersFlushes;
  private boolean flushing;

  /** Written by this thread, read by any. */
  private int inFlight;

  private long number;

  public IoThread(EventLoop loop) {
    this.loop = loop;
    date = formatDate();
    clock = loop.scheduleAtFixedRate(this::tick, 1, 1, TimeUnit.SECONDS);
  }

  /** Stops the clock, for a loop that goes on without connections; any thread. */
  public void stop() {
    clock.cancel(false);
  }

  private void tick() {
    second++;
    date = formatDate();
    for (Connection connection : new ArrayList<>(connections.keySet())) {
      connection.checkTimeout(second);
    }
  }

  private static byte[] formatDate() {
    return DATE.format(ZonedDateTime.now(ZoneOffset.UTC)).getBytes(StandardCharsets.US_ASCII);
  }

  public EventLoop loop() {
    return loop;
  }

  public HeaderNames names() {
    return names;
  }

  /**
   * Runs something on this thread: at once if this is the thread, unless that would be within
   * another such run, so that answers to requests that wait in a row do not pile up on the stack.
   */
  public void runSoon(Runnable action) {
    if (!loop.inEventLoop() || running) {
      loop.execute(action);
      return;
    }
    running = true;
    try {
      action.run();
    } finally {
      running = false;
    }
  }

  /**
   * Lets what the connections write wait for {@link #flushAll} where more is likely to follow in
   * the same pass of the loop, so that it goes out with one system call; what this thread answers
   * itself is then written at once instead of by a task for each piece. For whoever drives the
   * loop, and only before there are connections: without {@code flushAll} nothing is sent. Off at
   * first.
   */
  public void deferFlushes(boolean defer) {
    defersFlushes = defer;
  }

  /** Whether that is so; any thread. */
  public boolean defersFlushes() {
    return defersFlushes;
  }

  /** Whether that is so, and this is the thread. */
  boolean defersHere() {
    return defersFlushes && loop.inEventLoop();
  }

  /**
   * Has a connection flushed once, with all others if flushes are deferred, else in a task; on this
   * thread.
   */
  public void flushLater(Runnable flush) {
    if (defersFlushes && !flushing) {
      unflushed.add(flush);
    } else {
      loop.execute(flush);
    }
  }

  /**
   * Sends what has been written since the last call; on this thread, before each time that the loop
   * may sleep. Costs nothing if there is nothing. What is written meanwhile is flushed by tasks,
   * with which a loop does not sleep.
   */
  public void flushAll() {
    pace.turnEnds();
    flushWaiting();
  }

  /** Whether answers wait for each other, if flushes are deferred; on this thread. */
  public Pace pace() {
    return pace;
  }

  /** Sends what waits, while the application goes on; on this thread. */
  public void flushEarly() {
    pace.flushed();
    flushWaiting();
  }

  private void flushWaiting() {
    if (unflushed.isEmpty()) {
      return;
    }
    flushing = true;
    try {
      unflushed.forEach(Runnable::run);
    } finally {
      unflushed.clear();
      flushing = false;
    }
  }

  /** The whole Date header of this second. */
  public byte[] date() {
    return date;
  }

  /** Seconds since the thread started: a clock that costs nothing to read. */
  public int second() {
    return second;
  }

  void requestBegun() {
    IN_FLIGHT.setRelease(this, inFlight + 1);
    if (defersFlushes) {
      pace.arrived();
    }
  }

  void requestEnded() {
    IN_FLIGHT.setRelease(this, inFlight - 1);
    pace.answered();
  }

  /** How many requests the handler has; any thread may ask. */
  public int requestsInFlight() {
    return (int) IN_FLIGHT.getAcquire(this);
  }

  long nextNumber() {
    if (number % BLOCK == 0) {
      number = NUMBERS.getAndAdd(BLOCK);
    }
    return ++number;
  }

  public void add(Connection connection) {
    connections.put(connection, second);
    begun++;
    if (announcing && connection.isSilent()) {
      connection.announceEnd();
    }
  }

  public void remove(Connection connection) {
    connections.remove(connection);
  }

  /** How many connections have begun since the thread started, or changed their protocol. */
  public long begun() {
    return begun;
  }

  /** How many connections have begun within the last two seconds, and have had no request yet. */
  public int newAndSilent() {
    int silent = 0;
    for (Map.Entry<Connection, Integer> entry : connections.entrySet()) {
      silent += second - entry.getValue() <= 1 && entry.getKey().isSilent() ? 1 : 0;
    }
    return silent;
  }

  /** Has clients told that their connections will end, also those that are new; on this thread. */
  public void announceEnd() {
    announcing = true;
    new ArrayList<>(connections.keySet()).forEach(Connection::announceEnd);
  }

  /** Ends what is idle, and lets what is in flight end; on the IO thread. */
  public void drain() {
    new ArrayList<>(connections.keySet()).forEach(Connection::drain);
  }

  /** Ends every connection; on the IO thread. Returns how many requests were cut off. */
  public int closeAll() {
    closing = true;
    int cut = 0;
    for (Connection connection : new ArrayList<>(connections.keySet())) {
      cut += connection.isBusy() ? 1 : 0;
      connection.closeNow();
    }
    return cut;
  }

  /** Whether that has begun: nothing may be kept for later any more; on the IO thread. */
  public boolean isClosing() {
    return closing;
  }

  public int busyCount() {
    int busy = 0;
    for (Connection connection : connections.keySet()) {
      busy += connection.isBusy() ? 1 : 0;
    }
    return busy;
  }
}
