package dev.sluice.python.exposed;

import dev.sluice.python.JavaUse;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.Pool;
import dev.sluice.python.capi.TypeApi;
import java.lang.ref.WeakReference;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The Python types that stand for Java's classes; they live as long as the interpreter, which the
 * classes need not ({@link Shown}).
 *
 * <p>Python's bases are Java's, interfaces included. A class that is not visible, as that of a
 * lambda, shares a type with all others that have the same visible classes above them.
 */
final class Types {
  /** The attribute that is Java's own object for the class. */
  private static final String CLASS = "class_";

  private final JavaObjects objects;
  private final PythonSide python;
  private final Assembly assembly;
  private final Pool pool;
  private final Map<Class<?>, Long> byClass = new WeakHashMap<>();
  private final Map<Class<?>, Long> ofObjects = new WeakHashMap<>();

  /** By the first of the classes. */
  private final Map<Class<?>, List<View>> views = new WeakHashMap<>();

  private final Map<Long, Integer> numbers = new HashMap<>();
  private final List<@Nullable Shown> made = new ArrayList<>();

  /** The base of all objects but exceptions, once java.lang.Object has a type. */
  private long layout;

  /** The type of objects of which only these classes can be seen. */
  private record View(List<WeakReference<Class<?>>> classes, long address) {
    static View of(List<Class<?>> classes, long address) {
      List<WeakReference<Class<?>>> weak = new ArrayList<>();
      classes.forEach(each -> weak.add(new WeakReference<>(each)));
      return new View(weak, address);
    }

    boolean isOf(List<Class<?>> other) {
      return classes.size() == other.size()
          && IntStream.range(0, other.size()).allMatch(i -> classes.get(i).refersTo(other.get(i)));
    }
  }

  Types(JavaObjects objects, PythonSide python, Assembly assembly, Pool pool) {
    this.objects = objects;
    this.python = python;
    this.assembly = assembly;
    this.pool = pool;
  }

  /** The type for objects like this one; borrowed. */
  long ofObject(Object object) {
    Class<?> type = object.getClass();
    Long known = ofObjects.get(type);
    if (known == null) {
      known = Visible.is(type) ? instanceType(type) : view(Visible.above(type));
      ofObjects.put(type, known);
    }
    return known;
  }

  /** Gives all types back. */
  void release() {
    List<Long> all = new ArrayList<>(numbers.keySet());
    all.add(layout);
    numbers.clear();
    byClass.clear();
    ofObjects.clear();
    views.clear();
    all.forEach(ObjectApi::decRef);
  }

  private long instanceType(Class<?> type) {
    long address = ofClass(type);
    return type == Object.class ? layout : address;
  }

  /** The type for new objects of a type that may itself have no room for one. */
  long withRoom(long type) {
    return type == ofClass(Object.class) ? layout : type;
  }

  /** The type for a visible class; borrowed. */
  long ofClass(Class<?> type) {
    Long known = byClass.get(type);
    if (known == null) {
      // Making it runs Python code, in the midst of which another thread may have been here.
      byClass.putIfAbsent(type, make(type));
      known = byClass.getOrDefault(type, 0L);
    }
    return known;
  }

  /** The class that one of our types stands for. */
  @Nullable Class<?> javaClass(long address) {
    Integer number = numbers.get(address);
    return number == null ? null : classOf(number);
  }

  @Nullable Class<?> classOf(int number) {
    Shown shown = made.get(number);
    return shown == null ? null : shown.type();
  }

  /** The type for a visible class that somebody has named, and which stays; borrowed. */
  long ofNamed(Class<?> type) {
    long address = ofClass(type);
    Shown shown = made.get(numbers.getOrDefault(address, 0));
    if (shown != null) {
      shown.keep();
    }
    return address;
  }

  private long make(Class<?> type) {
    JavaUse.see(type);
    Members members = new Members(type);
    Set<String> methods = new LinkedHashSet<>();
    members.methodNames().forEach(name -> methods.add(PythonNames.python(name)));
    methods.addAll(Protocols.names(type));
    methods.addAll(members.nested().keySet());
    methods.add(CLASS);
    methods.add("__new__");
    int number = made.size();
    made.add(new Shown(members));
    if (type == Object.class) {
      long root = python.call("make_root", number, List.copyOf(methods));
      numbers.put(root, number);
      layout =
          python.call(
              "make_layout",
              PythonSide.Address.of(root),
              PythonSide.Address.of(objects.handleType()));
      return root;
    }
    return register(
        number,
        type.getTypeName().substring(prefix(type)).replace('$', '.'),
        type.getPackageName(),
        bases(type, Visible.above(type)),
        methods,
        members.fields().keySet());
  }

  private static int prefix(Class<?> type) {
    Class<?> element = type;
    while (element.isArray()) {
      element = element.getComponentType();
    }
    return element.isPrimitive() || element.getPackageName().isEmpty()
        ? 0
        : element.getPackageName().length() + 1;
  }

  private long register(
      int number,
      String name,
      String module,
      PythonSide.Address[] bases,
      Set<String> methods,
      Set<String> fields) {
    long address =
        python.call(
            "make_type",
            number,
            name,
            module.isEmpty() ? "java" : module,
            bases,
            List.copyOf(methods),
            List.copyOf(fields));
    numbers.put(address, number);
    return address;
  }

  private PythonSide.Address[] bases(Class<?> type, List<Class<?>> above) {
    List<Long> bases = new ArrayList<>();
    long root = ofClass(Object.class);
    boolean hasSuper = !above.isEmpty() && !above.getFirst().isInterface();
    for (Class<?> parent : above) {
      bases.add(ofClass(parent));
    }
    if (type == Throwable.class) {
      bases.add(root);
      bases.add(python.throwableBase());
    } else if (!type.isInterface() && !hasSuper) {
      bases.add(layout);
    }
    if (MemoryViews.has(type)) {
      bases.add(objects.memoryViews().base());
    }
    return bases.stream().map(PythonSide.Address::of).toArray(PythonSide.Address[]::new);
  }

  /** The type for objects of which only these classes can be seen. */
  private long view(List<Class<?>> above) {
    if (above.isEmpty()) {
      ofClass(Object.class);
      return layout;
    }
    if (above.size() == 1 && !above.getFirst().isInterface()) {
      return ofClass(above.getFirst());
    }
    Class<?> first = above.getFirst();
    long known = knownView(above);
    if (known != 0) {
      return known;
    }
    int number = made.size();
    made.add(null);
    long view =
        register(
            number,
            first.getTypeName().substring(prefix(first)).replace('$', '.'),
            first.getPackageName(),
            bases(HiddenClass.class, above),
            Set.of("__new__"),
            Set.of());
    // Making it runs Python code, in the midst of which another thread may have been here.
    known = knownView(above);
    if (known == 0) {
      views.computeIfAbsent(first, key -> new ArrayList<>()).add(View.of(above, view));
    }
    return known == 0 ? view : known;
  }

  private long knownView(List<Class<?>> above) {
    for (View view : views.getOrDefault(above.getFirst(), List.of())) {
      if (view.isOf(above)) {
        return view.address();
      }
    }
    return 0;
  }

  /** Stands for a class without a name where bases are chosen. */
  private static final class HiddenClass {}

  /** Makes the member of a type; a new reference. */
  long link(int number, String name) {
    if (number >= made.size()) {
      throw PythonRaise.type("there is no Java type of the number " + number);
    }
    Shown shown = made.get(number);
    if (shown == null) {
      throw PythonRaise.type("objects of a class without a name cannot be made from Python");
    }
    Members members = shown.linked();
    Class<?> type = members.type();
    long address = ofClass(type);
    if (name.equals(CLASS)) {
      return objects.toPython(type);
    }
    Class<?> nested = members.nested().get(name);
    if (nested != null) {
      return objects.type(nested);
    }
    if (name.equals("__new__")) {
      return assembly.constructor(type, members.constructorExecutables());
    }
    if (name.startsWith("__") && Protocols.names(type).contains(name)) {
      return method(address, name, Protocols.executables(type, name));
    }
    Field field = members.fields().get(name);
    if (field != null) {
      return field(address, field);
    }
    return methods(members, address, javaName(members, name));
  }

  /** Java's name for one that had to differ from a keyword of Python's. */
  private static String javaName(Members members, String name) {
    String shorter = name.endsWith("_") ? name.substring(0, name.length() - 1) : name;
    boolean isKnown = members.methods().containsKey(name);
    return !isKnown && PythonNames.python(shorter).equals(name) ? shorter : name;
  }

  private long methods(Members members, long address, String name) {
    List<Executable> statics = members.executables(name, true);
    List<Executable> instance = members.executables(name, false);
    if (instance.isEmpty() && statics.isEmpty()) {
      throw new PythonRaise(ErrorApi.Types.ATTRIBUTE_ERROR, name);
    }
    if (instance.isEmpty()) {
      return function(name, statics);
    }
    if (statics.isEmpty()) {
      return method(address, name, instance);
    }
    List<Executable> both = new ArrayList<>(statics);
    instance.forEach(each -> both.add(Assembly.withReceiverAsArgument(each)));
    List<Executable> bound = new ArrayList<>(instance);
    statics.forEach(each -> bound.add(Assembly.ignoringReceiver(each)));
    return python.call(
        "Mixed",
        PythonSide.owned(function(name, both)),
        PythonSide.owned(method(address, name, bound)));
  }

  private long field(long type, Field field) {
    boolean isFinal = Modifier.isFinal(field.getModifiers());
    String name = field.getName();
    if (Modifier.isStatic(field.getModifiers())) {
      return python.call(
          "StaticField",
          name,
          PythonSide.owned(function(name, List.of(Members.getter(field)))),
          isFinal ? null : PythonSide.owned(function(name, List.of(Members.setter(field)))));
    }
    return python.call(
        "make_property",
        PythonSide.owned(method(type, name, List.of(Members.getter(field)))),
        isFinal ? null : PythonSide.owned(method(type, name, List.of(Members.setter(field)))));
  }

  private long function(String name, List<Executable> executables) {
    return TypeApi.newFunction(definition(name, executables), 0);
  }

  private long method(long type, String name, List<Executable> executables) {
    return TypeApi.newMethod(type, definition(name, executables));
  }

  private long definition(String name, List<Executable> executables) {
    StringBuilder doc = new StringBuilder();
    executables.forEach(each -> doc.append(each.signature()).append('\n'));
    return pool.function(name, doc.toString().strip(), assembly.entry(name, executables));
  }

  /** A function of Python's for one of Java's; a new reference. */
  long newFunction(String name, List<Executable> executables) {
    long function = function(name, executables);
    if (function == 0) {
      throw objects.crossing().raised();
    }
    return function;
  }

  /** A method of Python's for objects of the class; a new reference. */
  long newMethod(Class<?> type, String name, List<Executable> executables) {
    long method = method(ofClass(type), name, executables);
    if (method == 0) {
      throw objects.crossing().raised();
    }
    return method;
  }
}
