package dev.sluice.python.install;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A version of CPython: 3.14.3. */
public record PythonVersion(int major, int minor, int micro) implements Comparable<PythonVersion> {
  /** The first minor version that is supported. */
  public static final PythonVersion OLDEST = new PythonVersion(3, 11, 0);

  /** The last minor version that is supported, any micro version of it. */
  public static final PythonVersion NEWEST = new PythonVersion(3, 14, 0);

  private static final Pattern TEXT =
      Pattern.compile("(\\d{1,3})\\.(\\d{1,3})(?:\\.(\\d{1,3}))?\\D?.*");
  private static final Comparator<PythonVersion> ORDER =
      Comparator.comparingInt(PythonVersion::major)
          .thenComparingInt(PythonVersion::minor)
          .thenComparingInt(PythonVersion::micro);

  /** Reads "3.14.3" and what Python prints of itself: "3.13.0rc2", "3.12.1+". */
  public static Optional<PythonVersion> parse(String text) {
    Matcher matcher = TEXT.matcher(text.strip());
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String micro = matcher.group(3);
    return Optional.of(
        new PythonVersion(
            Integer.parseInt(matcher.group(1)),
            Integer.parseInt(matcher.group(2)),
            micro == null ? 0 : Integer.parseInt(micro)));
  }

  /** Whether Sluice can serve it: 3.11 to 3.14. */
  public boolean supported() {
    return major == OLDEST.major && minor >= OLDEST.minor && minor <= NEWEST.minor;
  }

  public boolean sameMinor(PythonVersion other) {
    return major == other.major && minor == other.minor;
  }

  /** "3.14", which names the ABI. */
  public String minorName() {
    return major + "." + minor;
  }

  @Override
  public int compareTo(PythonVersion other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return major + "." + minor + "." + micro;
  }
}
