package dev.sluice.server.files;

import java.util.Locale;
import java.util.Set;

/**
 * Which names of files and folders may be served; no state, any thread.
 *
 * <p>The same names are refused on every system: what Windows would take for something else than a
 * file of that name, dot segments, and hidden files.
 */
final class FileNames {
  private static final Set<String> DEVICES =
      Set.of(
          "con",
          "prn",
          "aux",
          "nul",
          "conin$",
          "conout$",
          "clock$",
          "com0",
          "com1",
          "com2",
          "com3",
          "com4",
          "com5",
          "com6",
          "com7",
          "com8",
          "com9",
          "com\u00b9",
          "com\u00b2",
          "com\u00b3",
          "lpt0",
          "lpt1",
          "lpt2",
          "lpt3",
          "lpt4",
          "lpt5",
          "lpt6",
          "lpt7",
          "lpt8",
          "lpt9",
          "lpt\u00b9",
          "lpt\u00b2",
          "lpt\u00b3");
  private static final int LONGEST = 255;

  private FileNames() {}

  /**
   * Whether a path's every segment may be served.
   *
   * @param path begins with a slash, and does not end with one
   */
  static boolean allowsAll(String path) {
    int start = 1;
    while (start <= path.length()) {
      int slash = path.indexOf('/', start);
      int end = slash < 0 ? path.length() : slash;
      if (!allows(path.substring(start, end))) {
        return false;
      }
      start = end + 1;
    }
    return true;
  }

  /** Whether something of this name may be served. */
  static boolean allows(String name) {
    if (name.isEmpty() || name.length() > LONGEST) {
      return false;
    }
    if (name.charAt(0) == '.' && !name.equals(".well-known")) {
      return false;
    }
    char last = name.charAt(name.length() - 1);
    if (last == '.' || last == ' ') {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (Character.isISOControl(c) || "/\\:*?\"<>|".indexOf(c) >= 0) {
        return false;
      }
    }
    return !isDevice(name);
  }

  /** Whether Windows takes the name for a device, whatever extension follows. */
  private static boolean isDevice(String name) {
    int dot = name.indexOf('.');
    String stem = (dot < 0 ? name : name.substring(0, dot)).stripTrailing();
    return stem.length() <= 7 && DEVICES.contains(stem.toLowerCase(Locale.ROOT));
  }
}
