package dev.sluice.server.http;

import io.netty.channel.EventLoop;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * What the connections of one {@code sluice-io-N} share: its set of connections, its clock, its
 * Date header. Created by any thread, then used by that IO thread only.
 */
final class IoThread {
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("'Date: 'EEE, dd MMM yyyy HH:mm:ss 'GMT\r\n'", Locale.ENGLISH);

  private final EventLoop loop;
  private final RequestParts parts;
  private final Set<HttpConnection> connections = new HashSet<>();
  private volatile byte[] date;
  private int second;

  IoThread(EventLoop loop, HttpLimits limits) {
    this.loop = loop;
    parts = new RequestParts(limits);
    date = formatDate();
    loop.scheduleAtFixedRate(this::tick, 1, 1, TimeUnit.SECONDS);
  }

  private void tick() {
    second++;
    date = formatDate();
    for (HttpConnection connection : new ArrayList<>(connections)) {
      connection.checkTimeout(second);
    }
  }

  private static byte[] formatDate() {
    return DATE.format(ZonedDateTime.now(ZoneOffset.UTC)).getBytes(StandardCharsets.US_ASCII);
  }

  EventLoop loop() {
    return loop;
  }

  RequestParts parts() {
    return parts;
  }

  /** The whole Date header of this second. */
  byte[] date() {
    return date;
  }

  /** Seconds since the thread started: a clock that costs nothing to read. */
  int second() {
    return second;
  }

  void add(HttpConnection connection) {
    connections.add(connection);
  }

  void remove(HttpConnection connection) {
    connections.remove(connection);
  }

  /** Ends what is idle, and lets what is in flight end; on the IO thread. */
  void drain() {
    new ArrayList<>(connections).forEach(HttpConnection::drain);
  }

  /** Ends every connection; on the IO thread. Returns how many requests were cut off. */
  int closeAll() {
    int cut = 0;
    for (HttpConnection connection : new ArrayList<>(connections)) {
      cut += connection.isBusy() ? 1 : 0;
      connection.closeNow();
    }
    return cut;
  }

  int busyCount() {
    int busy = 0;
    for (HttpConnection connection : connections) {
      busy += connection.isBusy() ? 1 : 0;
    }
    return busy;
  }
}
