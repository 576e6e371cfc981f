package dev.sluice.python;

import dev.sluice.python.install.Installation;
import dev.sluice.python.install.Installations;
import dev.sluice.python.install.UserCache;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Which CPython to open, and how; immutable, any thread.
 *
 * @param installation the Python to load, or the one that runs
 * @param arguments {@code sys.argv}
 * @param cache the folder where Sluice's own Python files are unpacked
 * @param closeLimit how long {@link Python#close} may take
 * @param stallLimit how long attaching waits for a thread that holds the GIL and waits in Java
 *     itself, before it gives up with an exception
 */
public record PythonOptions(
    Installation installation,
    List<String> arguments,
    Path cache,
    Duration closeLimit,
    Duration stallLimit) {

  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);
  private static final Duration STALL_LIMIT = Duration.ofSeconds(10);

  /** Copies the list. */
  public PythonOptions {
    arguments = List.copyOf(arguments);
  }

  /** The embedded CPython, unpacked into the user's cache on first use. */
  public static PythonOptions embedded() {
    return of(new Installations(UserCache.directory()).embedded());
  }

  /** The Python of a virtual environment, a {@code python} executable or a prefix. */
  public static PythonOptions of(Path python) {
    return of(new Installations(UserCache.directory()).at(python, "named by the program"));
  }

  /**
   * The CPython that runs in this process already, because a Python program has started the JVM
   * there ({@code JNI_CreateJavaVM}, through {@code ctypes}): Sluice is a guest in that program.
   *
   * <p>CPython is neither initialised nor finalised: {@link Python#close} ends what Sluice has
   * started and lets go of every object, and the program goes on. Where Python still holds objects
   * of Java's, a call of one is then a RuntimeError (SL135). If the program ends first, it closes
   * Sluice, through {@code atexit}. The arguments are not used: {@code sys.argv} is the program's.
   *
   * <p>A thread that has called Java from Python is attached with the thread state that it has in
   * Python; every other thread gets one of its own. Python's main thread is the program's: see
   * {@link Interpreter#submitToMain}. Any thread may open, with {@link Python#openHere} too, and
   * any may close.
   *
   * @throws SluiceException if there is none, or none that is supported
   */
  public static PythonOptions running() {
    return of(Guest.installation());
  }

  /** An installation that {@link dev.sluice.python.install.Installations} has found. */
  public static PythonOptions of(Installation installation) {
    return new PythonOptions(
        installation, List.of(""), UserCache.directory(), CLOSE_LIMIT, STALL_LIMIT);
  }

  /** What Python code finds in {@code sys.argv}. */
  public PythonOptions withArguments(List<String> newArguments) {
    return new PythonOptions(installation, newArguments, cache, closeLimit, stallLimit);
  }

  /** The folder that Sluice unpacks its own Python files into. */
  public PythonOptions withCache(Path newCache) {
    return new PythonOptions(installation, arguments, newCache, closeLimit, stallLimit);
  }

  /** How long {@link Python#close} may take. */
  public PythonOptions withCloseLimit(Duration newLimit) {
    return new PythonOptions(installation, arguments, cache, newLimit, stallLimit);
  }

  /** How long a thread waits for another one that keeps the GIL and waits in Java. */
  public PythonOptions withStallLimit(Duration newLimit) {
    return new PythonOptions(installation, arguments, cache, closeLimit, newLimit);
  }
}
