package dev.sluice.python.exposed;

import dev.sluice.python.Attached;
import dev.sluice.python.PythonError;
import dev.sluice.python.PythonModule;
import dev.sluice.python.SluiceException;
import dev.sluice.python.capi.Callbacks;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.ImportApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.Pool;
import dev.sluice.python.capi.UnicodeApi;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.function.ObjLongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What {@code sluice/_java_door.py} asks Java for; on the thread that asks, with the GIL. */
public final class JavaDoor {
  private static final int LONGEST_NAMED = 200;
  private static final String MODULE = "the name of a module";

  private final Pool pool;
  private final Crossing crossing;
  private final Supplier<JavaObjects> objects;
  private final ObjLongConsumer<PythonModule> filler;
  private final Function<String, @Nullable Contents> contents;

  /**
   * Opens no door yet.
   *
   * @param pool where the door stands
   * @param objects makes them when they are first needed
   * @param filler puts into a Python module what a Java one offers
   * @param contents what Java has put into the module of a name
   */
  public JavaDoor(
      Pool pool,
      Crossing crossing,
      Supplier<JavaObjects> objects,
      ObjLongConsumer<PythonModule> filler,
      Function<String, @Nullable Contents> contents) {
    this.pool = pool;
    this.crossing = crossing;
    this.objects = objects;
    this.filler = filler;
    this.contents = contents;
  }

  /** The function {@code call(operation, *arguments)}; a new reference. */
  public long function() {
    return Callbacks.define(
            pool,
            "call",
            "call(operation, *arguments): what sluice._java_door asks Java for",
            (self, arguments, count, names) -> call(new Asked(arguments, (int) count), names))
        .bind(0);
  }

  private long call(Asked asked, long names) {
    Attached entered = null;
    try {
      entered = crossing.enter();
      if (names != 0) {
        throw PythonRaise.type("call() takes no keyword arguments");
      }
      String operation = asked.operation();
      return switch (operation) {
        case "find" -> Results.fromBoolean(found(asked.with(1).text(1, MODULE)) != null);
        case "load" -> load(asked.with(2).text(1, MODULE), asked.object(2));
        case "link" -> link(asked.with(2).number(1, "a type"), asked.text(2, "a member's name"));
        case "overload" ->
            objects.get().overload(asked.with(2).number(1, "a type"), asked.text(2, "a signature"));
        case "type" -> type(asked.with(1).text(1, "the name of a Java class"));
        case "path" -> path(asked);
        case "stubs" -> stubs(asked.with(2).text(1, MODULE), asked.path(2));
        default -> throw PythonRaise.type("Java knows no operation " + operation);
      };
    } catch (SluiceException e) {
      ErrorApi.raise(typeOf(e), "sluice %s: %s".formatted(e.code().id(), e.getMessage()));
      return 0;
    } catch (PythonRaise raise) {
      raise.set();
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
                        .formatted(shortened(name))
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

  private static String shortened(String name) {
    return name.length() > LONGEST_NAMED ? name.substring(0, LONGEST_NAMED) + "..." : name;
  }

  private long link(int type, String member) {
    return objects.get().link(type, member);
  }

  private long path(Asked asked) {
    for (int i = 1; i < asked.count(); i++) {
      Path entry = asked.path(i);
      detached(() -> {
        JavaPath.PROCESS.add(entry);
        return true;
      });
    }
    return Results.none();
  }

  private long stubs(String name, Path folder) {
    long module = UnicodeApi.fromString(name);
    long imported = module == 0 ? 0 : ImportApi.importModule(module);
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
