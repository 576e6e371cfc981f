package dev.sluice.python;

import dev.sluice.python.capi.ContainerApi;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.ImportApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * What one interpreter keeps of Python for its own use: interned names, tuples of keyword names,
 * and types of the standard library. Every method needs a thread attached to that interpreter.
 *
 * <p>Nothing of the kind may stand in a static field, because interpreters share no objects.
 */
final class Names {
  /** Programs that make up names without end keep no more than these. */
  private static final int MOST = 4096;

  private final Map<String, Long> names = new ConcurrentHashMap<>();
  private final Map<List<String>, Long> keywords = new ConcurrentHashMap<>();
  private final Map<Imported, Long> imported = new ConcurrentHashMap<>();

  /** Types made for Java classes; a class that is unloaded leaves its own behind. */
  private final Map<Class<?>, Long> types = Collections.synchronizedMap(new WeakHashMap<>());

  /** What this class imports when it is first needed. */
  enum Imported {
    DATE("datetime", "date"),
    TIME("datetime", "time"),
    DATETIME("datetime", "datetime"),
    TIMEDELTA("datetime", "timedelta"),
    TIMEZONE("datetime", "timezone"),
    ZONE_INFO("zoneinfo", "ZoneInfo"),
    DECIMAL("decimal", "Decimal"),
    UUID("uuid", "UUID"),
    PATH("pathlib", "Path"),
    PURE_PATH("pathlib", "PurePath"),
    ENUM("enum", "Enum"),
    NAMED_TUPLE("collections", "namedtuple"),
    RUNTIME_ERROR("builtins", "RuntimeError");

    private final String module;
    private final String attribute;

    Imported(String module, String attribute) {
      this.module = module;
      this.attribute = attribute;
    }
  }

  /** A new reference to the interned str of a name; null with an exception set on failure. */
  long name(String name) {
    Long kept = names.get(name);
    if (kept != null) {
      ObjectApi.incRef(kept);
      return kept;
    }
    long str = UnicodeApi.intern(name);
    if (str != 0 && names.size() < MOST && names.putIfAbsent(name, str) == null) {
      ObjectApi.incRef(str);
    }
    return str;
  }

  /** A new reference to a tuple of the names, interned; null with an exception set on failure. */
  long keywordNames(List<String> keys) {
    Long kept = keywords.get(keys);
    if (kept != null) {
      ObjectApi.incRef(kept);
      return kept;
    }
    long tuple = ContainerApi.newTuple(keys.size());
    if (tuple == 0) {
      return 0;
    }
    for (int i = 0; i < keys.size(); i++) {
      long name = name(keys.get(i));
      if (name == 0) {
        ObjectApi.decRef(tuple);
        return 0;
      }
      ContainerApi.setTupleItem(tuple, i, name);
    }
    if (keywords.size() < MOST && keywords.putIfAbsent(keys, tuple) == null) {
      ObjectApi.incRef(tuple);
    }
    return tuple;
  }

  /** A borrowed reference to an attribute of the standard library; null on failure. */
  long imported(Imported what) {
    Long kept = imported.get(what);
    if (kept != null) {
      return kept;
    }
    long moduleName = name(what.module);
    long module = moduleName == 0 ? 0 : ImportApi.importModule(moduleName);
    long name = module == 0 ? 0 : name(what.attribute);
    long value = name == 0 ? 0 : ObjectApi.getAttr(module, name);
    ObjectApi.decRef(name);
    ObjectApi.decRef(module);
    ObjectApi.decRef(moduleName);
    if (value == 0) {
      return 0;
    }
    // Another thread may have been faster while this one imported.
    Long earlier = imported.putIfAbsent(what, value);
    if (earlier != null) {
      ObjectApi.decRef(value);
      return earlier;
    }
    return value;
  }

  /**
   * Whether the object is an instance of the type or of a subtype; where nobody has imported the
   * type's module there is no such object.
   */
  boolean is(long object, Imported type) {
    if (!imported.containsKey(type)) {
      long moduleName = name(type.module);
      long module = moduleName == 0 ? 0 : ImportApi.loadedModule(moduleName);
      ObjectApi.decRef(moduleName);
      ObjectApi.decRef(module);
      if (module == 0) {
        ErrorApi.clear();
        return false;
      }
    }
    long wanted = imported(type);
    if (wanted == 0) {
      ErrorApi.clear();
      return false;
    }
    return ObjectApi.is(object, wanted);
  }

  /** A borrowed reference to the Python type that was made for a Java class; null on failure. */
  long type(Class<?> type, LongSupplier maker) {
    Long kept = types.get(type);
    if (kept != null) {
      return kept;
    }
    long made = maker.getAsLong();
    if (made == 0) {
      return 0;
    }
    Long earlier = types.putIfAbsent(type, made);
    if (earlier != null) {
      ObjectApi.decRef(made);
      return earlier;
    }
    return made;
  }

  /** Gives everything back, when the interpreter ends. */
  void release() {
    for (Map<?, Long> map : List.of(names, keywords, imported, types)) {
      List<Long> kept = List.copyOf(map.values());
      map.clear();
      for (long reference : kept) {
        ObjectApi.decRef(reference);
      }
    }
  }
}
