package dev.sluice.python;

import dev.sluice.python.capi.ErrorApi;
import org.jspecify.annotations.Nullable;

/**
 * Java objects that stand in Python as themselves: what {@link Conversions} asks, on an attached
 * thread, about values that have no conversion.
 */
interface Exposure {
  /** Exposes nothing: a value without a conversion is a TypeError. */
  Exposure NOTHING =
      new Exposure() {
        @Override
        public long toPython(Object value) {
          ErrorApi.raise(
              ErrorApi.Types.TYPE_ERROR,
              "no Python value stands for the Java type " + value.getClass().getName());
          return 0;
        }

        @Override
        public @Nullable Object toJava(long address) {
          return null;
        }
      };

  /** A new reference to what stands for the Java object, or null with an exception set. */
  long toPython(Object value);

  /** The Java object that a Python object stands for, or null if it stands for none. */
  @Nullable Object toJava(long address);
}
