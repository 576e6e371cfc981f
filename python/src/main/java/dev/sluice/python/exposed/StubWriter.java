package dev.sluice.python.exposed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Writes the .pyi file of a module that Java offers, for type checkers; any thread.
 *
 * <p>Types that are not in the module are {@code Any}: Python has no names for them. Arguments go
 * by position only, as they do in the calls.
 */
final class StubWriter {
  private static final Map<String, String> SPECIAL = new LinkedHashMap<>();
  private static final Set<String> OF_OBJECT = Set.of("toString", "equals", "hashCode");

  static {
    SPECIAL.put("__len__", "(self) -> int");
    SPECIAL.put("__iter__", "(self) -> Iterator[Any]");
    SPECIAL.put("__next__", "(self) -> Any");
    SPECIAL.put("__contains__", "(self, item: object, /) -> bool");
    SPECIAL.put("__getitem__", "(self, key: Any, /) -> Any");
    SPECIAL.put("__setitem__", "(self, key: Any, value: Any, /) -> None");
    SPECIAL.put("__delitem__", "(self, key: Any, /) -> None");
    SPECIAL.put("__enter__", "(self) -> Self");
    SPECIAL.put("__exit__", "(self, *exception: object) -> None");
    SPECIAL.put("__lt__", "(self, other: Any, /) -> bool");
    SPECIAL.put("__le__", "(self, other: Any, /) -> bool");
    SPECIAL.put("__gt__", "(self, other: Any, /) -> bool");
    SPECIAL.put("__ge__", "(self, other: Any, /) -> bool");
    SPECIAL.put("__int__", "(self) -> int");
    SPECIAL.put("__float__", "(self) -> float");
    SPECIAL.put("__call__", "(self, *arguments: Any) -> Any");
  }

  private final StringBuilder text = new StringBuilder();
  private final Map<Class<?>, String> names = new LinkedHashMap<>();

  private StubWriter() {}

  /** The file that was written: for {@code a.b} it is {@code a/b.pyi}. */
  static Path write(String module, Contents contents, Path folder) {
    Path file = folder.resolve(module.replace('.', '/') + ".pyi");
    try {
      for (Path parent = file.getParent();
          parent != null && !parent.equals(folder);
          parent = parent.getParent()) {
        Files.createDirectories(parent);
        Path init = parent.resolve("__init__.pyi");
        if (!Files.exists(init)) {
          Files.createFile(init);
        }
      }
      Files.createDirectories(folder);
      return Files.writeString(file, new StubWriter().module(module, contents));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String module(String module, Contents contents) {
    contents
        .entries()
        .forEach((name, entry) -> {
          if (entry instanceof Contents.Type(Class<?> type)) {
            name(type, name);
          }
        });
    line(0, "\"\"\"Java's module %s, as sluice.java.stubs wrote it.\"\"\"".formatted(module));
    line(0, "");
    line(0, "# What Java can tell apart, a type checker may not.");
    line(
        0,
        "# mypy: disable-error-code=\"overload-overlap, overload-cannot-match, override, misc\"");
    line(0, "from collections.abc import Iterator");
    line(0, "from typing import Any, ClassVar, Self, overload");
    contents
        .entries()
        .forEach((name, entry) -> {
          line(0, "");
          switch (entry) {
            case Contents.Type(Class<?> type) -> type(0, name, type);
            case Contents.Value(Class<?> type) -> line(0, name + ": " + type(type));
            case Contents.Static(Class<?> type) ->
                overloaded(0, name, methods(type).getOrDefault(name, List.of()), false);
            case Contents.Function(Class<?> type) -> {
              Method method = Protocols.function(type);
              if (method != null) {
                overloaded(0, name, List.of(method), false);
              }
            }
          }
        });
    return text.toString();
  }

  private void name(Class<?> type, String name) {
    names.put(type, name);
    for (Class<?> nested : type.getClasses()) {
      if (nested.getDeclaringClass() == type) {
        name(nested, name + "." + nested.getSimpleName());
      }
    }
  }

  private void line(int depth, String content) {
    text.append(content.isEmpty() ? "" : "    ".repeat(depth)).append(content).append('\n');
  }

  private void type(int depth, String name, Class<?> type) {
    String base = base(type);
    line(depth, "class %s%s:".formatted(name, base.isEmpty() ? "" : "(" + base + ")"));
    int start = text.length();
    for (Field field : type.getDeclaredFields()) {
      if (Modifier.isPublic(field.getModifiers())) {
        boolean isStatic = Modifier.isStatic(field.getModifiers());
        String fieldType = type(field.getType());
        line(
            depth + 1,
            "%s: %s"
                .formatted(
                    python(field.getName()), isStatic ? "ClassVar[" + fieldType + "]" : fieldType));
      }
    }
    if (!Modifier.isAbstract(type.getModifiers())) {
      overloaded(depth + 1, "__init__", List.of(type.getConstructors()), true);
    }
    methods(type).forEach((method, all) -> overloaded(depth + 1, method, all, true));
    special(type)
        .forEach(each -> line(depth + 1, "def " + each + SPECIAL.getOrDefault(each, "") + ": ..."));
    for (Class<?> nested : type.getClasses()) {
      if (nested.getDeclaringClass() == type) {
        type(depth + 1, nested.getSimpleName(), nested);
      }
    }
    if (text.length() == start) {
      line(depth + 1, "...");
    }
  }

  private String base(Class<?> type) {
    for (Class<?> parent = type.getSuperclass(); parent != null; parent = parent.getSuperclass()) {
      String known = names.get(parent);
      if (known != null) {
        return known;
      }
    }
    return Throwable.class.isAssignableFrom(type) ? "Exception" : "";
  }

  private static Map<String, List<Executable>> methods(Class<?> type) {
    Map<String, List<Executable>> groups = new TreeMap<>();
    for (Method method : type.getMethods()) {
      boolean shown =
          method.getDeclaringClass() != Object.class || OF_OBJECT.contains(method.getName());
      if (shown && !method.isSynthetic()) {
        groups.computeIfAbsent(python(method.getName()), name -> new ArrayList<>()).add(method);
      }
    }
    return groups;
  }

  /** The special methods of a class, those of the classes above it included. */
  private static Set<String> special(Class<?> type) {
    Set<String> all = new LinkedHashSet<>();
    for (Class<?> each : above(type)) {
      Protocols.names(each).stream().filter(SPECIAL::containsKey).forEach(all::add);
    }
    return all;
  }

  private static Set<Class<?>> above(Class<?> type) {
    Set<Class<?>> all = new LinkedHashSet<>(List.of(type));
    if (type.getSuperclass() != null) {
      all.addAll(above(type.getSuperclass()));
    }
    Arrays.stream(type.getInterfaces()).forEach(each -> all.addAll(above(each)));
    return all;
  }

  private void overloaded(
      int depth, String name, List<? extends Executable> executables, boolean inClass) {
    // What looks the same in Python is one.
    Map<String, String> signatures = new TreeMap<>(Comparator.comparing(StubWriter::order));
    for (Executable each : executables) {
      boolean isStatic = each instanceof Method && Modifier.isStatic(each.getModifiers());
      String parameters = parameters(each, inClass && !isStatic);
      String definition =
          "def %s(%s) -> %s: ..."
              .formatted(
                  name,
                  parameters,
                  each instanceof Method method ? type(method.getReturnType()) : "None");
      signatures.putIfAbsent(
          parameters, (inClass && isStatic ? "@staticmethod\n" : "") + definition);
    }
    boolean isStaticOnly =
        signatures.values().stream().allMatch(each -> each.startsWith("@staticmethod"));
    boolean isMixed =
        !isStaticOnly && signatures.values().stream().anyMatch(each -> each.startsWith("@static"));
    if (isMixed) {
      // Static and not: no type checker can say it.
      line(depth, name + ": Any");
      return;
    }
    for (String signature : signatures.values()) {
      if (signatures.size() > 1) {
        line(depth, "@overload");
      }
      signature.lines().forEach(each -> line(depth, each));
    }
  }

  /** Type checkers take the first that fits: the more special come first. */
  private static String order(String parameters) {
    return parameters.replace(": int", ": 0").replace(": float", ": 1").replace(": Any", ": ~");
  }

  private String parameters(Executable executable, boolean withSelf) {
    List<String> parameters = new ArrayList<>();
    if (withSelf) {
      parameters.add("self");
    }
    int own = 0;
    String rest = "";
    for (var parameter : executable.getParameters()) {
      if (dev.sluice.python.exposed.Executable.isScope(parameter.getType())) {
        continue;
      }
      if (parameter.isVarArgs()) {
        rest =
            "*%s: %s"
                .formatted(
                    python(parameter.getName()), type(parameter.getType().getComponentType()));
      } else {
        parameters.add("%s: %s".formatted(python(parameter.getName()), type(parameter.getType())));
        own++;
      }
    }
    if (own > 0) {
      parameters.add("/");
    }
    if (!rest.isEmpty()) {
      parameters.add(rest);
    }
    return parameters.stream().collect(Collectors.joining(", "));
  }

  private String type(Class<?> type) {
    String known = names.get(type);
    if (known != null) {
      return known;
    }
    if (type == byte[].class) {
      return "bytes";
    }
    return switch (type.getName()) {
      case "void" -> "None";
      case "boolean", "java.lang.Boolean" -> "bool";
      case "byte", "short", "int", "long" -> "int";
      case "java.lang.Byte", "java.lang.Short", "java.lang.Integer", "java.lang.Long" -> "int";
      case "java.math.BigInteger" -> "int";
      case "float", "double", "java.lang.Float", "java.lang.Double" -> "float";
      case "char", "java.lang.Character", "java.lang.String" -> "str";
      default -> "Any";
    };
  }

  private static final Set<String> KEYWORDS =
      Set.of(
          "and",
          "as",
          "async",
          "await",
          "def",
          "del",
          "elif",
          "except",
          "from",
          "global",
          "in",
          "is",
          "lambda",
          "None",
          "nonlocal",
          "not",
          "or",
          "pass",
          "raise",
          "True",
          "False",
          "with",
          "yield");

  /** The name, with an underscore behind it if it is a keyword of Python's. */
  static String python(String name) {
    return KEYWORDS.contains(name) ? name + "_" : name;
  }
}
