package dev.sluice.python;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;

/**
 * Names a generic type, by a subclass without a body; any thread.
 *
 * <pre>{@code
 * Map<String, List<Integer>> map = object.as(new TypeRef<Map<String, List<Integer>>>() {});
 * }</pre>
 */
public abstract class TypeRef<T> {
  private final Type type;

  protected TypeRef() {
    if (!(getClass().getGenericSuperclass() instanceof ParameterizedType generic)) {
      throw new IllegalStateException("write new TypeRef<List<String>>() {}, with the type");
    }
    type = generic.getActualTypeArguments()[0];
  }

  /** What stands between the angle brackets. */
  public final Type type() {
    return type;
  }
}
