package dev.sluice.python.exposed;

import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.BaseStream;
import org.jspecify.annotations.Nullable;

/**
 * Java's types as type hints of one stub, which imports what they name; any thread.
 *
 * <p>A type that is neither in the module nor Python's own is {@code Any}.
 */
final class StubTypes {
  private static final String HELPERS = "_sluice_java";
  private static final int DEEPEST = 6;

  private static final Map<String, String> BUILTINS = new HashMap<>();

  /** Those that Java takes, and gives to Python functions: the module and the name in it. */
  private static final Map<String, List<String>> LIBRARY =
      Map.ofEntries(
          Map.entry("java.math.BigDecimal", List.of("decimal", "Decimal")),
          Map.entry("java.util.UUID", List.of("uuid", "UUID")),
          Map.entry("java.nio.file.Path", List.of("pathlib", "Path")),
          Map.entry("java.time.LocalDate", List.of("datetime", "date")),
          Map.entry("java.time.LocalTime", List.of("datetime", "time")),
          Map.entry("java.time.OffsetTime", List.of("datetime", "time")),
          Map.entry("java.time.LocalDateTime", List.of("datetime", "datetime")),
          Map.entry("java.time.OffsetDateTime", List.of("datetime", "datetime")),
          Map.entry("java.time.ZonedDateTime", List.of("datetime", "datetime")),
          Map.entry("java.time.Instant", List.of("datetime", "datetime")),
          Map.entry("java.time.Duration", List.of("datetime", "timedelta")));

  static {
    for (String name : List.of("byte", "short", "int", "long")) {
      BUILTINS.put(name, "int");
    }
    for (String name : List.of("Byte", "Short", "Integer", "Long")) {
      BUILTINS.put("java.lang." + name, "int");
    }
    BUILTINS.put("java.math.BigInteger", "int");
    for (String name : List.of("float", "double", "java.lang.Float", "java.lang.Double")) {
      BUILTINS.put(name, "float");
    }
    for (String name : List.of("char", "java.lang.Character", "java.lang.String")) {
      BUILTINS.put(name, "str");
    }
    BUILTINS.put("boolean", "bool");
    BUILTINS.put("java.lang.Boolean", "bool");
    BUILTINS.put("byte[]", "bytes");
  }

  /** Where a value goes: to Java; from Java; or from Java to a Python function that it calls. */
  enum Use {
    ARGUMENT,
    RESULT,
    CALL
  }

  private final Map<Class<?>, String> names;
  private final Set<String> shadowed;
  private final Map<String, Set<String>> imported = new TreeMap<>();
  private final Set<String> modules = new TreeSet<>();

  /**
   * The types of one stub.
   *
   * @param names those that are in the module, by their Python names
   * @param shadowed the names of members, which hide those of the same name from elsewhere
   */
  StubTypes(Map<Class<?>, String> names, Set<String> shadowed) {
    this.names = names;
    this.shadowed = shadowed;
  }

  /** The import statements that the hints need. */
  List<String> imports() {
    List<String> lines = new ArrayList<>();
    modules.forEach(module -> lines.add("import " + module));
    imported.forEach(
        (module, all) -> lines.add("from %s import %s".formatted(module, String.join(", ", all))));
    return lines;
  }

  /** A name of a Python module, which is imported. */
  String from(String module, String name) {
    if (shadowed.contains(name)) {
      modules.add(module);
      return module + "." + name;
    }
    imported.computeIfAbsent(module, key -> new TreeSet<>()).add(name);
    return name;
  }

  String builtin(String name) {
    if (!shadowed.contains(name)) {
      return name;
    }
    modules.add("builtins");
    return "builtins." + name;
  }

  String any() {
    return from("typing", "Any");
  }

  private String abc(String name) {
    return from("collections.abc", name);
  }

  private String helper(String name) {
    return from(HELPERS, name);
  }

  String of(Type type, Use use) {
    return of(type, use, 0);
  }

  /** The same, or None. */
  String nullable(Type type, Use use) {
    String hint = of(type, use);
    boolean takesIt = hint.endsWith("| None") || hint.equals(any()) || hint.endsWith("| " + any());
    return takesIt ? hint : hint + " | None";
  }

  private String of(Type type, Use use, int depth) {
    if (depth > DEEPEST) {
      return any();
    }
    return switch (type) {
      case Class<?> plain -> ofClass(plain, plain, use, depth);
      case ParameterizedType generic -> ofClass(generic, Generics.raw(generic), use, depth);
      case GenericArrayType array -> ofClass(array, Generics.raw(array), use, depth);
      case WildcardType wildcard ->
          of(
              wildcard.getLowerBounds().length > 0
                  ? wildcard.getLowerBounds()[0]
                  : wildcard.getUpperBounds()[0],
              use,
              depth + 1);
      case TypeVariable<?> variable -> of(variable.getBounds()[0], use, depth + 1);
      default -> any();
    };
  }

  private String ofClass(Type type, Class<?> raw, Use use, int depth) {
    if (raw == void.class || raw == Void.class) {
      return "None";
    }
    String builtin = BUILTINS.get(raw.getTypeName());
    if (builtin != null) {
      return builtin(builtin);
    }
    String container = container(type, raw, use, depth);
    if (container != null) {
      return container;
    }
    String known = names.get(raw);
    String function = function(type, raw, use, depth);
    if (known != null) {
      return use == Use.ARGUMENT ? known + alternative(raw, function) : known;
    }
    if (function != null) {
      return function;
    }
    return use == Use.RESULT ? any() : converted(raw, use);
  }

  /** What else Java takes for a type of the module. */
  private String alternative(Class<?> raw, @Nullable String function) {
    if (function != null && raw.isAnnotationPresent(FunctionalInterface.class)) {
      return " | " + function;
    }
    if (raw.isEnum()) {
      return " | " + builtin("str");
    }
    // An object of any class may have what the interface's methods call.
    return raw.isInterface() || raw.isRecord() ? " | " + any() : "";
  }

  private String converted(Class<?> raw, Use use) {
    if (raw == CharSequence.class) {
      return builtin("str");
    }
    if (raw == Number.class && use == Use.ARGUMENT) {
      return builtin("float");
    }
    List<String> place = LIBRARY.get(raw.getName());
    if (place == null) {
      return any();
    }
    String hint = from(place.getFirst(), place.getLast());
    if (use == Use.CALL) {
      return hint;
    }
    // Java's own objects of the type have no name here.
    return hint + " | " + any();
  }

  private @Nullable String container(Type type, Class<?> raw, Use use, int depth) {
    if (raw.isArray()) {
      String item = of(Generics.component(type), use, depth + 1);
      return switch (use) {
        case ARGUMENT -> "%s[%s]".formatted(abc("Iterable"), item);
        case RESULT -> "%s[%s]".formatted(helper("JavaArray"), item);
        case CALL -> "%s[%s]".formatted(builtin("list"), item);
      };
    }
    Class<?> number = Optionals.number(raw);
    if (number != null && use != Use.RESULT) {
      return of(number, use, depth + 1) + " | None";
    }
    if (raw == Optional.class) {
      String item = of(Generics.argument(type, 0), use, depth + 1);
      return use == Use.RESULT
          ? "%s[%s]".formatted(helper("JavaOptional"), item)
          : item.endsWith("| None") ? item : item + " | None";
    }
    Elements.Kind kind = Elements.Kind.of(raw);
    if (kind == Elements.Kind.MAP) {
      String items =
          "[%s, %s]"
              .formatted(
                  of(Generics.argument(type, 0), use, depth + 1),
                  of(Generics.argument(type, 1), use, depth + 1));
      return switch (use) {
        case ARGUMENT -> abc("Mapping") + items;
        case RESULT -> helper("JavaMap") + items;
        case CALL -> builtin("dict") + items;
      };
    }
    if (kind == Elements.Kind.OTHER) {
      return null;
    }
    String item = "[%s]".formatted(of(Generics.argument(type, 0), use, depth + 1));
    return switch (use) {
      case ARGUMENT -> abc("Iterable") + item;
      case RESULT -> helper(resulting(raw)) + item;
      case CALL -> builtin(kind == Elements.Kind.SET ? "set" : "list") + item;
    };
  }

  /** The helper for a Java object that holds others. */
  private static String resulting(Class<?> raw) {
    if (List.class.isAssignableFrom(raw)) {
      return "JavaList";
    }
    if (Set.class.isAssignableFrom(raw)) {
      return "JavaSet";
    }
    if (Collection.class.isAssignableFrom(raw)) {
      return "JavaCollection";
    }
    return Iterator.class.isAssignableFrom(raw) && !BaseStream.class.isAssignableFrom(raw)
        ? "JavaIterator"
        : "JavaIterable";
  }

  private @Nullable String function(Type type, Class<?> raw, Use use, int depth) {
    Method method = Protocols.function(raw);
    if (method == null) {
      return null;
    }
    boolean isTaken = use == Use.ARGUMENT;
    List<String> parameters = new ArrayList<>();
    for (Type parameter : method.getGenericParameterTypes()) {
      parameters.add(
          of(Generics.in(type, parameter), isTaken ? Use.CALL : Use.ARGUMENT, depth + 1));
    }
    String all = method.isVarArgs() ? "..." : "[" + String.join(", ", parameters) + "]";
    boolean isIgnored = isTaken && method.getReturnType() == void.class;
    String result =
        isIgnored
            ? builtin("object")
            : of(Generics.result(type, method), isTaken ? use : Use.RESULT, depth + 1);
    return "%s[%s, %s]".formatted(isTaken ? abc("Callable") : helper("JavaFunction"), all, result);
  }
}
