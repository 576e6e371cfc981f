package dev.sluice.server.fuzz;

import dev.sluice.server.http.Http1Fuzz;
import dev.sluice.server.http.Http2Fuzz;
import dev.sluice.server.http.ProxyFuzz;
import java.util.Locale;

/** What is fuzzed, and how much of the time it gets. */
enum FuzzTarget {
  HTTP1(Http1Fuzz.class, 35),
  HTTP2(Http2Fuzz.class, 35),
  PROXY(ProxyFuzz.class, 10),
  HEADERS(HeadersFuzz.class, 20);

  private final Class<?> type;
  private final int percent;

  FuzzTarget(Class<?> type, int percent) {
    this.type = type;
    this.percent = percent;
  }

  /** The class whose {@code fuzzerTestOneInput} Jazzer calls. */
  String className() {
    return type.getName();
  }

  /** The folder of its inputs. */
  String folder() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Runs one input, and fails if a rule was broken. */
  void run(byte[] input) {
    switch (this) {
      case HTTP1 -> Http1Fuzz.fuzzerTestOneInput(input);
      case HTTP2 -> Http2Fuzz.fuzzerTestOneInput(input);
      case PROXY -> ProxyFuzz.fuzzerTestOneInput(input);
      case HEADERS -> HeadersFuzz.fuzzerTestOneInput(input);
    }
  }

  /** Its part of so many seconds. */
  int share(int seconds) {
    return Math.max(1, seconds * percent / 100);
  }
}
