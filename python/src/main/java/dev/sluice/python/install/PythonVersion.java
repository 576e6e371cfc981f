package dev.sluice.python.install;

import java.util.Optional;

/** A version of CPython: 3.14.3. */
public record PythonVersion(int major, int minor, int micro) implements Comparable<PythonVersion> {
  /** The first minor version that is supported. */
  public static final PythonVersion OLDEST = new PythonVersion(3, 11, 0);

  /** The last minor version that is supported, any micro version of it. */
  public static final PythonVersion NEWEST = new PythonVersion(3, 14, 0);

  /** Reads "3.14.3" and what Python prints of itself: "3.13.0rc2", "3.12.1+". */
  public static Optional<PythonVersion> parse(String text) {
    // By hand: this is on the way of every start, where a first regular expression costs.
    int[] numbers = new int[3];
    int found = 0;
    int at = 0;
    while (found < 3) {
      int start = at;
      while (at < text.length() && at - start < 4 && Character.isDigit(text.charAt(at))) {
        numbers[found] = 10 * numbers[found] + Character.digit(text.charAt(at++), 10);
      }
      if (at == start) {
        break;
      }
      found++;
      if (at == text.length() || text.charAt(at++) != '.') {
        break;
      }
    }
    return found < 2
        ? Optional.empty()
        : Optional.of(new PythonVersion(numbers[0], numbers[1], numbers[2]));
  }

  /** Whether Sluice can serve it: 3.11 to 3.14. */
  public boolean supported() {
    return major == OLDEST.major && minor >= OLDEST.minor && minor <= NEWEST.minor;
  }

  /** Whether both have the same ABI, as 3.14.0 and 3.14.3 have. */
  public boolean sameMinor(PythonVersion other) {
    return major == other.major && minor == other.minor;
  }

  /** "3.14", which names the ABI. */
  public String minorName() {
    return major + "." + minor;
  }

  @Override
  public int compareTo(PythonVersion other) {
    int result = Integer.compare(major, other.major);
    if (result == 0) {
      result = Integer.compare(minor, other.minor);
    }
    return result == 0 ? Integer.compare(micro, other.micro) : result;
  }

  @Override
  public String toString() {
    return major + "." + minor + "." + micro;
  }
}
