package dev.sluice.server.files;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a representation is compressed; in the order of preference. No state, any thread. */
enum Coding {
  BROTLI(0, "br", ".br", "-br"),
  ZSTANDARD(1, "zstd", ".zst", "-zst"),
  GZIP(2, "gzip", ".gz", "-gz"),
  IDENTITY(3, "identity", "", "");

  static final List<Coding> ALL = List.of(values());

  private static final int UNNAMED = -1;

  /** Its place in arrays with one element for each coding. */
  final int index;

  /** As content codings are named in headers. */
  final String token;

  /** What the name of a precompressed sibling has more than the file's. */
  final String suffix;

  /** What the entity tag has more than that of the same bytes uncompressed. */
  final String tagSuffix;

  Coding(int index, String token, String suffix, String tagSuffix) {
    this.index = index;
    this.token = token;
    this.suffix = suffix;
    this.tagSuffix = tagSuffix;
  }

  /**
   * How much a client wants each coding, by its Accept-Encoding header (RFC 9110, 12.5.3); reads it
   * in linear time. What is malformed is not wanted.
   *
   * <p>The weights are thousandths plus one: 0 is refused. Uncompressed is wanted least where the
   * client does not say otherwise, so that any coding that it names is preferred.
   */
  static int[] weights(String header) {
    int[] named = {UNNAMED, UNNAMED, UNNAMED, UNNAMED};
    int others = UNNAMED;
    int i = 0;
    while (i < header.length()) {
      int comma = header.indexOf(',', i);
      int end = comma < 0 ? header.length() : comma;
      int semicolon = header.indexOf(';', i, end);
      int nameEnd = semicolon < 0 ? end : semicolon;
      String name = header.substring(i, nameEnd).strip();
      int weight = nameEnd == end ? 1000 : weight(header.substring(nameEnd + 1, end).strip());
      Coding coding = ofToken(name);
      if (coding != null) {
        named[coding.index] = Math.max(named[coding.index], weight);
      } else if (name.equals("*")) {
        others = weight;
      }
      i = end + 1;
    }
    int[] weights = new int[named.length];
    for (Coding coding : ALL) {
      int own = named[coding.index];
      int weight = own != UNNAMED ? own : others;
      if (own == UNNAMED && coding == IDENTITY) {
        weights[coding.index] = others == 0 ? 0 : 1;
      } else {
        weights[coding.index] = weight <= 0 ? 0 : weight + 1;
      }
    }
    return weights;
  }

  private static @Nullable Coding ofToken(String name) {
    for (Coding coding : ALL) {
      if (name.equalsIgnoreCase(coding.token)) {
        return coding;
      }
    }
    return name.equalsIgnoreCase("x-gzip") ? GZIP : null;
  }

  /** The thousandths of {@code q=0.5}; 0 if that is malformed. */
  private static int weight(String parameter) {
    if (!parameter.regionMatches(true, 0, "q=", 0, 2) || parameter.length() > 7) {
      return 0;
    }
    String value = parameter.substring(2);
    if (value.isEmpty() || (value.charAt(0) != '0' && value.charAt(0) != '1')) {
      return 0;
    }
    int thousandths = (value.charAt(0) - '0') * 1000;
    if (value.length() > 1 && value.charAt(1) != '.') {
      return 0;
    }
    int unit = 100;
    for (int i = 2; i < value.length(); i++, unit /= 10) {
      char c = value.charAt(i);
      if (c < '0' || c > '9') {
        return 0;
      }
      thousandths += (c - '0') * unit;
    }
    return thousandths > 1000 ? 0 : thousandths;
  }
}
