package dev.sluice.guard;

import dev.sluice.python.Attached;
import dev.sluice.python.Interpreter;
import dev.sluice.python.ModuleBuilder;
import dev.sluice.python.PyObject;
import dev.sluice.python.capi.BuiltinFunctions;
import dev.sluice.python.capi.Callbacks;
import dev.sluice.python.capi.ContainerApi;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.NumberApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.TypeApi;
import java.lang.ref.Reference;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What Python's side of the guard does to functions and types of C, each step checked: the
 * arguments are what they have to be, or it raises a TypeError and changes nothing. On whatever
 * thread calls it, attached.
 *
 * <p>Functions and types belong to one interpreter (before 3.12 types may be shared); definitions
 * of CPython's are shared by all, and are never written to.
 */
final class Rebinding {
  /** Of functions: definitions of ours, by those that they stand for; in any interpreter. */
  private static final Map<Long, Long> DEFINITIONS = new ConcurrentHashMap<>();

  private static final Callbacks.Definition COPY =
      function(
          "copy", "copy(builtin): one that does what it did when it was made", 1, Rebinding::copy);
  private static final Callbacks.Definition REBIND =
      function(
          "rebind", "rebind(builtin, callable): has it call the callable", 2, Rebinding::rebind);
  private static final Callbacks.Definition RESTORE =
      function("restore", "restore(builtin, first): with what it got first", 2, Rebinding::restore);
  private static final Callbacks.Definition FIRST =
      function("first", "first(builtin): the object that its C function gets", 1, Rebinding::first);
  private static final Callbacks.Definition DEFINITION =
      function(
          "definition", "definition(builtin): what it is defined by", 1, Rebinding::definition);
  private static final Callbacks.Definition REBOUND =
      function("rebound", "rebound(builtin): whether it is rebound", 1, Rebinding::rebound);
  private static final Callbacks.Definition WORDS =
      function("words", "words(builtin): what a rebinding changes", 1, Rebinding::words);
  private static final Callbacks.Definition SET_IN_TYPE =
      function(
          "set_in_type",
          "set_in_type(type, name, value): changes an attribute of a type of C; the former value",
          3,
          Rebinding::setInType);
  private static final Callbacks.Definition SET_SLOT =
      function(
          "set_slot",
          "set_slot(type, name, value): changes an attribute, and the slot that it stands for",
          3,
          Rebinding::setSlot);
  private static final Callbacks.Definition RESTORE_METHOD =
      function("restore_method", "restore_method(method)", 1, Rebinding::restoreMethod);

  /** Methods of C types that somebody holds, by their former definition; of this interpreter. */
  private final Map<Long, Stray> strays = new ConcurrentHashMap<>();

  private final Interpreter interpreter;

  private Rebinding(Interpreter interpreter) {
    this.interpreter = interpreter;
  }

  @FunctionalInterface
  private interface Step {
    /** A new reference, or null with an exception set; {@code arguments} are borrowed. */
    long run(long arguments);
  }

  private static Callbacks.Definition function(String name, String doc, int parameters, Step step) {
    return Callbacks.define(
        name,
        doc,
        (self, arguments, count, names) -> {
          if (count != parameters || names != 0) {
            return wrong("%s takes %d arguments".formatted(name, parameters));
          }
          return step.run(arguments);
        });
  }

  /** Gives Python's side its functions; attached. */
  static void fill(Attached py, ModuleBuilder module) {
    Rebinding rebinding = new Rebinding(module.module().interpreter());
    set(py, module, "copy", COPY);
    set(py, module, "rebind", REBIND);
    set(py, module, "restore", RESTORE);
    set(py, module, "first", FIRST);
    set(py, module, "definition", DEFINITION);
    set(py, module, "rebound", REBOUND);
    set(py, module, "words", WORDS);
    set(py, module, "set_in_type", SET_IN_TYPE);
    set(py, module, "set_slot", SET_SLOT);
    set(py, module, "restore_method", RESTORE_METHOD);
    set(
        py,
        module,
        "rebind_method",
        function("rebind_method", "rebind_method(method, callable)", 2, rebinding::rebindMethod));
    module.function("obstacle", (scope, arguments) -> BuiltinFunctions.verify().orElse(null));
  }

  private static void set(
      Attached py, ModuleBuilder module, String name, Callbacks.Definition definition) {
    try (PyObject function = py.own(definition.bind(0))) {
      module.module().setAttr(name, function);
    }
  }

  private static long argument(long arguments, int index) {
    return Memory.getLong(arguments + index * 8L);
  }

  private static long wrong(String message) {
    ErrorApi.raise(ErrorApi.Types.TYPE_ERROR, message);
    return 0;
  }

  private static long none() {
    return ref(ObjectApi.NONE);
  }

  private static long ref(long object) {
    ObjectApi.incRef(object);
    return object;
  }

  private static long copy(long arguments) {
    long builtin = argument(arguments, 0);
    if (BuiltinFunctions.isDescriptor(builtin)) {
      return BuiltinFunctions.copyDescriptor(builtin);
    }
    if (!isPlain(builtin)) {
      return wrong("only builtin functions and methods can be copied");
    }
    return BuiltinFunctions.copy(builtin);
  }

  /** A builtin function with an object that it gets, and not rebound. */
  private static boolean isPlain(long object) {
    return BuiltinFunctions.isFunction(object)
        && BuiltinFunctions.first(object) != 0
        && !BuiltinFunctions.isRebound(object);
  }

  private static long rebind(long arguments) {
    long builtin = argument(arguments, 0);
    long callable = argument(arguments, 1);
    if (!isPlain(builtin) || !ObjectApi.isCallable(callable)) {
      return wrong("only a builtin function that is not rebound yet can be, and to a callable");
    }
    long definition =
        DEFINITIONS.computeIfAbsent(
            BuiltinFunctions.formerDefinition(builtin),
            former -> BuiltinFunctions.definitionFor(builtin));
    BuiltinFunctions.rebind(builtin, definition, callable);
    return none();
  }

  private static long restore(long arguments) {
    long builtin = argument(arguments, 0);
    if (!BuiltinFunctions.isFunction(builtin) || !BuiltinFunctions.isRebound(builtin)) {
      return wrong("only a builtin function that is rebound can be restored");
    }
    BuiltinFunctions.restore(builtin, argument(arguments, 1));
    return none();
  }

  private static long first(long arguments) {
    long builtin = argument(arguments, 0);
    if (!BuiltinFunctions.isFunction(builtin) || BuiltinFunctions.first(builtin) == 0) {
      return wrong("only builtin functions that get an object have one");
    }
    return ref(BuiltinFunctions.first(builtin));
  }

  private static long definition(long arguments) {
    long builtin = argument(arguments, 0);
    if (!BuiltinFunctions.isFunction(builtin) && !BuiltinFunctions.isDescriptor(builtin)) {
      return wrong("only builtin functions and methods of C types have a definition");
    }
    return NumberApi.fromLong(BuiltinFunctions.formerDefinition(builtin));
  }

  private static long rebound(long arguments) {
    long builtin = argument(arguments, 0);
    if (!BuiltinFunctions.isFunction(builtin) && !BuiltinFunctions.isDescriptor(builtin)) {
      return wrong("only builtin functions and methods of C types can be rebound");
    }
    return ref(BuiltinFunctions.isRebound(builtin) ? ObjectApi.TRUE : ObjectApi.FALSE);
  }

  private static long words(long arguments) {
    long builtin = argument(arguments, 0);
    if (!BuiltinFunctions.isFunction(builtin) && !BuiltinFunctions.isDescriptor(builtin)) {
      return wrong("only builtin functions and methods of C types have such words");
    }
    long list = ContainerApi.newList();
    for (long word : BuiltinFunctions.words(builtin)) {
      long number = NumberApi.fromLong(word);
      ContainerApi.append(list, number);
      ObjectApi.decRef(number);
    }
    return list;
  }

  private static long setInType(long arguments) {
    long type = argument(arguments, 0);
    long name = argument(arguments, 1);
    if (!ObjectApi.is(type, TypeApi.TYPE_TYPE)) {
      return wrong("only types have attributes of their own");
    }
    long dict = BuiltinFunctions.typeDict(type);
    if (dict == 0) {
      return 0;
    }
    long former = ContainerApi.getDictItem(dict, name);
    if (former == 0) {
      ObjectApi.decRef(dict);
      return ErrorApi.occurred() ? 0 : wrong("the type has no such attribute");
    }
    ObjectApi.incRef(former);
    int failed = ContainerApi.setDictItem(dict, name, argument(arguments, 2));
    BuiltinFunctions.typeModified(type);
    ObjectApi.decRef(dict);
    if (failed != 0) {
      ObjectApi.decRef(former);
      return 0;
    }
    return former;
  }

  private static long setSlot(long arguments) {
    long type = argument(arguments, 0);
    if (!ObjectApi.is(type, TypeApi.TYPE_TYPE)) {
      return wrong("only types have slots");
    }
    return TypeApi.setWithSlot(type, argument(arguments, 1), argument(arguments, 2)) ? none() : 0;
  }

  /** What a method of a C type that somebody holds calls, now or when it was bound. */
  private static final class Stray {
    private volatile long callable;
    private long definition;

    long call(Interpreter interpreter, long self, long arguments, long count, long names) {
      long keywords = names == 0 ? 0 : ContainerApi.size(names);
      Memory.Block block = Memory.allocate((1 + count + keywords) * 8);
      Memory.putLong(block.address(), self);
      for (long i = 0; i < count + keywords; i++) {
        Memory.putLong(block.address() + (i + 1) * 8, Memory.getLong(arguments + i * 8));
      }
      try (Attached py = interpreter.attachedInCallback()) {
        return ObjectApi.vectorcall(callable, block.address(), count + 1, names);
      } finally {
        Reference.reachabilityFence(block);
      }
    }
  }

  private long rebindMethod(long arguments) {
    long method = argument(arguments, 0);
    long callable = argument(arguments, 1);
    if (!BuiltinFunctions.isDescriptor(method)
        || BuiltinFunctions.isRebound(method)
        || !ObjectApi.isCallable(callable)) {
      return wrong("only a method of a C type that is not rebound yet can be, and to a callable");
    }
    Stray stray =
        strays.computeIfAbsent(
            BuiltinFunctions.formerDefinition(method),
            former -> {
              Stray made = new Stray();
              made.definition =
                  BuiltinFunctions.definitionFor(
                      method,
                      (self, its, count, names) -> made.call(interpreter, self, its, count, names));
              return made;
            });
    // The last one is kept for ever: methods that are bound meanwhile may outlive all else.
    long before = stray.callable;
    stray.callable = ref(callable);
    ObjectApi.decRef(before);
    BuiltinFunctions.rebindDescriptor(method, stray.definition);
    return none();
  }

  private static long restoreMethod(long arguments) {
    long method = argument(arguments, 0);
    if (!BuiltinFunctions.isDescriptor(method) || !BuiltinFunctions.isRebound(method)) {
      return wrong("only a method that is rebound can be restored");
    }
    BuiltinFunctions.restoreDescriptor(method);
    return none();
  }
}
