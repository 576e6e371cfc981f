package dev.sluice.python.install;

import java.net.URI;
import java.net.URL;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where artifacts may lie that came with Sluice, in the order of search: folders, or a jar. Each is
 * worked out only when those before it had none, for looking through a class path takes time.
 */
interface Places {
  int count();

  /** Empty when there is no such place here. */
  Optional<Path> get(int index);

  /** The lib folder of the built product, the class path, beside the jar this class came in. */
  record OfProgram(Platform platform) implements Places {
    @Override
    public int count() {
      return 3;
    }

    @Override
    public Optional<Path> get(int index) {
      return switch (index) {
        case 0 -> {
          String home = System.getProperty("sluice.home");
          yield home == null ? Optional.empty() : Optional.of(Path.of(home, "lib"));
        }
        case 1 -> jarOf(Places.class.getClassLoader().getResource(Artifact.folder(platform)));
        default -> jarOf(Places.class.getResource("Places.class")).map(Path::getParent);
      };
    }

    /** The file behind a URL such as {@code jar:file:/lib/a.jar!/org/}. */
    private static Optional<Path> jarOf(@Nullable URL resource) {
      if (resource == null || !resource.getProtocol().equals("jar")) {
        return Optional.empty();
      }
      String inside = resource.getPath();
      return Optional.of(Path.of(URI.create(inside.substring(0, inside.indexOf("!/")))));
    }
  }
}
