package dev.sluice.python;

import dev.sluice.python.capi.BufferApi;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.Memory;
import java.lang.ref.Reference;
import java.lang.reflect.Type;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whole arrays of numbers out of objects with the buffer protocol, by one copy; on an attached
 * thread.
 */
final class Buffers {
  /** Which formats of the struct module are which Java type, if the sizes agree too. */
  private static final Map<Type, String> FORMATS =
      Map.of(
          byte.class, "bBc",
          short.class, "h",
          int.class, "il",
          long.class, "lqn",
          float.class, "f",
          double.class, "d",
          boolean.class, "?");

  private Buffers() {}

  /** An array of the component type; null if the object has no buffer of such items. */
  static @Nullable Object copy(long object, Type component) {
    String formats = FORMATS.get(component);
    if (formats == null || !BufferApi.isBuffer(object)) {
      return null;
    }
    Memory.Block view = Memory.allocate(BufferApi.VIEW_SIZE);
    try {
      if (BufferApi.get(object, view.address(), false) < 0) {
        ErrorApi.clear();
        return null;
      }
      try {
        return copyView(view.address(), (Class<?>) component, formats);
      } finally {
        BufferApi.release(view.address());
      }
    } finally {
      Reference.reachabilityFence(view);
    }
  }

  private static @Nullable Object copyView(long view, Class<?> component, String formats) {
    String format = BufferApi.format(view);
    // '<' is the order of every processor that we support, and '=' and '@' say so as well.
    String kind =
        format.length() == 2 && "@=<".indexOf(format.charAt(0)) >= 0 ? format.substring(1) : format;
    if (BufferApi.shape(view).length != 1
        || kind.length() != 1
        || formats.indexOf(kind.charAt(0)) < 0
        || BufferApi.itemSize(view) != Memory.sizeOf(component)) {
      return null;
    }
    long size = BufferApi.size(view);
    if (BufferApi.isContiguous(view)) {
      return Memory.array(BufferApi.address(view), size, component);
    }
    Memory.Block together = Memory.allocate(Math.max(size, 1));
    try {
      if (BufferApi.copy(view, together.address()) < 0) {
        ErrorApi.clear();
        return null;
      }
      return Memory.array(together.address(), size, component);
    } finally {
      Reference.reachabilityFence(together);
    }
  }
}
