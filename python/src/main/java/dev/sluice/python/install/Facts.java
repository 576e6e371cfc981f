package dev.sluice.python.install;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a Python said of itself: the lines of {@code sluice/_probe.py}. */
record Facts(Map<String, List<String>> values) {
  private static final String MARK = "sluice:";

  /** Reads the lines that are ours; a sitecustomize may have printed others between them. */
  static Facts read(String text) {
    Map<String, List<String>> values = new LinkedHashMap<>();
    for (String line : text.split("\n", -1)) {
      int split = line.indexOf('=');
      if (line.startsWith(MARK) && split > 0 && split < line.length() - 1) {
        String key = line.substring(MARK.length(), split);
        List<String> all = values.get(key);
        if (all == null) {
          all = new ArrayList<>();
          values.put(key, all);
        }
        all.add(line.substring(split + 1).stripTrailing());
      }
    }
    return new Facts(values);
  }

  String write() {
    StringBuilder text = new StringBuilder();
    values.forEach((key, all) ->
        all.forEach(value -> text.append(MARK).append(key).append('=').append(value).append('\n')));
    return text.toString();
  }

  /** The same with one value more or another one. */
  Facts with(String key, String value) {
    Map<String, List<String>> changed = new LinkedHashMap<>(values);
    changed.put(key, List.of(value));
    return new Facts(changed);
  }

  Facts without(String key) {
    Map<String, List<String>> changed = new LinkedHashMap<>(values);
    changed.remove(key);
    return new Facts(changed);
  }

  /** The first value of a key, empty when there is none. */
  String get(String key) {
    List<String> found = all(key);
    return found.isEmpty() ? "" : found.getFirst();
  }

  List<String> all(String key) {
    return values.getOrDefault(key, List.of());
  }

  Path path(String key) {
    return Path.of(get(key)).normalize();
  }
}
