package dev.sluice.python;

import dev.sluice.python.capi.ObjectApi;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A reference to a Python object; may be kept and handed to any thread, and dropped anywhere.
 *
 * <p>Every use needs a thread attached to the object's interpreter, and throws {@link
 * SluiceException} otherwise; what Python raises is a {@link PythonException}. An object that is no
 * longer reachable gives its reference back by itself, at the interpreter's next attach or a second
 * later; {@link #close} does so at once. Objects that reach each other through both Java and Python
 * are seen whole by neither collector: break such a circle with {@link #weak}.
 *
 * <p>Arguments may be of any type that {@link Attached#toPython} takes. {@link Keywords}, as the
 * last argument of a call, are keyword arguments. {@code equals} and {@code hashCode} are those of
 * the Python object's identity ({@code is}), and need no attachment; a closed object equals itself
 * only. {@code ==} of Python is {@link #isEqual}.
 */
public final class PyObject implements AutoCloseable, Iterable<PyObject> {
  private final Interpreter interpreter;
  private final References.Counted reference;

  PyObject(Interpreter interpreter, long address) {
    this.interpreter = interpreter;
    this.reference = interpreter.references().keep(this, address);
  }

  /** The interpreter that the object lives in. */
  public Interpreter interpreter() {
    return interpreter;
  }

  /** The {@code PyObject*}, borrowed: valid while this object is reachable and not closed. */
  public long address() {
    Calls.state(interpreter);
    return open();
  }

  private long open() {
    if (reference.isClosed()) {
      throw Calls.closedObject(interpreter);
    }
    return reference.address;
  }

  /**
   * A new reference, for the time of one use: another thread may close this object while Python
   * runs. Safe, because none can get the GIL before it is counted.
   */
  long hold() {
    Calls.state(interpreter);
    return holdAttached();
  }

  /** The same, where the thread is known to be attached. */
  long holdAttached() {
    long object = open();
    ObjectApi.incRef(object);
    return object;
  }

  /** The attribute of the name. */
  public PyObject attr(String name) {
    long object = hold();
    try {
      return own(Calls.attribute(interpreter, object, name));
    } finally {
      Calls.done(interpreter, object);
    }
  }

  /** Sets the attribute of the name. */
  public void setAttr(String name, @Nullable Object value) {
    long converted = convert(value);
    try {
      storeAttr(name, converted);
    } finally {
      Calls.done(interpreter, converted);
    }
  }

  /** Deletes the attribute of the name. */
  public void delAttr(String name) {
    storeAttr(name, 0);
  }

  private void storeAttr(String name, long value) {
    long object = hold();
    try {
      check(Calls.storeAttribute(interpreter, object, name, value));
    } finally {
      Calls.done(interpreter, object);
    }
  }

  /** Whether there is such an attribute; what else goes wrong in reading it is thrown. */
  public boolean hasAttr(String name) {
    long object = hold();
    try {
      return Calls.hasAttribute(interpreter, object, name);
    } finally {
      Calls.done(interpreter, object);
    }
  }

  /** {@code self[key]}. */
  public PyObject item(@Nullable Object key) {
    return own(with(key, ObjectApi::getItem));
  }

  /** {@code self[key] = value}. */
  public void setItem(@Nullable Object key, @Nullable Object value) {
    long converted = convert(value);
    try {
      check(with(key, (object, index) -> ObjectApi.setItem(object, index, converted)));
    } finally {
      Calls.done(interpreter, converted);
    }
  }

  /** {@code del self[key]}. */
  public void delItem(@Nullable Object key) {
    check(with(key, ObjectApi::removeItem));
  }

  /** {@code item in self}. */
  public boolean contains(@Nullable Object item) {
    return check(with(item, ObjectApi::contains));
  }

  /** {@code len(self)}. */
  public long length() {
    long length = alone(ObjectApi::length);
    check(length);
    return length;
  }

  /** Calls the object. */
  public PyObject call(@Nullable Object... arguments) {
    ThreadState state = Calls.state(interpreter);
    long object = holdAttached();
    try {
      return own(Calls.call(interpreter, state, object, arguments));
    } finally {
      Calls.done(interpreter, object);
    }
  }

  /** Calls the method of the name. */
  public PyObject callMethod(String name, @Nullable Object... arguments) {
    long object = hold();
    try {
      return own(Calls.invoke(interpreter, object, name, arguments));
    } finally {
      Calls.done(interpreter, object);
    }
  }

  /** The object as something that is called often, at little cost. */
  public PyFunction function() {
    return new PyFunction(this);
  }

  /** The items of an iterable, read one by one; the thread must be attached while they are. */
  @Override
  public Iterator<PyObject> iterator() {
    return Items.of(this);
  }

  /** The same as a stream. */
  public Stream<PyObject> stream() {
    return Items.stream(iterator());
  }

  /** {@code iter(self)}. */
  PyObject iter() {
    return own(alone(ObjectApi::getIter));
  }

  /** Whether both are one object: {@code self is other}. */
  public boolean isSame(PyObject other) {
    return interpreter == other.interpreter && address() == other.address();
  }

  /** {@code self == other}. */
  public boolean isEqual(@Nullable Object other) {
    return compare(Comparison.EQUAL, other);
  }

  /** The truth value of a comparison, such as {@code self < other}. */
  public boolean compare(Comparison comparison, @Nullable Object other) {
    try (PyObject result =
        own(with(other, (self, value) -> ObjectApi.compare(self, value, comparison.code())))) {
      return result.isTrue();
    }
  }

  /** {@code hash(self)}. */
  public long pythonHash() {
    long hash = alone(ObjectApi::hash);
    check(hash == -1 ? -1 : 0);
    return hash;
  }

  /** {@code repr(self)}. */
  public String repr() {
    return Calls.text(interpreter, alone(ObjectApi::repr));
  }

  /** {@code type(self)}. */
  public PyObject type() {
    long type = ObjectApi.type(address());
    ObjectApi.incRef(type);
    return own(type);
  }

  /** {@code isinstance(self, type)}; a tuple of types will do. */
  public boolean isInstance(PyObject type) {
    return check(with(type, ObjectApi::isInstance));
  }

  /** {@code callable(self)}. */
  public boolean isCallable() {
    return ObjectApi.isCallable(address());
  }

  /** {@code self is None}. */
  public boolean isNone() {
    return address() == ObjectApi.NONE;
  }

  /** The truth value, as {@code bool()}. */
  public boolean isTrue() {
    return check(alone(ObjectApi::isTrue));
  }

  /**
   * Runs Java code as the body of {@code with self as value}; {@code __exit__} is told what the
   * body threw.
   *
   * @return the body's result; null if {@code __exit__} has suppressed what it threw
   */
  public <T> @Nullable T with(Function<PyObject, T> body) {
    return ContextManagers.with(this, body);
  }

  /**
   * The value as a Java type; see docs/conversions.md.
   *
   * @throws ClassCastException if the object has no such value, as None has none
   * @throws ArithmeticException if the value does not fit the type
   */
  public <T> T as(Class<T> type) {
    return Conversions.required(asOptional(type), type);
  }

  /** The value as a generic type. */
  @SuppressWarnings("unchecked") // the token's type is T
  public <T> T as(TypeRef<T> type) {
    return (T) Conversions.required(this, type.type());
  }

  /** The value as a Java type; empty for None. */
  @SuppressWarnings("unchecked") // int.class is a Class<Integer>
  public <T> Optional<T> asOptional(Class<T> type) {
    return (Optional<T>) Conversions.optional(this, Scalars.boxed(type));
  }

  /** The values of an iterable. */
  @SuppressWarnings("unchecked") // read as that type
  public <T> List<T> asList(Class<T> type) {
    return (List<T>) Conversions.required(this, Types.of(List.class, Scalars.boxed(type)));
  }

  /** The entries of a mapping. */
  @SuppressWarnings("unchecked") // read as that type
  public <K, V> Map<K, V> asMap(Class<K> key, Class<V> value) {
    Class<?> keys = Scalars.boxed(key);
    return (Map<K, V>) Conversions.required(this, Types.of(Map.class, keys, Scalars.boxed(value)));
  }

  /** The object's own memory, without a copy: whatever it is, bytes or an array of numbers. */
  public PyBuffer buffer() {
    return PyBuffer.of(this, false);
  }

  /** The same, with a BufferError if the memory is read-only. */
  public PyBuffer writableBuffer() {
    return PyBuffer.of(this, true);
  }

  /** A reference that does not keep the object alive. */
  public PyWeak weak() {
    return new PyWeak(own(alone(ObjectApi::newWeak)));
  }

  /** The strings that the object yields, joined. */
  String joinedText() {
    return stream().map(item -> item.as(String.class)).collect(Collectors.joining());
  }

  /** A use of the object. */
  private interface Use {
    long use(long object);
  }

  /** A use of the object with another. */
  private interface UseWith {
    long use(long object, long other);
  }

  private long alone(Use use) {
    long object = hold();
    try {
      return use.use(object);
    } finally {
      Calls.done(interpreter, object);
    }
  }

  private long with(@Nullable Object other, UseWith use) {
    long object = hold();
    try {
      long converted = convert(other);
      try {
        return use.use(object, converted);
      } finally {
        ObjectApi.decRef(converted);
      }
    } finally {
      Calls.done(interpreter, object);
    }
  }

  private long convert(@Nullable Object value) {
    Calls.state(interpreter);
    return Calls.orThrow(interpreter, Conversions.toPython(interpreter, value));
  }

  /** Throws what a negative result stands for; otherwise whether it is not 0. */
  private boolean check(long result) {
    if (result < 0) {
      throw PythonException.take(interpreter);
    }
    return result != 0;
  }

  private PyObject own(long result) {
    return interpreter.own(Calls.orThrow(interpreter, result));
  }

  /** {@code str(self)}. */
  String str() {
    return Calls.text(interpreter, alone(ObjectApi::str));
  }

  /**
   * {@code str()} of the object. A thread that is not attached attaches for it, and a virtual one
   * asks a worker; where that takes longer than 0.1 s, or the object is gone, the text is only what
   * can be said without Python.
   */
  @Override
  public String toString() {
    return ObjectText.of(this, reference.isClosed());
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || (other instanceof PyObject object
            && reference.address == object.reference.address
            && interpreter == object.interpreter
            && !reference.isClosed()
            && !object.reference.isClosed());
  }

  @Override
  public int hashCode() {
    return Long.hashCode(reference.address >>> 4);
  }

  /** Gives the reference back; from any thread, and more than once does no harm. */
  @Override
  public void close() {
    reference.giveBack();
  }
}
