package dev.sluice.python.exposed;

import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;

/**
 * A class that has a type in Python; guarded by the GIL.
 *
 * <p>Types live as long as the interpreter, but they must not keep what a class loader has made
 * that everybody else has dropped. So the class is referred to weakly, until Python code has asked
 * for it by its name, or one of its members has been linked: what Python calls refers to it.
 */
final class Shown {
  private final WeakReference<Class<?>> type;
  private final String name;

  /** Made again when it is needed and was collected. */
  private WeakReference<Members> members;

  @SuppressWarnings("unused") // keeps it
  private @Nullable Class<?> kept;

  Shown(Members members) {
    this.type = new WeakReference<>(members.type());
    this.members = new WeakReference<>(members);
    this.name = members.type().getTypeName();
  }

  /** The class; null if it was unloaded. */
  @Nullable Class<?> type() {
    return type.get();
  }

  /** Lets the class stay as long as the interpreter. */
  void keep() {
    kept = type.get();
  }

  /** What the class has, which stays from now on. */
  Members linked() {
    keep();
    Class<?> known = kept;
    if (known == null) {
      throw PythonRaise.type(
          "the Java class %s was unloaded with its class loader, which nobody used any more"
              .formatted(name));
    }
    Members found = members.get();
    if (found == null) {
      found = new Members(known);
      members = new WeakReference<>(found);
    }
    return found;
  }
}
