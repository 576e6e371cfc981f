package dev.sluice.python;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A thread of this process as Linux sees it; any thread may ask. Elsewhere, or where the system
 * does not tell, nothing is known.
 */
final class SystemThread {
  private static final Path ALL = Path.of("/proc/self/task");

  /** How the calls that wait until a word in memory changes are numbered, by architecture. */
  private static final long FUTEX = System.getProperty("os.arch", "").equals("aarch64") ? 98 : 202;

  private static final char UNKNOWN = '?';

  private SystemThread() {}

  /** R runs or could, S sleeps, D waits for a device; ? is not known. */
  static char state(int nativeId) {
    String stat = read(nativeId, "stat");
    // The name, which may have anything in it, is in brackets.
    int after = stat.lastIndexOf(')') + 2;
    return after > 1 && after < stat.length() ? stat.charAt(after) : UNKNOWN;
  }

  /** What the system calls the thread; empty if it is not known. */
  static String name(int nativeId) {
    return read(nativeId, "comm").strip();
  }

  /** The address of the word that the thread waits for; 0 if it waits for none, or nobody knows. */
  static long awaitedWord(int nativeId) {
    String[] call = read(nativeId, "syscall").split(" ", 3);
    if (call.length < 3 || !call[0].equals(Long.toString(FUTEX)) || !call[1].startsWith("0x")) {
      return 0;
    }
    return Long.parseUnsignedLong(call[1], 2, call[1].length(), 16);
  }

  private static String read(int nativeId, String file) {
    try {
      return Files.readString(
          ALL.resolve(Integer.toString(nativeId)).resolve(file), StandardCharsets.ISO_8859_1);
    } catch (IOException goneOrNotTold) {
      return "";
    }
  }
}
