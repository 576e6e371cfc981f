package dev.sluice.python.exposed;

import java.lang.invoke.MethodHandle;
import java.lang.reflect.Type;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One method, constructor or field access of Java as Python may call it; immutable.
 *
 * @param name what messages call it
 * @param handle takes the receiver, if there is one, and then the parameters
 * @param hasReceiver whether Python's object comes first
 * @param parameters without the receiver
 * @param isVarargs whether the last parameter is an array that takes all further arguments
 * @param keepsGil whether it is so short that the GIL stays
 */
record Executable(
    String name,
    MethodHandle handle,
    boolean hasReceiver,
    List<? extends Type> parameters,
    boolean isVarargs,
    boolean keepsGil) {

  /** The parameters that Python's arguments are for: all but the scopes. */
  List<? extends Type> visible() {
    return parameters.stream().filter(type -> !isScope(type)).toList();
  }

  static boolean isScope(Type type) {
    return type == dev.sluice.python.Attached.class;
  }

  boolean wantsScope() {
    return parameters.stream().anyMatch(Executable::isScope);
  }

  /** For messages: {@code add(int, int)}. */
  String signature() {
    List<? extends Type> visible = visible();
    String types =
        visible.stream()
            .limit(isVarargs ? visible.size() - 1L : visible.size())
            .map(type -> Generics.raw(type).getSimpleName())
            .collect(Collectors.joining(", "));
    if (isVarargs) {
      String rest = Generics.raw(Generics.component(visible.getLast())).getSimpleName() + "...";
      types = types.isEmpty() ? rest : types + ", " + rest;
    }
    return name + "(" + types + ")";
  }
}
