package dev.sluice.python.exposed;

import dev.sluice.python.Attached;
import dev.sluice.python.PyObject;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.TypeApi;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Array;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;

/**
 * Builds what CPython calls: for each Java method one method handle from the address of the
 * arguments to the address of the result.
 *
 * <p>A handle is a tree: the arguments are converted, the GIL is given back (or the method is given
 * a scope), the method runs, the result is converted. All parts but the arguments are constants of
 * the tree, so that the JIT compiles it as one piece; nothing is boxed, and nothing looked up.
 */
final class Assembly {
  /** {@code (long self, long arguments, long count) -> long}: METH_FASTCALL. */
  static final MethodType ENTRY =
      MethodType.methodType(long.class, long.class, long.class, long.class);

  private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

  private final JavaObjects objects;
  private final Crossing crossing;
  private final Arguments arguments;
  private final Lender lender;
  private final Results results;

  Assembly(
      JavaObjects objects, Crossing crossing, Arguments arguments, Lender lender, Results results) {
    this.objects = objects;
    this.crossing = crossing;
    this.arguments = arguments;
    this.lender = lender;
    this.results = results;
  }

  private static MethodHandle bound(Object receiver, String name, MethodType type) {
    try {
      return LOOKUP.bind(receiver, name, type);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(name, e);
    }
  }

  private MethodHandle ofCrossing(String name, MethodType type) {
    try {
      return LOOKUP.findVirtual(Crossing.class, name, type).bindTo(crossing);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(name, e);
    }
  }

  private static MethodHandle ofResults(String name, Class<?> argument) {
    try {
      return LOOKUP.findStatic(Results.class, name, MethodType.methodType(long.class, argument));
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(name, e);
    }
  }

  /** The entry point of a name: linked when it is first called, and catching everything. */
  MethodHandle entry(String name, List<Executable> executables) {
    return new Group(this, name, executables, 0).entry();
  }

  /** A new function that makes objects of the class; the first argument is the Python type. */
  long constructor(Class<?> type, List<Executable> constructors) {
    List<Executable> all = constructors;
    if (type.isArray()) {
      MethodHandle newArray;
      try {
        newArray =
            LOOKUP.findStatic(
                Array.class,
                "newInstance",
                MethodType.methodType(Object.class, Class.class, int.class));
      } catch (ReflectiveOperationException e) {
        throw new LinkageError("newInstance", e);
      }
      all =
          List.of(
              new Executable(
                  type.getSimpleName(),
                  newArray.bindTo(type.getComponentType()),
                  false,
                  List.of(int.class),
                  false,
                  true));
    }
    long definition =
        objects
            .pool()
            .function("__new__", "", new Group(this, type.getSimpleName(), all, 1).entry());
    return TypeApi.newFunction(definition, 0);
  }

  /** A method of objects as a function whose first argument is the object. */
  static Executable withReceiverAsArgument(Executable method) {
    List<Type> parameters = new ArrayList<>();
    parameters.add(method.handle().type().parameterType(0));
    parameters.addAll(method.parameters());
    return new Executable(
        method.name(), method.handle(), false, parameters, method.isVarargs(), method.keepsGil());
  }

  /** A static method that can be called on an object. */
  static Executable ignoringReceiver(Executable function) {
    return new Executable(
        function.name(),
        MethodHandles.dropArguments(function.handle(), 0, Object.class),
        true,
        function.parameters(),
        function.isVarargs(),
        function.keepsGil());
  }

  /**
   * The whole way of one call, but for counting the arguments.
   *
   * @param first the position of the first argument in the vector
   * @param spread whether the last parameter takes all further arguments
   */
  MethodHandle assemble(Executable executable, int first, boolean spread) {
    MethodHandle java = crossed(executable);
    if (executable.hasReceiver()) {
      MethodHandle receiver =
          bound(arguments, "receiver", MethodType.methodType(Object.class, long.class));
      java =
          MethodHandles.filterArguments(
              java,
              0,
              receiver.asType(receiver.type().changeReturnType(java.type().parameterType(0))));
    } else {
      java = MethodHandles.dropArguments(java, 0, long.class);
    }
    List<? extends Type> visible = executable.visible();
    boolean lends = visible.stream().anyMatch(Lender::isLent);
    // Where memory is lent, what notes the loans comes before all else.
    MethodType entry = lends ? ENTRY.insertParameterTypes(0, Lender.Loans.class) : ENTRY;
    int self = lends ? 1 : 0;
    List<Integer> order = new ArrayList<>(List.of(self));
    for (int i = 0; i < visible.size(); i++) {
      int at = order.size();
      if (spread && i == visible.size() - 1) {
        java = MethodHandles.collectArguments(java, at, rest(visible.get(i), first + i));
        order.addAll(List.of(self + 1, self + 2));
      } else if (Lender.isLent(visible.get(i))) {
        java = MethodHandles.collectArguments(java, at, lent(visible.get(i), first + i));
        order.addAll(List.of(0, self + 1));
      } else {
        java = MethodHandles.filterArguments(java, at, argument(visible.get(i), first + i));
        order.add(self + 1);
      }
    }
    int[] reorder = order.stream().mapToInt(Integer::intValue).toArray();
    MethodHandle whole =
        first == 0
            ? MethodHandles.permuteArguments(
                MethodHandles.filterReturnValue(java, result(java.type().returnType())),
                entry,
                reorder)
            : constructing(java, entry, reorder);
    return lends ? lending(whole) : whole;
  }

  private MethodHandle constructing(MethodHandle java, MethodType entry, int[] reorder) {
    MethodHandle made = java.asType(java.type().changeReturnType(Object.class));
    MethodHandle construct =
        bound(
            this,
            "construct",
            MethodType.methodType(long.class, Object.class, long.class, long.class, long.class));
    List<Class<?>> loans = entry.parameterList().subList(0, entry.parameterCount() - 3);
    return MethodHandles.foldArguments(
        MethodHandles.dropArguments(construct, 1, loans),
        MethodHandles.permuteArguments(made, entry.changeReturnType(Object.class), reorder));
  }

  /** The call with its loans, which end with it. */
  private MethodHandle lending(MethodHandle target) {
    return around(
        target,
        bound(lender, "begin", MethodType.methodType(Lender.Loans.class)),
        bound(lender, "end", MethodType.methodType(void.class, Lender.Loans.class)));
  }

  private MethodHandle lent(Type type, int position) {
    MethodHandle lent =
        bound(
            lender,
            "lent",
            MethodType.methodType(
                Object.class, Class.class, int.class, Lender.Loans.class, long.class));
    Class<?> raw = Generics.raw(type);
    MethodHandle ofType = MethodHandles.insertArguments(lent, 0, raw, position);
    return ofType.asType(ofType.type().changeReturnType(raw));
  }

  /** Gives a new Java object its Python object, of the type that was called. */
  @SuppressWarnings("unused") // found by its name
  private long construct(Object made, long self, long vector, long count) {
    long type = Memory.getLong(vector);
    long own = objects.types().ofClass(made.getClass());
    if (type != own && !(ObjectApi.is(type, TypeApi.TYPE_TYPE) && TypeApi.isSubtype(type, own))) {
      throw PythonRaise.type(
          "%s.__new__() needs a subclass of it first".formatted(made.getClass().getSimpleName()));
    }
    if (made instanceof Throwable throwable) {
      return objects.throwables().construct(type, throwable);
    }
    long withRoom = objects.types().withRoom(type);
    if (!TypeApi.isSubtype(withRoom, objects.handleType())) {
      throw PythonRaise.type("a subclass of java.lang.Object needs a Java class below that");
    }
    return objects.allocate(withRoom, made);
  }

  private MethodHandle argument(Type type, int position) {
    String method =
        switch (type.getTypeName()) {
          case "int" -> "asInt";
          case "long" -> "asLong";
          case "double" -> "asDouble";
          case "float" -> "asFloat";
          case "boolean" -> "asBoolean";
          case "short" -> "asShort";
          case "byte" -> "asByte";
          case "char" -> "asChar";
          case "java.lang.String" -> "asText";
          default -> type == PyObject.class ? "asPython" : "asObject";
        };
    if (method.equals("asObject")) {
      MethodHandle convert =
          bound(
              arguments,
              method,
              MethodType.methodType(Object.class, Type.class, int.class, long.class));
      MethodHandle ofType = MethodHandles.insertArguments(convert, 0, type, position);
      return ofType.asType(ofType.type().changeReturnType(Generics.raw(type)));
    }
    return MethodHandles.insertArguments(
        bound(arguments, method, MethodType.methodType(Generics.raw(type), int.class, long.class)),
        0,
        position);
  }

  private MethodHandle rest(Type array, int from) {
    MethodHandle rest =
        bound(
            arguments,
            "rest",
            MethodType.methodType(Object.class, Type.class, int.class, long.class, long.class));
    MethodHandle ofType = MethodHandles.insertArguments(rest, 0, Generics.component(array), from);
    return ofType.asType(ofType.type().changeReturnType(Generics.raw(array)));
  }

  private MethodHandle result(Class<?> type) {
    return switch (type.getName()) {
      case "void" -> ofNothing();
      case "boolean" -> ofResults("fromBoolean", boolean.class);
      case "int" -> ofResults("fromInt", int.class);
      case "short", "byte", "long" ->
          ofResults("fromLong", long.class).asType(MethodType.methodType(long.class, type));
      case "double", "float" ->
          ofResults("fromDouble", double.class).asType(MethodType.methodType(long.class, type));
      case "char" -> ofResults("fromChar", char.class);
      case "java.lang.String" -> ofResults("fromText", String.class);
      default ->
          bound(results, "fromObject", MethodType.methodType(long.class, Object.class))
              .asType(MethodType.methodType(long.class, type));
    };
  }

  private static MethodHandle ofNothing() {
    try {
      return LOOKUP.findStatic(Results.class, "none", MethodType.methodType(long.class));
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("none", e);
    }
  }

  /** The method with what surrounds it: the GIL given back, or kept, or a scope. */
  private MethodHandle crossed(Executable executable) {
    if (executable.wantsScope()) {
      return around(
          scopeFirst(executable),
          ofCrossing("scope", MethodType.methodType(Attached.class)),
          ofCrossing("leave", MethodType.methodType(void.class, Attached.class)));
    }
    if (executable.keepsGil()) {
      return executable.handle();
    }
    return around(
        MethodHandles.dropArguments(executable.handle(), 0, Object.class),
        ofCrossing("release", MethodType.methodType(Object.class)),
        ofCrossing("restore", MethodType.methodType(void.class, Object.class)));
  }

  /** An entry point that any thread may come through. */
  MethodHandle entered(MethodHandle target) {
    return around(
        MethodHandles.dropArguments(target, 0, Attached.class),
        ofCrossing("enter", MethodType.methodType(Attached.class)),
        ofCrossing("leave", MethodType.methodType(void.class, Attached.class)));
  }

  /** The method with one scope before its other parameters, for all that it takes. */
  private static MethodHandle scopeFirst(Executable executable) {
    MethodHandle handle = executable.handle();
    List<Class<?>> types = new ArrayList<>(List.of(Attached.class));
    int[] order = new int[handle.type().parameterCount()];
    for (int i = 0; i < order.length; i++) {
      Class<?> type = handle.type().parameterType(i);
      boolean isReceiver = executable.hasReceiver() && i == 0;
      if (Executable.isScope(type) && !isReceiver) {
        order[i] = 0;
      } else {
        order[i] = types.size();
        types.add(type);
      }
    }
    return MethodHandles.permuteArguments(
        handle, MethodType.methodType(handle.type().returnType(), types), order);
  }

  /** {@code before}, the target with its result first, and {@code after} whatever happens. */
  private static MethodHandle around(MethodHandle target, MethodHandle before, MethodHandle after) {
    Class<?> result = target.type().returnType();
    Class<?> token = before.type().returnType();
    MethodHandle cleanup;
    if (result == void.class) {
      cleanup = MethodHandles.dropArguments(after, 0, Throwable.class);
    } else {
      MethodHandle identity = MethodHandles.dropArguments(MethodHandles.identity(result), 1, token);
      MethodHandle effect = MethodHandles.dropArguments(after, 0, result);
      cleanup =
          MethodHandles.dropArguments(
              MethodHandles.foldArguments(identity, effect), 0, Throwable.class);
    }
    return MethodHandles.foldArguments(MethodHandles.tryFinally(target, cleanup), before);
  }

  Arguments arguments() {
    return arguments;
  }

  /** Sets Python's exception for what was thrown; the result of the call. */
  long failed(Throwable throwable) {
    try {
      objects.fail(throwable);
    } catch (Throwable another) {
      failedAgain(another);
    }
    return 0;
  }

  private static void failedAgain(Throwable another) {
    try {
      ErrorApi.raise(
          another instanceof StackOverflowError
              ? ErrorApi.Types.RECURSION_ERROR
              : ErrorApi.Types.RUNTIME_ERROR,
          "Java raised " + another);
    } catch (Throwable ignored) {
      // Nothing more can be done here; CPython reports a null without an exception as SystemError.
    }
  }
}
