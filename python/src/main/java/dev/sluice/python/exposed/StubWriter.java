package dev.sluice.python.exposed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Writes the .pyi file of a module that Java offers, for type checkers; any thread.
 *
 * <p>{@link StubTypes} says what becomes of types. Arguments go by position only, as they do in the
 * calls. Of a nested class, a method and a field with one name it is the first, as at run time.
 */
final class StubWriter {
  private static final Set<String> OF_OBJECT = Set.of("toString", "equals", "hashCode");

  private final StringBuilder text = new StringBuilder();
  private final Map<Class<?>, String> names = new LinkedHashMap<>();
  private final Set<String> shadowed = new HashSet<>();
  private final StubTypes types = new StubTypes(names, shadowed);

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
          shadowed.add(name);
          if (entry instanceof Contents.Type(Class<?> type)) {
            name(type, name);
          }
        });
    contents
        .entries()
        .forEach((name, entry) -> {
          line(0, "");
          switch (entry) {
            case Contents.Type(Class<?> type) -> type(0, name, type);
            case Contents.Value(Class<?> type) ->
                line(0, name + ": " + types.of(type, StubTypes.Use.RESULT));
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
    String body = text.toString();
    text.setLength(0);
    line(0, "\"\"\"Java's module %s, as sluice.java.stubs wrote it.\"\"\"".formatted(module));
    line(0, "");
    line(0, "# What Java can tell apart, a type checker may not.");
    line(
        0,
        "# mypy: disable-error-code=\"overload-overlap, overload-cannot-match, override, misc\"");
    types.imports().forEach(each -> line(0, each));
    return text + body;
  }

  private void name(Class<?> type, String name) {
    names.put(type, name);
    shadowed.addAll(methods(type).keySet());
    Arrays.stream(type.getFields()).map(Field::getName).forEach(shadowed::add);
    for (Class<?> nested : new Members(type).nested().values()) {
      shadowed.add(nested.getSimpleName());
      name(nested, name + "." + nested.getSimpleName());
    }
  }

  private void line(int depth, String content) {
    text.append(content.isEmpty() ? "" : "    ".repeat(depth)).append(content).append('\n');
  }

  private void type(int depth, String name, Class<?> type) {
    List<String> bases = bases(type);
    line(
        depth,
        "class %s%s:".formatted(name, bases.isEmpty() ? "" : "(" + String.join(", ", bases) + ")"));
    int start = text.length();
    Members members = new Members(type);
    Map<String, List<Executable>> methods = methods(type);
    members
        .fields()
        .forEach((field, each) -> {
          methods.remove(PythonNames.python(field));
          if (isName(field) && !members.nested().containsKey(field)) {
            field(depth + 1, each);
          }
        });
    methods.keySet().removeAll(members.nested().keySet());
    if (!Modifier.isAbstract(type.getModifiers())) {
      overloaded(depth + 1, "__init__", List.of(type.getConstructors()), true);
    }
    methods.forEach((method, all) -> overloaded(depth + 1, method, all, true));
    special(type).forEach(each -> line(depth + 1, "def " + each + signature(each) + ": ..."));
    members.nested().forEach((simple, nested) -> type(depth + 1, simple, nested));
    if (text.length() == start) {
      line(depth + 1, "...");
    }
  }

  private void field(int depth, Field field) {
    String name = PythonNames.python(field.getName());
    boolean isNullable = isNullable(field.getAnnotatedType(), field);
    String hint = hint(field.getGenericType(), StubTypes.Use.RESULT, isNullable);
    if (Modifier.isStatic(field.getModifiers())) {
      line(depth, "%s: %s[%s]".formatted(name, types.from("typing", "ClassVar"), hint));
    } else if (Modifier.isFinal(field.getModifiers())) {
      line(depth, "@" + types.builtin("property"));
      line(depth, "def %s(self) -> %s: ...".formatted(name, hint));
    } else {
      line(depth, "%s: %s".formatted(name, hint));
    }
  }

  private String hint(Type type, StubTypes.Use use, boolean isNullable) {
    return isNullable ? types.nullable(type, use) : types.of(type, use);
  }

  private static boolean isNullable(AnnotatedType type, AnnotatedElement element) {
    return Stream.of(type.getAnnotations(), element.getAnnotations())
        .flatMap(Arrays::stream)
        .map(Annotation::annotationType)
        .anyMatch(each -> each.getSimpleName().equals("Nullable"));
  }

  /** The nearest types of the module above the type, without those that another one implies. */
  private List<String> bases(Class<?> type) {
    Set<Class<?>> above = above(type);
    above.remove(type);
    above.retainAll(names.keySet());
    List<String> bases =
        new ArrayList<>(
            above.stream()
                .filter(each ->
                    above.stream()
                        .noneMatch(other -> other != each && each.isAssignableFrom(other)))
                .sorted(Comparator.comparing(Class::isInterface))
                .map(each -> String.valueOf(names.get(each)))
                .toList());
    boolean hasClass = above.stream().anyMatch(each -> !each.isInterface());
    if (Throwable.class.isAssignableFrom(type) && !hasClass) {
      bases.add(types.builtin("Exception"));
    }
    return bases;
  }

  private static Map<String, List<Executable>> methods(Class<?> type) {
    Map<String, List<Executable>> groups = new TreeMap<>();
    for (Method method : type.getMethods()) {
      boolean shown =
          method.getDeclaringClass() != Object.class || OF_OBJECT.contains(method.getName());
      if (shown && !method.isSynthetic() && isName(method.getName())) {
        groups
            .computeIfAbsent(PythonNames.python(method.getName()), name -> new ArrayList<>())
            .add(method);
      }
    }
    return groups;
  }

  /** The special methods of a class, those of the classes above it included. */
  private Set<String> special(Class<?> type) {
    Set<String> all = new LinkedHashSet<>();
    for (Class<?> each : above(type)) {
      Protocols.names(each).stream().filter(name -> !signature(name).isEmpty()).forEach(all::add);
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

  /** Parameters and result of a special method; empty for those that every object has. */
  private String signature(String special) {
    return switch (special) {
      case "__len__", "__int__", "__index__" -> "(self) -> " + types.builtin("int");
      case "__float__" -> "(self) -> " + types.builtin("float");
      case "__iter__" ->
          "(self) -> %s[%s]".formatted(types.from("collections.abc", "Iterator"), types.any());
      case "__next__" -> "(self) -> " + types.any();
      case "__contains__" ->
          "(self, item: %s, /) -> %s".formatted(types.builtin("object"), types.builtin("bool"));
      case "__getitem__" -> "(self, key: %1$s, /) -> %1$s".formatted(types.any());
      case "__setitem__" -> "(self, key: %1$s, value: %1$s, /) -> None".formatted(types.any());
      case "__delitem__" -> "(self, key: %s, /) -> None".formatted(types.any());
      case "__enter__" -> "(self) -> " + types.from("typing", "Self");
      case "__exit__" -> "(self, *exception: %s) -> None".formatted(types.builtin("object"));
      case "__lt__", "__le__", "__gt__", "__ge__" ->
          "(self, other: %s, /) -> %s".formatted(types.any(), types.builtin("bool"));
      case "__call__" -> "(self, *arguments: %1$s) -> %1$s".formatted(types.any());
      default -> "";
    };
  }

  private void overloaded(
      int depth, String name, List<? extends Executable> executables, boolean inClass) {
    // What looks the same in Python is one.
    Map<String, String> results = new TreeMap<>(Comparator.comparing(StubWriter::order));
    Set<String> statics = new HashSet<>();
    for (Executable each : executables) {
      boolean isStatic = each instanceof Method && Modifier.isStatic(each.getModifiers());
      String parameters = parameters(each, inClass && !isStatic);
      if (results.putIfAbsent(parameters, result(each)) == null && inClass && isStatic) {
        statics.add(parameters);
      }
    }
    if (!statics.isEmpty() && statics.size() < results.size()) {
      // Static and not: no type checker can say it.
      line(depth, name + ": " + types.any());
      return;
    }
    results.forEach((parameters, result) -> {
      if (results.size() > 1) {
        line(depth, "@" + types.from("typing", "overload"));
      }
      if (statics.contains(parameters)) {
        line(depth, "@" + types.builtin("staticmethod"));
      }
      line(depth, "def %s(%s) -> %s: ...".formatted(name, parameters, result));
    });
  }

  private String result(Executable executable) {
    return executable instanceof Method method
        ? hint(
            method.getGenericReturnType(),
            StubTypes.Use.RESULT,
            isNullable(method.getAnnotatedReturnType(), method))
        : "None";
  }

  /** Type checkers take the first that fits: the more special come first. */
  private static String order(String parameters) {
    return parameters.replace(": int", ": 0").replace(": float", ": 1").replace(": Any", ": ~");
  }

  private String parameters(Executable executable, boolean withSelf) {
    List<String> parameters = new ArrayList<>();
    Set<String> taken = new HashSet<>();
    if (withSelf) {
      parameters.add("self");
      taken.add("self");
    }
    int start = parameters.size();
    String rest = "";
    List<Type> generic = Generics.parameters(executable);
    Parameter[] all = executable.getParameters();
    for (int i = 0; i < all.length; i++) {
      Type type = generic.get(i);
      if (dev.sluice.python.exposed.Executable.isScope(type)) {
        continue;
      }
      String name = unused(all[i].getName(), taken);
      if (all[i].isVarArgs()) {
        String hint = types.of(Generics.component(type), StubTypes.Use.ARGUMENT);
        rest = "*%s: %s".formatted(name, hint);
      } else {
        boolean isNullable = isNullable(all[i].getAnnotatedType(), all[i]);
        parameters.add(name + ": " + hint(type, StubTypes.Use.ARGUMENT, isNullable));
      }
    }
    if (parameters.size() > start) {
      parameters.add("/");
    }
    if (!rest.isEmpty()) {
      parameters.add(rest);
    }
    return String.join(", ", parameters);
  }

  /** Java's name of a parameter, or a similar one that Python takes and that is not yet taken. */
  private static String unused(String name, Set<String> taken) {
    String own = PythonNames.python(name.replace('$', '_'));
    while (!taken.add(own)) {
      own += "_";
    }
    return own;
  }

  /** Whether Python code can write the name. */
  private static boolean isName(String name) {
    return name.indexOf('$') < 0;
  }
}
