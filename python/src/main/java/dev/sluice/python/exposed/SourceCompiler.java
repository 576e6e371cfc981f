package dev.sluice.python.exposed;

import dev.sluice.python.PythonError;
import dev.sluice.python.SluiceException;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Compiles Java sources in memory, where the JVM is a JDK; any thread. */
final class SourceCompiler {
  private SourceCompiler() {}

  /** The classes of the sources, by name. */
  static Map<String, byte[]> compile(List<Path> sources, List<Path> classPath) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    if (compiler == null) {
      throw new SluiceException(
          PythonError.SOURCES_NOT_COMPILED,
          "%s cannot be compiled, because this JVM has no compiler. Run Sluice on a JDK, or name"
                  .formatted(sources.getFirst())
              + " classes or a jar instead.");
    }
    DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
    StandardJavaFileManager standard =
        compiler.getStandardFileManager(problems, Locale.ROOT, StandardCharsets.UTF_8);
    Output output = new Output(standard);
    String path =
        Stream.concat(
                Stream.of(System.getProperty("java.class.path", "")),
                classPath.stream().map(Path::toString))
            .collect(Collectors.joining(File.pathSeparator));
    boolean succeeded =
        compiler
            .getTask(
                null,
                output,
                problems,
                List.of("-classpath", path, "-parameters", "-g", "-proc:none"),
                null,
                standard.getJavaFileObjectsFromPaths(sources))
            .call();
    if (!succeeded) {
      throw new SluiceException(
          PythonError.SOURCES_NOT_COMPILED,
          "Java sources do not compile:\n" + errors(problems.getDiagnostics()));
    }
    return output.classes();
  }

  private static String errors(List<Diagnostic<? extends JavaFileObject>> problems) {
    List<String> lines = new ArrayList<>();
    for (Diagnostic<? extends JavaFileObject> problem : problems) {
      if (problem.getKind() == Diagnostic.Kind.ERROR) {
        lines.add(problem.toString());
      }
    }
    return String.join("\n", lines);
  }

  /** Keeps what the compiler writes. */
  private static final class Output extends ForwardingJavaFileManager<JavaFileManager> {
    private final Map<String, ByteArrayOutputStream> written = new HashMap<>();

    Output(JavaFileManager standard) {
      super(standard);
    }

    Map<String, byte[]> classes() {
      Map<String, byte[]> classes = new HashMap<>();
      written.forEach((name, code) -> classes.put(name, code.toByteArray()));
      return classes;
    }

    @Override
    public JavaFileObject getJavaFileForOutput(
        Location location, String className, JavaFileObject.Kind kind, FileObject sibling) {
      URI name = URI.create("memory:///" + className.replace('.', '/') + kind.extension);
      return new SimpleJavaFileObject(name, kind) {
        @Override
        public OutputStream openOutputStream() {
          return written.computeIfAbsent(className, key -> new ByteArrayOutputStream());
        }
      };
    }
  }
}
