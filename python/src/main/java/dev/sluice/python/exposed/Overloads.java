package dev.sluice.python.exposed;

import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;

/**
 * One overload of a Java method as a function of its own, found by its signature as messages write
 * it: {@code submit(Runnable)}; on the thread that asks, with the GIL.
 */
final class Overloads {
  private final JavaObjects objects;

  Overloads(JavaObjects objects) {
    this.objects = objects;
  }

  /**
   * A new reference to the method, function or constructor of the class, or to None if it has none
   * of that name.
   */
  long find(int number, String signature) {
    Class<?> type = objects.types().classOf(number);
    int open = signature.indexOf('(');
    if (open < 0 || !signature.endsWith(")")) {
      throw PythonRaise.type(
          "\"%s\" is no signature, as \"submit(Runnable)\" is one".formatted(signature));
    }
    if (type == null) {
      return Results.none();
    }
    String full = signature.substring(0, open).strip();
    String name = full.substring(full.lastIndexOf('.') + 1);
    List<String> wanted = List.of(signature.substring(open + 1, signature.length() - 1).split(","));
    Members members = new Members(type);
    if (name.equals(type.getSimpleName())) {
      List<Executable> constructors = members.constructorExecutables();
      return objects.assembly().constructor(type, List.of(one(constructors, wanted, signature)));
    }
    List<Executable> all = new ArrayList<>(members.executables(name, true));
    all.addAll(members.executables(name, false));
    if (all.isEmpty()) {
      return Results.none();
    }
    Executable found = one(all, wanted, signature);
    return found.hasReceiver()
        ? objects.types().newMethod(type, name, List.of(found))
        : objects.types().newFunction(name, List.of(found));
  }

  private static Executable one(List<Executable> all, List<String> wanted, String signature) {
    return all.stream()
        .filter(each -> matches(each, wanted))
        .findFirst()
        .orElseThrow(() ->
            PythonRaise.type(
                "there is no %s; there is %s".formatted(signature, Group.listed(all))));
  }

  private static boolean matches(Executable executable, List<String> wanted) {
    List<? extends Type> parameters = executable.visible();
    if (parameters.isEmpty()) {
      return wanted.size() == 1 && wanted.getFirst().isBlank();
    }
    if (parameters.size() != wanted.size()) {
      return false;
    }
    for (int i = 0; i < wanted.size(); i++) {
      Class<?> type = Generics.raw(parameters.get(i));
      String name = wanted.get(i).strip();
      if (name.endsWith("...") && executable.isVarargs() && i == wanted.size() - 1) {
        name = name.substring(0, name.length() - 3) + "[]";
      }
      if (!name.equals(type.getSimpleName())
          && !name.equals(type.getTypeName().replace('$', '.'))) {
        return false;
      }
    }
    return true;
  }
}
