package dev.sluice.python.exposed;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/** What Java has put into a Python module, for its stubs; guarded by the GIL. */
public final class Contents {
  private final SequencedMap<String, Entry> entries = new LinkedHashMap<>();

  sealed interface Entry {}

  record Type(Class<?> type) implements Entry {}

  record Function(Class<?> type) implements Entry {}

  record Static(Class<?> type) implements Entry {}

  record Value(Class<?> type) implements Entry {}

  public void addType(String name, Class<?> type) {
    entries.put(name, new Type(type));
  }

  public void addFunction(String name, Class<?> type) {
    entries.put(name, new Function(type));
  }

  public void addStatic(String name, Class<?> type) {
    entries.put(name, new Static(type));
  }

  public void addValue(String name, Class<?> type) {
    entries.put(name, new Value(type));
  }

  public void clear() {
    entries.clear();
  }

  Map<String, Entry> entries() {
    return entries;
  }
}
