package dev.sluice.python.exposed;

import dev.sluice.python.Attached;
import dev.sluice.python.PythonError;
import dev.sluice.python.PythonModule;
import dev.sluice.python.SluiceException;
import dev.sluice.python.capi.Callbacks;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.ImportApi;
import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.NumberApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.function.ObjLongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What {@code sluice/_java_door.py} asks Java for; on the thread that asks, with the GIL. */
public final class JavaDoor {
  private final Crossing crossing;
  private final Supplier<JavaObjects> objects;
  private final ObjLongConsumer<PythonModule> filler;
  private final Function<String, @Nullable Contents> contents;

  /**
   * Opens no door yet.
   *
   * @param objects makes them when they are first needed
   * @param filler puts into a Python module what a Java one offers
   * @param contents what Java has put into the module of a name
   */
  public JavaDoor(
      Crossing crossing,
      Supplier<JavaObjects> objects,
      ObjLongConsumer<PythonModule> filler,
      Function<String, @Nullable Contents> contents) {
    this.crossing = crossing;
    this.objects = objects;
    this.filler = filler;
    this.contents = contents;
  }

  /** The function {@code call(operation, *arguments)}; a new reference. */
  public long function() {
    return Callbacks.define(
            "call",
            "call(operation, *arguments): what sluice._java_door asks Java for",
            (self, arguments, count, names) -> call(arguments, (int) count))
        .bind(0);
  }

  private long call(long arguments, int count) {
    Attached entered = crossing.enter();
    try {
      String operation = text(arguments, 0);
      return switch (operation) {
        case "find" -> Results.fromBoolean(found(text(arguments, 1)) != null);
        case "load" -> load(text(arguments, 1), Memory.getLong(arguments + 16));
        case "link" -> objects.get().link(number(arguments), text(arguments, 2));
        case "overload" -> objects.get().overload(number(arguments), text(arguments, 2));
        case "type" -> type(text(arguments, 1));
        case "path" -> path(arguments, count);
        case "stubs" -> stubs(text(arguments, 1), Path.of(text(arguments, 2)));
        default -> throw PythonRaise.type("Java knows no operation " + operation);
      };
    } catch (SluiceException e) {
      ErrorApi.raise(typeOf(e), "sluice %s: %s".formatted(e.code().id(), e.getMessage()));
      return 0;
    } catch (Throwable t) {
      objects.get().fail(t);
      return 0;
    } finally {
      crossing.leave(entered);
    }
  }

  private static long typeOf(SluiceException e) {
    return e.code() == PythonError.CLASS_NOT_PUBLIC
        ? ErrorApi.Types.TYPE_ERROR
        : ErrorApi.Types.IMPORT_ERROR;
  }

  private static String text(long arguments, int position) {
    return UnicodeApi.toString(Memory.getLong(arguments + 8L * position));
  }

  private static long number(long arguments) {
    return NumberApi.asLong(Memory.getLong(arguments + 8));
  }

  /** Runs what may take long, or wait for others, without the GIL. */
  private <T extends @Nullable Object> T detached(Supplier<T> code) {
    Object released = crossing.release();
    try {
      return code.get();
    } finally {
      crossing.restore(released);
    }
  }

  private @Nullable PythonModule found(String name) {
    return detached(() -> JavaPath.PROCESS.module(name));
  }

  private long load(String name, long module) {
    PythonModule found = found(name);
    if (found == null) {
      throw noModule(name);
    }
    filler.accept(found, module);
    return Results.none();
  }

  private static SluiceException noModule(String name) {
    return new SluiceException(
        PythonError.NO_JAVA_MODULE,
        "no Java code offers a module %s. Add its jar with --java or sluice.java.path."
            .formatted(name));
  }

  private long type(String name) {
    Class<?> found =
        detached(() -> {
          try {
            return JavaPath.PROCESS.find(name);
          } catch (ClassNotFoundException | LinkageError e) {
            throw new SluiceException(
                PythonError.NO_JAVA_CLASS,
                "there is no Java class %s. Check the name, or add its jar or folder with --java or"
                        .formatted(name)
                    + " sluice.java.path.",
                e);
          }
        });
    if (found.isPrimitive() || !Visible.is(found)) {
      throw new SluiceException(
          PythonError.CLASS_NOT_PUBLIC,
          "the Java class %s cannot be used from Python, because it is primitive, not public, or in"
                  .formatted(name)
              + " a package that is not exported. Use a public class or interface above it.");
    }
    return objects.get().type(found);
  }

  private long path(long arguments, int count) {
    for (int i = 1; i < count; i++) {
      Path entry = Path.of(text(arguments, i));
      detached(() -> {
        JavaPath.PROCESS.add(entry);
        return true;
      });
    }
    return Results.none();
  }

  private long stubs(String name, Path folder) {
    long module = UnicodeApi.fromString(name);
    long imported = ImportApi.importModule(module);
    ObjectApi.decRef(module);
    if (imported == 0) {
      return 0;
    }
    ObjectApi.decRef(imported);
    Contents found = contents.apply(name);
    if (found == null) {
      throw noModule(name);
    }
    Path file = StubWriter.write(name, found, folder);
    return UnicodeApi.fromString(file.toString());
  }
}
