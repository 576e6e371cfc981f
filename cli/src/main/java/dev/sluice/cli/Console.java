package dev.sluice.cli;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;

/**
 * Where a command is run: what it can see and where it speaks.
 *
 * @param directory the working directory, absolute
 * @param cache the user's cache
 */
record Console(
    Map<String, String> environment, Path directory, Path cache, PrintStream out, PrintStream err) {

  /** A path as the user wrote it, seen from the working directory. */
  Path resolve(String path) {
    return directory.resolve(path).normalize();
  }

  /** The one message of a failure. */
  void fail(String code, String message) {
    err.println("sluice: error[" + code + "]: " + message);
  }
}
