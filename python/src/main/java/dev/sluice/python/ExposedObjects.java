package dev.sluice.python;

import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.Pool;
import dev.sluice.python.exposed.Contents;
import dev.sluice.python.exposed.Crossing;
import dev.sluice.python.exposed.JavaDoor;
import dev.sluice.python.exposed.JavaObjects;
import dev.sluice.python.exposed.PythonRaise;
import java.lang.reflect.Type;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The Java objects of one interpreter, and how a thread crosses to them; on threads that hold the
 * interpreter's GIL. What it needs of Python is made when the first object is exposed.
 */
final class ExposedObjects implements Exposure, Crossing {
  private final Interpreter interpreter;
  private final Pool pool = new Pool();
  private final Map<String, Contents> modules = new TreeMap<>();
  private @Nullable JavaObjects objects;

  private ExposedObjects(Interpreter interpreter) {
    this.interpreter = interpreter;
  }

  /** Makes an interpreter ready for Java objects; once, attached. */
  static void install(Attached py) {
    ExposedObjects exposed = new ExposedObjects(py.interpreter());
    py.interpreter().expose(exposed);
    JavaDoor door =
        new JavaDoor(exposed.pool, exposed, exposed::objects, exposed::fill, exposed.modules::get);
    try (PyObject module = py.importModule("sluice._java_door");
        PyObject function = py.own(door.function())) {
      module.setAttr("call", function);
      module.callMethod("install").close();
    }
  }

  private JavaObjects objects() {
    JavaObjects known = objects;
    if (known == null) {
      JavaObjects made = new JavaObjects(this, pool);
      // Making it runs Python code, in the midst of which another thread may have been here.
      known = objects;
      if (known == null) {
        known = made;
        objects = made;
      }
    }
    return known;
  }

  /** How many Java objects Python holds. */
  int size() {
    JavaObjects known = objects;
    return known == null ? 0 : known.size();
  }

  /** A builder of the module of the name, which is made if there is none. */
  ModuleBuilder module(Attached py, String name) {
    PyObject module;
    try (PyObject sys = py.importModule("sys");
        PyObject modules = sys.attr("modules")) {
      if (modules.contains(name)) {
        module = modules.item(name);
      } else {
        try (PyObject types = py.importModule("types")) {
          module = types.callMethod("ModuleType", name);
        }
        modules.setItem(name, module);
      }
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

  /** Gives back what Java has of Python's, which then calls Java only to free objects. */
  void releaseAll() {
    JavaObjects known = objects;
    if (known != null) {
      known.release();
    }
  }

  /**
   * Lets go of what CPython called, after the interpreter's end. Where a Python object that stands
   * for a Java one has outlived it, as in a static variable of an extension module, CPython may yet
   * call Java to free it: then all stays.
   */
  void ended() {
    if (size() == 0) {
      pool.close();
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
  public @Nullable Object convert(long object, Type type) {
    return Conversions.toJava(interpreter, object, type, 0);
  }

  @Override
  public boolean canBe(long object, Class<?> type) {
    return Proxies.fits(interpreter, object, type)
        || Scalars.natural(interpreter, object, type, 0) != null;
  }

  @Override
  public boolean has(long object, String attribute) {
    return Calls.hasAttribute(interpreter, object, attribute);
  }

  @Override
  public <T extends @Nullable Object> T attached(Supplier<T> code) {
    if (Thread.currentThread().isVirtual()) {
      return Futures.await(interpreter.submit(py -> code.get()));
    }
    try (Attached py = interpreter.attach()) {
      return code.get();
    }
  }

  @Override
  public @Nullable PyObject behind(Object value) {
    PyObject object =
        value instanceof PyFunction function ? function.object() : Proxies.behind(value);
    // What belongs to another interpreter can be used from here as a Java object only.
    return object != null && object.interpreter() == interpreter ? object : null;
  }

  @Override
  public boolean owns(PyObject object) {
    return object.interpreter() == interpreter;
  }

  @Override
  public PyObject wrap(long object) {
    ObjectApi.incRef(object);
    return interpreter.own(object);
  }

  @Override
  public long share(Object memory, boolean isWritable) {
    return JavaMemory.share(interpreter, memory, isWritable);
  }

  @Override
  public PyBuffer buffer(long object) {
    try (PyObject wrapped = wrap(object)) {
      return wrapped.buffer();
    }
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
    if (interpreter.hasLeft()) {
      throw new PythonRaise(
          ErrorApi.Types.RUNTIME_ERROR,
          "sluice %s: Java was called after the interpreter %s was closed. Keep it open until every"
                  .formatted(PythonError.INTERPRETER_CLOSED.id(), interpreter.name())
              + " caller is done.");
    }
    interpreter.crossings().intoJava++;
    ThreadState current = ThreadContext.get().current;
    if (current != null && current.interpreter == interpreter) {
      current.stack.requireForJava();
      ThreadContext.seeSignal(current);
      return null;
    }
    try {
      return Attaching.inCallback(interpreter);
    } catch (SluiceException e) {
      if (interpreter.isFinalising()) {
        // Nobody waits for this thread, which must not run Python code for its exception: before
        // 3.14 CPython would end it there, in the midst of Java's frames.
        throw new PythonRaise(
            ErrorApi.Types.RUNTIME_ERROR, "sluice %s: %s".formatted(e.code().id(), e.getMessage()));
      }
      throw e;
    }
  }

  @Override
  public long raisedBySignal() {
    ThreadState current = ThreadContext.get().current;
    if (current == null || !current.isSignalled()) {
      return 0;
    }
    current.forgetSignal();
    return ErrorApi.checkSignals() < 0 ? ErrorApi.take() : 0;
  }

  @Override
  public void leave(@Nullable Attached entered) {
    if (entered != null) {
      entered.close();
    }
  }

  @Override
  public Attached scope() {
    Attached entered = Attaching.inCallback(interpreter);
    Calls.makeWay(interpreter);
    return entered;
  }

  @Override
  public RuntimeException raised() {
    return PythonException.take(interpreter);
  }
}
