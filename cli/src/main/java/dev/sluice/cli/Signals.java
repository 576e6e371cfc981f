package dev.sluice.cli;

import java.util.HashSet;
import java.util.Set;
import java.util.function.IntConsumer;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/** Takes over SIGINT and SIGTERM; what they do runs on the JVM's own signal threads. */
final class Signals {
  /** The exit code of a process that a signal has ended is this and the signal's number. */
  static final int EXIT_BASE = 128;

  static final int SIGINT = 2;

  private Signals() {}

  /**
   * Has an action run for each signal, with the signal's number. Once more is right when Python may
   * have put a handler of its own in the place.
   *
   * @return the numbers of those that are ignored, and stay so: the JVM does not touch them
   */
  static Set<Integer> handle(IntConsumer action) {
    SignalHandler handler = signal -> action.accept(signal.getNumber());
    Set<Integer> ignored = new HashSet<>();
    for (Signal signal : new Signal[] {new Signal("INT"), new Signal("TERM")}) {
      if (Signal.handle(signal, handler) == SignalHandler.SIG_IGN) {
        ignored.add(signal.getNumber());
      }
    }
    return ignored;
  }
}
