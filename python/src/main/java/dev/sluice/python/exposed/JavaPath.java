package dev.sluice.python.exposed;

import dev.sluice.python.PythonError;
import dev.sluice.python.PythonModule;
import dev.sluice.python.SluiceException;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the process's interpreters find Java classes and the modules that they offer: Sluice's own
 * class path, and what is added while it runs; any thread.
 */
public final class JavaPath {
  public static final JavaPath PROCESS = new JavaPath();

  /** What a class file can say: arrays of more dimensions, and longer names, there cannot be. */
  private static final int MOST_DIMENSIONS = 255;

  private static final int LONGEST_NAME = 65_535;

  private static final Logger LOG = LoggerFactory.getLogger(JavaPath.class);

  private final Loader loader = new Loader(JavaPath.class.getClassLoader());
  private final List<Path> entries = new ArrayList<>();
  private @Nullable Map<String, PythonModule> modules;

  private JavaPath() {}

  /** A class loader that grows, and knows classes that were compiled in memory. */
  private static final class Loader extends URLClassLoader {
    private final Map<String, byte[]> compiled = new ConcurrentHashMap<>();

    Loader(ClassLoader parent) {
      super("sluice-java", new URL[0], parent);
    }

    @Override
    protected void addURL(URL url) {
      super.addURL(url);
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      byte[] code = compiled.get(name);
      return code == null ? super.findClass(name) : defineClass(name, code, 0, code.length);
    }
  }

  /** Adds a jar, a folder of classes, a Java source file, or a folder of those. */
  public synchronized void add(Path entry) {
    if (!Files.exists(entry)) {
      throw new SluiceException(
          PythonError.NO_JAVA_PATH,
          "there is no %s to take Java classes from. Check the path.".formatted(entry));
    }
    if (entries.contains(entry)) {
      return;
    }
    List<Path> sources = sources(entry);
    if (!sources.isEmpty()) {
      loader.compiled.putAll(SourceCompiler.compile(sources, entries));
    }
    if (!entry.toString().endsWith(".java")) {
      try {
        loader.addURL(entry.toUri().toURL());
      } catch (MalformedURLException e) {
        throw new IllegalStateException(entry + " has no URL", e);
      }
      entries.add(entry);
    }
    modules = null;
  }

  private static List<Path> sources(Path entry) {
    if (!Files.isDirectory(entry)) {
      return entry.toString().endsWith(".java") ? List.of(entry) : List.of();
    }
    try (Stream<Path> all = Files.walk(entry)) {
      return all.filter(file -> file.toString().endsWith(".java")).sorted().toList();
    } catch (IOException e) {
      throw new SluiceException(
          PythonError.NO_JAVA_PATH,
          "%s cannot be read: %s. Check its permissions.".formatted(entry, e.getMessage()),
          e);
    }
  }

  /**
   * The class of the full name; nested ones with dots, arrays with brackets.
   *
   * @throws ClassNotFoundException if there is none
   */
  Class<?> find(String name) throws ClassNotFoundException {
    if (name.endsWith("[]")) {
      return array(name);
    }
    if (name.length() > LONGEST_NAME) {
      throw new ClassNotFoundException("a name of %d characters".formatted(name.length()));
    }
    Class<?> primitive = Class.forPrimitiveName(name);
    if (primitive != null) {
      return primitive;
    }
    String candidate = name;
    while (true) {
      Class<?> found = load(candidate);
      if (found != null) {
        return found;
      }
      int dot = candidate.lastIndexOf('.');
      if (dot < 0) {
        throw new ClassNotFoundException(name);
      }
      candidate = candidate.substring(0, dot) + "$" + candidate.substring(dot + 1);
    }
  }

  private Class<?> array(String name) throws ClassNotFoundException {
    int end = name.length();
    while (end >= 2 && name.startsWith("[]", end - 2)) {
      end -= 2;
    }
    int dimensions = (name.length() - end) / 2;
    if (dimensions > MOST_DIMENSIONS) {
      throw new ClassNotFoundException("an array of more than " + MOST_DIMENSIONS + " dimensions");
    }
    Class<?> type = find(name.substring(0, end));
    for (int i = 0; i < dimensions && type != void.class; i++) {
      type = type.arrayType();
    }
    return type;
  }

  private @Nullable Class<?> load(String name) {
    try {
      return Class.forName(name, false, loader);
    } catch (ClassNotFoundException e) {
      // Those of a program whose classes Sluice's own loader does not see.
      ClassLoader context = Thread.currentThread().getContextClassLoader();
      try {
        return context == null ? null : Class.forName(name, false, context);
      } catch (ClassNotFoundException ignored) {
        return null;
      }
    }
  }

  /** The module that a service offers under the name. */
  synchronized @Nullable PythonModule module(String name) {
    Map<String, PythonModule> known = modules;
    if (known == null) {
      known = new HashMap<>();
      collect(ServiceLoader.load(PythonModule.class, loader), known);
      ClassLoader context = Thread.currentThread().getContextClassLoader();
      if (context != null && context != JavaPath.class.getClassLoader()) {
        collect(ServiceLoader.load(PythonModule.class, context), known);
      }
      modules = known;
    }
    return known.get(name);
  }

  private static void collect(ServiceLoader<PythonModule> services, Map<String, PythonModule> to) {
    var all = services.iterator();
    while (true) {
      try {
        if (!all.hasNext()) {
          return;
        }
        PythonModule module = all.next();
        to.putIfAbsent(module.name(), module);
      } catch (ServiceConfigurationError e) {
        LOG.warn("a service that offers a Python module cannot be used", e);
      }
    }
  }
}
