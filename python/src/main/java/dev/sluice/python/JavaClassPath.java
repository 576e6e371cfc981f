package dev.sluice.python;

import dev.sluice.python.exposed.JavaPath;
import java.nio.file.Path;

/**
 * Where Python code finds Java classes besides Sluice's own class path; one for the process, any
 * thread, also before Python is open.
 */
public final class JavaClassPath {
  private JavaClassPath() {}

  /**
   * Adds a jar, a folder of classes, a Java source file, or a folder of those. Sources are compiled
   * at once, in memory, which needs a JDK. Python modules that are services there can be imported.
   *
   * @throws SluiceException if there is no such file, or sources do not compile
   */
  public static void add(Path entry) {
    JavaUse.seePlace();
    JavaPath.PROCESS.add(entry.toAbsolutePath().normalize());
  }
}
