package dev.sluice.python.exposed;

import dev.sluice.python.CloseOnDrop;
import dev.sluice.python.PythonException;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.Pool;
import dev.sluice.python.capi.TypeApi;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The Java objects in one interpreter, on threads that hold its GIL.
 *
 * <p>A Python object holds the number of a Java one, which {@link Handles} keeps until the Python
 * object is deallocated. So Python keeps Java objects alive; a Java object that holds a PyObject
 * which leads back to it is a cycle over both heaps, which neither collector can see.
 */
public final class JavaObjects {
  private final Pool pool;
  private final Handles handles = new Handles();
  private final Crossing crossing;
  private final long handleType;
  private final PythonSide python;
  private final MemoryViews memoryViews;
  private final Types types;
  private final Throwables throwables;
  private final Results results;
  private final Assembly assembly;

  /**
   * Makes what all of them need.
   *
   * @param pool for what CPython calls; to be closed when the interpreter is gone
   */
  public JavaObjects(Crossing crossing, Pool pool) {
    this.pool = pool;
    this.crossing = crossing;
    this.handleType = TypeApi.newHandleType(pool, "sluice.java.Handle", dealloc());
    if (handleType == 0) {
      throw crossing.raised();
    }
    this.python = new PythonSide(crossing);
    this.results = new Results(this, crossing);
    this.throwables = new Throwables(this, crossing, python);
    this.assembly =
        new Assembly(
            this,
            crossing,
            new Arguments(this, crossing, pool),
            new Lender(this, crossing),
            results);
    this.memoryViews = new MemoryViews(this, crossing, pool);
    this.types = new Types(this, python, assembly, pool);
    types.ofClass(Object.class);
  }

  private MethodHandle dealloc() {
    try {
      return MethodHandles.lookup()
          .bind(this, "dealloc", MethodType.methodType(void.class, long.class));
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("JavaObjects.dealloc", e);
    }
  }

  Pool pool() {
    return pool;
  }

  long handleType() {
    return handleType;
  }

  Types types() {
    return types;
  }

  MemoryViews memoryViews() {
    return memoryViews;
  }

  Throwables throwables() {
    return throwables;
  }

  Assembly assembly() {
    return assembly;
  }

  PythonSide python() {
    return python;
  }

  Crossing crossing() {
    return crossing;
  }

  /** Gives back all types; afterwards Python may only free objects. */
  public void release() {
    types.release();
    memoryViews.release();
    python.release();
    ObjectApi.decRef(handleType);
  }

  /** How many Java objects Python holds. */
  public int size() {
    return handles.size();
  }

  /** A new reference to what stands for a value as the result of a call. */
  public long result(@Nullable Object value) {
    return results.fromObject(value);
  }

  /** A new reference to what stands for the object, or null with an exception set. */
  public long toPython(Object object) {
    long known = known(object);
    if (known != 0) {
      return known;
    }
    if (object instanceof Throwable throwable) {
      return throwables.wrap(throwable);
    }
    long allocated = TypeApi.allocate(types.ofObject(object));
    // Making a type runs Python code, in the midst of which another thread may have been here.
    known = allocated == 0 ? 0 : known(object);
    if (known != 0) {
      ObjectApi.decRef(allocated);
      return known;
    }
    if (allocated != 0) {
      keep(object, allocated, allocated);
    }
    return allocated;
  }

  /** A new reference to the living Python object for the object; null if there is none. */
  long known(Object object) {
    Handles.Entry entry = handles.find(object);
    // One whose count is 0 is just being deallocated.
    if (entry == null || ObjectApi.refCount(entry.python) == 0) {
      return 0;
    }
    ObjectApi.incRef(entry.python);
    return entry.python;
  }

  /** A new Python object of the type for a Java object. */
  long allocate(long type, Object object) {
    long allocated = TypeApi.allocate(type);
    if (allocated != 0) {
      keep(object, allocated, allocated);
    }
    return allocated;
  }

  /** A new object that holds a Java object for another one, which stands for it. */
  long newHandle(Object object) {
    long handle = TypeApi.allocate(handleType);
    if (handle != 0) {
      keep(object, handle, handle);
    }
    return handle;
  }

  /** Notes that another Python object than the one with the handle stands for the Java object. */
  void standFor(Object object, long address) {
    Handles.Entry entry = handles.find(object);
    if (entry != null) {
      entry.python = address;
    }
  }

  private void keep(Object object, long holder, long standIn) {
    Handles.Entry entry = handles.add(object);
    entry.python = standIn;
    TypeApi.setHandle(holder, entry.number);
  }

  /** The Java object that a Python object stands for, or null if it stands for none. */
  public @Nullable Object toJava(long address) {
    if (ObjectApi.is(address, handleType)) {
      return handles.get(TypeApi.handle(address));
    }
    if (ObjectApi.is(address, python.throwableBase())) {
      long handle = Memory.getLong(address + python.throwableSlot());
      // Python code can put anything there.
      boolean isOurs = handle != 0 && ObjectApi.is(handle, handleType);
      return isOurs ? handles.get(TypeApi.handle(handle)) : null;
    }
    return ObjectApi.type(address) == python.javaType() ? types.javaClass(address) : null;
  }

  /** Raises a Java exception in Python, with the frames that it has seen. */
  public void raise(Throwable throwable) {
    throwables.raise(throwable);
  }

  // Called by CPython only: an exception that left it would end the JVM, so that all are caught.
  @SuppressWarnings("unused")
  private void dealloc(long object) {
    try {
      Object removed = handles.remove(TypeApi.handle(object));
      TypeApi.free(object);
      if (removed instanceof AutoCloseable closeable
          && removed.getClass().isAnnotationPresent(CloseOnDrop.class)) {
        Closer.close(closeable);
      }
    } catch (Throwable t) {
      Closer.report(t);
    }
  }

  /** The Python type of a public class; a new reference. */
  public long type(Class<?> type) {
    long address = types.ofNamed(type);
    ObjectApi.incRef(address);
    return address;
  }

  /** Whether anybody may use the class. */
  public static boolean isVisible(Class<?> type) {
    return Visible.is(type);
  }

  /** A new function that calls a Java one. */
  public long function(String name, Class<?> type, Object function) {
    Executable method = functionOf(type);
    Executable bound =
        new Executable(
            name,
            method.handle().bindTo(function),
            false,
            method.parameters(),
            method.isVarargs(),
            method.keepsGil());
    return types.newFunction(name, List.of(bound));
  }

  /** The method of a functional interface. */
  private static Executable functionOf(Class<?> type) {
    List<Executable> found = Protocols.executables(type, "__call__");
    if (found.isEmpty()) {
      throw new IllegalArgumentException(type + " is no functional interface");
    }
    return found.getFirst();
  }

  /** The names of the public static methods of a class. */
  public Collection<String> staticNames(Class<?> type) {
    Members members = new Members(type);
    List<String> names = new ArrayList<>();
    for (String name : members.methodNames()) {
      if (!members.executables(name, true).isEmpty()) {
        names.add(name);
      }
    }
    return names;
  }

  /** A new function that calls the static methods of a name. */
  public long staticFunction(Class<?> type, String name) {
    return types.newFunction(name, new Members(type).executables(name, true));
  }

  /** Makes the member of the name that a type has only promised so far; a new reference. */
  public long link(int typeNumber, String name) {
    return types.link(typeNumber, name);
  }

  /** One overload of a method of a type, by its signature; a new reference. */
  public long overload(long typeNumber, String signature) {
    return new Overloads(this).find((int) typeNumber, signature);
  }

  /** Too little of the stack is left for anything more. */
  private static void raiseRecursion(StackOverflowError error) {
    String message = error.getMessage();
    ErrorApi.raise(
        ErrorApi.Types.RECURSION_ERROR,
        message == null ? "maximum recursion depth exceeded in Java" : message);
  }

  /** Sets Python's exception for what Java code of ours threw. */
  public void fail(Throwable throwable) {
    // First, because raising runs Python code, where the handler would run in the midst.
    long interrupt = crossing.raisedBySignal();
    set(throwable);
    if (interrupt != 0) {
      ErrorApi.raiseAfter(interrupt, ErrorApi.take());
    }
  }

  private void set(Throwable throwable) {
    switch (throwable) {
      case PythonRaise raise -> raise.set();
      case WrongResult wrong ->
          ErrorApi.raise(ErrorApi.Types.TYPE_ERROR, String.valueOf(wrong.getMessage()));
      case StackOverflowError error -> raiseRecursion(error);
      case Throwable other -> {
        try {
          throwables.raise(other);
        } catch (PythonException e) {
          throwables.raise(e); // of the Python code that raising runs, as a signal's handler
        }
      }
    }
    if (!ErrorApi.occurred()) {
      ErrorApi.raise(ErrorApi.Types.RUNTIME_ERROR, "Java raised " + throwable);
    }
  }
}
