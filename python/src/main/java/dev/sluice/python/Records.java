package dev.sluice.python;

import dev.sluice.python.capi.ContainerApi;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;
import dev.sluice.python.exposed.Optionals;
import dev.sluice.python.exposed.PythonNames;
import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Records and enums that cross, on an attached thread.
 *
 * <p>A record is a named tuple of the same name in Python. It is read from a dict by its
 * components' names, from a plain list or tuple (and the named tuple of a record) by their order,
 * and from anything else (a named tuple, a dataclass, any object) by attributes. What has no value
 * is an exception, unless the component is an Optional; what a record has no component for is
 * ignored in a dict and an object, and an exception in a list or tuple.
 */
final class Records {
  private Records() {}

  static long toPython(Interpreter interpreter, Record value, int depth) {
    Conversions.checkDepth(depth, "a Java record");
    RecordComponent[] components = value.getClass().getRecordComponents();
    long type = interpreter.names().type(value.getClass(), () -> newType(interpreter, value));
    if (type == 0) {
      return 0;
    }
    long fields = ContainerApi.newList();
    if (fields == 0) {
      return 0;
    }
    try {
      for (RecordComponent component : components) {
        long field = Conversions.toPython(interpreter, read(component, value), depth + 1);
        int result = field == 0 ? -1 : ContainerApi.append(fields, field);
        ObjectApi.decRef(field);
        if (result < 0) {
          return 0;
        }
      }
      long tuple = ContainerApi.asTuple(fields);
      long made = tuple == 0 ? 0 : ObjectApi.call(type, tuple, 0);
      ObjectApi.decRef(tuple);
      return made;
    } finally {
      ObjectApi.decRef(fields);
    }
  }

  private static long newType(Interpreter interpreter, Record value) {
    Class<?> type = value.getClass();
    Collection<String> names =
        Arrays.stream(type.getRecordComponents())
            .map(component -> PythonNames.field(component.getName()))
            .toList();
    return Calls.make(
        interpreter,
        Names.Imported.NAMED_TUPLE,
        type.getSimpleName(),
        names,
        // What is still no name, or is there twice, becomes _0, _1 and so on.
        Keywords.of("rename", true));
  }

  private static @Nullable Object read(RecordComponent component, Record value) {
    try {
      return open(component.getAccessor(), value.getClass()).invoke(value);
    } catch (InvocationTargetException e) {
      throw new IllegalStateException("reading " + component + " failed", e.getCause());
    } catch (IllegalAccessException e) {
      throw notOpen(value.getClass(), e);
    }
  }

  static Object toJava(Interpreter interpreter, long object, Class<?> type, int depth) {
    Conversions.checkDepth(depth, "a Python object");
    RecordComponent[] components = type.getRecordComponents();
    @Nullable Object[] values = new @Nullable Object[components.length];
    long made = interpreter.names().type(type, () -> 0);
    boolean ordered =
        ObjectApi.type(object) == ContainerApi.LIST_TYPE
            || ObjectApi.type(object) == ContainerApi.TUPLE_TYPE
            || ObjectApi.type(object) == made;
    if (ordered && ContainerApi.size(object) != values.length) {
      throw new ClassCastException(
          "a Python %s of %d items has no value of the record %s, which has %d components"
              .formatted(
                  UnicodeApi.typeName(object),
                  ContainerApi.size(object),
                  type.getName(),
                  values.length));
    }
    for (int i = 0; i < values.length; i++) {
      long field = ordered ? item(object, i) : named(interpreter, object, components[i]);
      try {
        values[i] =
            Conversions.toJava(interpreter, field, components[i].getGenericType(), depth + 1);
      } finally {
        ObjectApi.decRef(field);
      }
    }
    return construct(type, components, values);
  }

  private static long item(long sequence, int index) {
    long item =
        ObjectApi.type(sequence) == ContainerApi.LIST_TYPE
            ? index < ContainerApi.size(sequence) ? ContainerApi.listItem(sequence, index) : 0
            : ContainerApi.tupleItem(sequence, index);
    if (item == 0) {
      throw new IllegalStateException("a Python list changed while it was read");
    }
    ObjectApi.incRef(item);
    return item;
  }

  private static long named(Interpreter interpreter, long object, RecordComponent component) {
    boolean dict = ObjectApi.is(object, ContainerApi.DICT_TYPE);
    long found = named(interpreter, object, component.getName(), dict);
    String another = PythonNames.field(component.getName());
    if (found == 0 && !another.equals(component.getName())) {
      found = named(interpreter, object, another, dict);
    }
    if (found != 0) {
      return found;
    }
    if (Optionals.isOne(component.getType())) {
      ObjectApi.incRef(ObjectApi.NONE);
      return ObjectApi.NONE;
    }
    throw new ClassCastException(
        "a Python %s has no %s \"%s\" for the record %s"
            .formatted(
                UnicodeApi.typeName(object),
                dict ? "key" : "attribute",
                component.getName(),
                component.getDeclaringRecord().getName()));
  }

  /** What a dict has under the name, or another object as its attribute; null if there is none. */
  private static long named(Interpreter interpreter, long object, String name, boolean dict) {
    long key = Calls.orThrow(interpreter, interpreter.names().name(name));
    long found = dict ? ObjectApi.getItem(object, key) : ObjectApi.getAttr(object, key);
    ObjectApi.decRef(key);
    if (found == 0) {
      if (!ErrorApi.matches(dict ? ErrorApi.Types.KEY_ERROR : ErrorApi.Types.ATTRIBUTE_ERROR)) {
        throw PythonException.take(interpreter);
      }
      ErrorApi.clear();
    }
    return found;
  }

  private static Object construct(
      Class<?> type, RecordComponent[] components, @Nullable Object[] values) {
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    try {
      Constructor<?> constructor = type.getDeclaredConstructor(types);
      return open(constructor, type).newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException refused) {
        throw refused;
      }
      throw new IllegalStateException("making a " + type.getName() + " failed", e.getCause());
    } catch (ReflectiveOperationException e) {
      throw notOpen(type, e);
    }
  }

  private static <T extends AccessibleObject> T open(T member, Class<?> type) {
    if (!member.trySetAccessible()) {
      throw notOpen(type, null);
    }
    return member;
  }

  private static IllegalStateException notOpen(Class<?> type, @Nullable Exception cause) {
    return new IllegalStateException(
        "the record %s cannot be reached: make it public, or open its package to dev.sluice.python"
            .formatted(type.getName()),
        cause);
  }

  /** The constant whose name a str is, or a member of a Python enum has. */
  static Object toEnum(Interpreter interpreter, long object, Class<?> type) {
    String name;
    if (interpreter.names().is(object, Names.Imported.ENUM)) {
      long member = Calls.attribute(interpreter, object, "name");
      try {
        name = Texts.toString(interpreter, member);
      } finally {
        ObjectApi.decRef(member);
      }
    } else if (ObjectApi.is(object, UnicodeApi.TYPE)) {
      name = UnicodeApi.toString(object);
    } else {
      throw Conversions.noValue(object, type);
    }
    for (Object constant : type.getEnumConstants()) {
      if (((Enum<?>) constant).name().equals(name)) {
        return constant;
      }
    }
    throw new ClassCastException(
        "the Java enum %s has no constant \"%s\"".formatted(type.getName(), name));
  }
}
