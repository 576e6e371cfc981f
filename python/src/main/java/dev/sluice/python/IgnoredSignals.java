package dev.sluice.python;

import dev.sluice.python.capi.SignalApi;

/**
 * Signals that whoever started this process wants ignored, as shells do with SIGINT for jobs in the
 * background; from any thread. The JVM installs no handlers for those.
 */
public final class IgnoredSignals {
  private IgnoredSignals() {}

  /** Has a signal no longer ignored, so that a handler of Java's can be installed for it. */
  public static void heed(int number) {
    SignalApi.setDefault(number);
  }
}
