package dev.sluice.conformance.harness;

import static java.util.Objects.requireNonNull;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The WSGI environ as an application saw it, from the lines of validator_apps.py. */
public final class Environ {
  private final Map<String, String> types = new LinkedHashMap<>();
  private final Map<String, String> values = new LinkedHashMap<>();

  public Environ(String lines) {
    for (String line : lines.split("\n", -1)) {
      String[] parts = line.split("\t", 3);
      types.put(parts[0], parts[1]);
      values.put(parts[0], decoded(parts[2]));
    }
  }

  /** Percent-decoded; the characters are latin-1, as WSGI's strings are. */
  public static String decoded(String quoted) {
    return URLDecoder.decode(quoted.replace("+", "%2B"), StandardCharsets.ISO_8859_1);
  }

  public boolean has(String key) {
    return values.containsKey(key);
  }

  public Set<String> keys() {
    return values.keySet();
  }

  /** The value's text; fails when it is not there. */
  public String get(String key) {
    return requireNonNull(values.get(key), () -> key + " is not in " + values.keySet());
  }

  /** The name of the value's Python type. */
  public String type(String key) {
    return requireNonNull(types.get(key), () -> key + " is not in " + types.keySet());
  }
}
