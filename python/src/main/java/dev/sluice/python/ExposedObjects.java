package dev.sluice.python;

import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.exposed.Contents;
import dev.sluice.python.exposed.Crossing;
import dev.sluice.python.exposed.JavaDoor;
import dev.sluice.python.exposed.JavaObjects;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The Java objects of one interpreter, and how a thread crosses to them; on threads that hold the
 * interpreter's GIL. What it needs of Python is made when the first object is exposed.
 */
final class ExposedObjects implements Exposure, Crossing {
  private final Interpreter interpreter;
  private final Map<String, Contents> modules = new TreeMap<>();
  private @Nullable JavaObjects objects;

  private ExposedObjects(Interpreter interpreter) {
    this.interpreter = interpreter;
  }

  /** Makes an interpreter ready for Java objects; once, attached. */
  static void install(Attached py) {
    ExposedObjects exposed = new ExposedObjects(py.interpreter());
    py.interpreter().expose(exposed);
    JavaDoor door = new JavaDoor(exposed, exposed::objects, exposed::fill, exposed.modules::get);
    try (PyObject module = py.importModule("sluice._java_door");
        PyObject function = py.own(door.function())) {
      module.setAttr("call", function);
      module.callMethod("install").close();
    }
  }

  private JavaObjects objects() {
    JavaObjects known = objects;
    if (known == null) {
      JavaObjects made = new JavaObjects(this);
      // Making it runs Python code, in the midst of which another thread may have been here.
      known = objects;
      if (known == null) {
        known = made;
        objects = made;
      }
    }
    return known;
  }

  /** How many Java objects Python holds; for tests. */
  int size() {
    JavaObjects known = objects;
    return known == null ? 0 : known.size();
  }

  /** A builder of the module of the name, which is made if there is none. */
  ModuleBuilder module(Attached py, String name) {
    PyObject modules = py.importModule("sys").attr("modules");
    PyObject module;
    if (modules.callMethod("__contains__", name).isTrue()) {
      module = modules.item(name);
    } else {
      module = py.importModule("types").callMethod("ModuleType", name);
      modules.callMethod("__setitem__", name, module).close();
    }
    return new ModuleBuilder(py, module, objects(), contents(name));
  }

  private Contents contents(String name) {
    return modules.computeIfAbsent(name, key -> new Contents());
  }

  private void fill(PythonModule provider, long module) {
    try (Attached py = scope()) {
      contents(provider.name()).clear();
      provider.fill(new ModuleBuilder(py, wrap(module), objects(), contents(provider.name())));
    }
  }

  /** Lets go of what CPython called; after the interpreter's end. */
  void ended() {
    JavaObjects known = objects;
    if (known != null) {
      known.ended();
    }
  }

  @Override
  public long toPython(Object value) {
    return objects().toPython(value);
  }

  @Override
  public @Nullable Object toJava(long address) {
    JavaObjects known = objects;
    return known == null ? null : known.toJava(address);
  }

  @Override
  public long convert(@Nullable Object value) {
    return Conversions.toPython(interpreter, value);
  }

  @Override
  public @Nullable Object convert(long object, Class<?> type) {
    try (PyObject wrapped = wrap(object)) {
      return wrapped.as(type);
    }
  }

  @Override
  public PyObject wrap(long object) {
    ObjectApi.incRef(object);
    return interpreter.own(object);
  }

  @Override
  public Object release() {
    return Objects.requireNonNull(ThreadContext.giveBack());
  }

  @Override
  public void restore(Object released) {
    ThreadContext.takeAgain((ThreadState) released);
    interpreter.housekeep();
  }

  @Override
  public @Nullable Attached enter() {
    ThreadState current = ThreadContext.get().current;
    if (current != null && current.interpreter == interpreter) {
      current.stack.requireForJava();
      return null;
    }
    return Attached.inCallback(interpreter);
  }

  @Override
  public void leave(@Nullable Attached entered) {
    if (entered != null) {
      entered.close();
    }
  }

  @Override
  public Attached scope() {
    return Attached.inCallback(interpreter);
  }

  @Override
  public RuntimeException raised() {
    return PythonException.take(interpreter);
  }
}
