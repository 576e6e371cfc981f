package dev.sluice.server.http.h2;

import java.util.Arrays;

/**
 * The streams that this side has reset last; on the connection's IO thread. Frames that were on
 * their way then are no fault of the client's.
 */
final class RecentResets {
  private static final int MOST = 64;

  private final int[] streams = new int[MOST];
  private int next;

  void add(int stream) {
    streams[next] = stream;
    next = (next + 1) % MOST;
  }

  boolean contains(int stream) {
    return Arrays.stream(streams).anyMatch(recent -> recent == stream);
  }
}
