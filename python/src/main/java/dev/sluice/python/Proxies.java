package dev.sluice.python;

import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.exposed.Generics;
import dev.sluice.python.exposed.WrongResult;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Array;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Java interfaces over Python objects and modules; their methods may be called on any thread, which
 * they attach for the call (a virtual one hands the call to a worker).
 *
 * <p>A method calls the attribute of its name, or of the same name written_like_this. An attribute
 * that cannot be called is the value of a method without parameters. Where there is none, a default
 * method runs; and the one abstract method of a functional interface calls the object itself.
 */
final class Proxies {
  /** The name of the only abstract method, if there is one. */
  private static final ClassValue<Optional<String>> FUNCTIONAL =
      new ClassValue<>() {
        @Override
        protected Optional<String> computeValue(Class<?> type) {
          return Optional.ofNullable(functionalMethod(type));
        }
      };

  private Proxies() {}

  static boolean canBe(Class<?> type) {
    return type.isInterface() && !type.isSealed();
  }

  /**
   * A proxy of an interface.
   *
   * @param generic the interface with what is known of its type arguments
   */
  static Object proxy(PyObject object, Class<?> type, Type generic) {
    return Proxy.newProxyInstance(
        type.getClassLoader() == null ? Proxies.class.getClassLoader() : type.getClassLoader(),
        new Class<?>[] {type},
        new Handler(object, FUNCTIONAL.get(type).orElse(null), generic));
  }

  /**
   * Whether the object can be called, if that is enough for the interface, or has an attribute for
   * each abstract method and for one method at least.
   */
  static boolean fits(Interpreter interpreter, long object, Class<?> type) {
    if (!canBe(type)) {
      return false;
    }
    if (ObjectApi.isCallable(object) && FUNCTIONAL.get(type).isPresent()) {
      return true;
    }
    return missing(interpreter, object, type) == null;
  }

  /**
   * Refuses what would be a proxy that can do nothing, or of an interface of Java's own that it can
   * do a part of only, as of a Deque: who gets that relies on all of it.
   */
  static void refuseUseless(Interpreter interpreter, long object, Class<?> type) {
    boolean isFunction = ObjectApi.isCallable(object) && FUNCTIONAL.get(type).isPresent();
    if (isFunction) {
      return;
    }
    if (methods(type).isEmpty()) {
      throw Conversions.noValue(object, type, "the interface has no methods");
    }
    String missing = type.getName().startsWith("java.") ? missing(interpreter, object, type) : null;
    if (missing != null) {
      throw Conversions.noValue(object, type, "it has no attribute \"%s\"".formatted(missing));
    }
  }

  /** The methods that Python could answer. */
  private static List<Method> methods(Class<?> type) {
    return Arrays.stream(type.getMethods())
        .filter(method -> !Modifier.isStatic(method.getModifiers()) && !isOfObject(method))
        .toList();
  }

  /**
   * An abstract method that the object has no attribute for, or any method if it has none at all;
   * null if nothing is missing.
   */
  private static @Nullable String missing(Interpreter interpreter, long object, Class<?> type) {
    String without = null;
    boolean hasOne = false;
    for (Method method : methods(type)) {
      long found = Handler.find(interpreter, object, method.getName());
      ObjectApi.decRef(found);
      hasOne |= found != 0;
      if (found == 0) {
        if (Modifier.isAbstract(method.getModifiers())) {
          return method.getName();
        }
        without = method.getName();
      }
    }
    return hasOne ? null : without == null ? "__call__" : without;
  }

  /** The object that a proxy of ours stands for; null if it is none. */
  static @Nullable PyObject behind(Object value) {
    return Proxy.isProxyClass(value.getClass())
            && Proxy.getInvocationHandler(value) instanceof Handler handler
        ? handler.object
        : null;
  }

  private static @Nullable String functionalMethod(Class<?> type) {
    var names =
        Arrays.stream(type.getMethods())
            .filter(method -> Modifier.isAbstract(method.getModifiers()))
            .filter(method -> !isOfObject(method))
            .map(Method::getName)
            .distinct()
            .toList();
    return names.size() == 1 ? names.getFirst() : null;
  }

  private static boolean isOfObject(Method method) {
    return Arrays.stream(Object.class.getMethods())
        .anyMatch(other ->
            other.getName().equals(method.getName())
                && Arrays.equals(other.getParameterTypes(), method.getParameterTypes()));
  }

  /** One proxy's behaviour. */
  private record Handler(PyObject object, @Nullable String functional, Type type)
      implements InvocationHandler {
    private static final Object[] NOTHING = {};

    @Override
    public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] given)
        throws Throwable {
      @Nullable Object[] arguments = given == null ? NOTHING : given;
      if (method.getDeclaringClass() == Object.class) {
        return ofObject(method, arguments);
      }
      if (!Thread.currentThread().isVirtual()) {
        try (Attached py = object.interpreter().attach()) {
          return call(proxy, method, arguments);
        }
      }
      try {
        return object
            .interpreter()
            .submit(py -> new Answer(call(proxy, method, arguments)))
            .join()
            .value;
      } catch (CompletionException e) {
        throw e.getCause() == null ? e : e.getCause();
      }
    }

    /** A result that may be null. */
    private record Answer(@Nullable Object value) {}

    private @Nullable Object ofObject(Method method, @Nullable Object[] arguments) {
      return switch (method.getName()) {
        case "equals" -> arguments[0] != null && object.equals(behind(arguments[0]));
        case "hashCode" -> object.hashCode();
        default -> object.toString();
      };
    }

    private @Nullable Object call(Object proxy, Method method, @Nullable Object[] arguments)
        throws Exception {
      Interpreter interpreter = object.interpreter();
      long self = object.hold();
      try {
        long attribute = find(interpreter, self, method.getName());
        if (attribute == 0 && method.isDefault()) {
          return invokeDefault(proxy, method, arguments);
        }
        if (attribute == 0) {
          attribute = itself(self, method);
        }
        try {
          boolean value = arguments.length == 0 && !ObjectApi.isCallable(attribute);
          return result(
              interpreter,
              method,
              attribute,
              value ? incRef(attribute) : call(interpreter, attribute, method, arguments));
        } finally {
          ObjectApi.decRef(attribute);
        }
      } finally {
        Calls.done(interpreter, self);
      }
    }

    /** Java's own default method. */
    private static @Nullable Object invokeDefault(
        Object proxy, Method method, @Nullable Object[] arguments) throws Exception {
      try {
        return method.canAccess(proxy)
            ? InvocationHandler.invokeDefault(proxy, method, arguments)
            : hidden(method).bindTo(proxy).invokeWithArguments(arguments);
      } catch (Exception | Error e) {
        throw e;
      } catch (Throwable t) {
        throw new IllegalStateException(t);
      }
    }

    /** A default method of an interface that is not public. */
    private static MethodHandle hidden(Method method) {
      Class<?> type = method.getDeclaringClass();
      try {
        return MethodHandles.privateLookupIn(type, MethodHandles.lookup())
            .unreflectSpecial(method, type);
      } catch (IllegalAccessException e) {
        throw new IllegalStateException(
            "the default method %s.%s cannot be reached: make the interface public, or open its"
                    .formatted(type.getName(), method.getName())
                + " package to dev.sluice.python",
            e);
      }
    }

    private long itself(long self, Method method) {
      if (method.getName().equals(functional) && ObjectApi.isCallable(self)) {
        return incRef(self);
      }
      throw new UnsupportedOperationException(
          "a Python %s has no attribute \"%s\" for %s"
              .formatted(ObjectApi.typeName(self), method.getName(), method));
    }

    private static long incRef(long object) {
      ObjectApi.incRef(object);
      return object;
    }

    private static long call(
        Interpreter interpreter, long callable, Method method, @Nullable Object[] arguments) {
      return Calls.orThrow(
          interpreter,
          Calls.call(interpreter, Calls.state(interpreter), callable, spread(method, arguments)));
    }

    /** The arguments of a method with a variable number of them, one by one. */
    private static @Nullable Object[] spread(Method method, @Nullable Object[] arguments) {
      Object rest = method.isVarArgs() ? arguments[arguments.length - 1] : null;
      if (rest == null) {
        return arguments;
      }
      int last = arguments.length - 1;
      @Nullable Object[] all = Arrays.copyOf(arguments, last + Array.getLength(rest));
      for (int i = last; i < all.length; i++) {
        all[i] = Array.get(rest, i - last);
      }
      return all;
    }

    private @Nullable Object result(
        Interpreter interpreter, Method method, long called, long result) {
      if (method.getReturnType() == void.class) {
        ObjectApi.decRef(result);
        return null;
      }
      Type wanted = Generics.result(type, method);
      try {
        return Conversions.toJava(interpreter, result, wanted, 0);
      } catch (WrongResult e) {
        throw e;
      } catch (ClassCastException e) {
        throw new WrongResult(
            "%s gave a %s, but as %s.%s it has to give a %s"
                .formatted(
                    name(interpreter, called),
                    ObjectApi.typeName(result),
                    Types.raw(type).getSimpleName(),
                    method.getName(),
                    wanted.getTypeName()));
      } finally {
        ObjectApi.decRef(result);
      }
    }

    /** A function's own name, or what its type is called. */
    private static String name(Interpreter interpreter, long object) {
      if (!Calls.hasAttribute(interpreter, object, "__qualname__")) {
        return "a " + ObjectApi.typeName(object);
      }
      long name = Calls.attribute(interpreter, object, "__qualname__");
      try {
        return Texts.str(interpreter, name);
      } finally {
        ObjectApi.decRef(name);
      }
    }

    /** A new reference to the attribute, or null if there is none. */
    private static long find(Interpreter interpreter, long object, String name) {
      long found = findExactly(interpreter, object, name);
      String snake = snakeCase(name);
      return found != 0 || snake.equals(name) ? found : findExactly(interpreter, object, snake);
    }

    private static long findExactly(Interpreter interpreter, long object, String name) {
      long key = Calls.orThrow(interpreter, interpreter.names().name(name));
      long found = ObjectApi.getAttr(object, key);
      ObjectApi.decRef(key);
      if (found == 0) {
        if (!ErrorApi.matches(ErrorApi.Types.ATTRIBUTE_ERROR)) {
          throw PythonException.take(interpreter);
        }
        ErrorApi.clear();
      }
      return found;
    }

    private static String snakeCase(String name) {
      StringBuilder snake = new StringBuilder(name.length() + 4);
      for (int i = 0; i < name.length(); i++) {
        char character = name.charAt(i);
        if (Character.isUpperCase(character) && i > 0) {
          snake.append('_');
        }
        snake.append(Character.toLowerCase(character));
      }
      return snake.toString();
    }
  }
}
