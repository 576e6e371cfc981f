package dev.sluice.cli;

import java.util.function.IntConsumer;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/** Takes over SIGINT and SIGTERM; what they do runs on the JVM's own signal threads. */
final class Signals {
  /** The exit code of a process that a signal has ended is this and the signal's number. */
  static final int EXIT_BASE = 128;

  private Signals() {}

  /**
   * Has an action run for each signal, with the signal's number. Once more is right when Python may
   * have put a handler of its own in the place.
   */
  static void handle(IntConsumer action) {
    SignalHandler handler = signal -> action.accept(signal.getNumber());
    Signal.handle(new Signal("INT"), handler);
    Signal.handle(new Signal("TERM"), handler);
  }
}
