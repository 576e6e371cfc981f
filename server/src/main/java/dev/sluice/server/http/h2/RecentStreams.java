package dev.sluice.server.http.h2;

import java.util.Arrays;

/** The numbers of the last streams that something happened to; on the connection's IO thread. */
final class RecentStreams {
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
