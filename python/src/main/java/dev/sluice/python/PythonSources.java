package dev.sluice.python;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Sluice's own Python files: found in the modules' jars through their indexes, and unpacked once
 * into a folder whose name is their content; any thread, any number of processes.
 */
final class PythonSources {
  private static final String INDEX = "META-INF/sluice/python.index";

  private final ClassLoader loader;

  PythonSources(ClassLoader loader) {
    this.loader = loader;
  }

  /** One module's index: its artifact, the hash of its files, and their names. */
  private record Index(String artifact, String hash, List<String> files) {}

  /** The folder to put on {@code sys.path}. */
  Path unpack(Path cache) {
    try {
      List<Index> indexes = indexes();
      String key = String.join("\n", indexes.stream().map(Index::toString).toList());
      Path target = cache.resolve("python").resolve("%016x".formatted(fingerprint(key)));
      if (!Files.isDirectory(target)) {
        unpack(indexes, target);
      }
      return target;
    } catch (IOException e) {
      throw new SluiceException(
          PythonError.CACHE_UNUSABLE,
          "Sluice's Python files cannot be unpacked below %s: %s. Make that folder writable, or name"
                  .formatted(cache, e.getMessage())
              + " another one with SLUICE_CACHE.",
          e);
    }
  }

  private static long fingerprint(String key) {
    long hash = 0xcbf29ce484222325L; // FNV-1a over text that already consists of SHA-256 values
    for (int i = 0; i < key.length(); i++) {
      hash = (hash ^ key.charAt(i)) * 0x100000001b3L;
    }
    return hash;
  }

  private List<Index> indexes() throws IOException {
    // A module that stands on the class path twice counts once, as its classes do.
    Map<String, Index> indexes = new TreeMap<>();
    for (URL url : Collections.list(loader.getResources(INDEX))) {
      try (BufferedReader reader =
          new BufferedReader(new InputStreamReader(url.openStream(), StandardCharsets.UTF_8))) {
        String artifact = reader.readLine();
        String hash = reader.readLine();
        List<String> files = reader.lines().filter(line -> !line.isBlank()).toList();
        indexes.putIfAbsent(artifact, new Index(artifact, hash, files));
      }
    }
    return new ArrayList<>(indexes.values());
  }

  private void unpack(List<Index> indexes, Path target) throws IOException {
    Files.createDirectories(target.getParent());
    // Not createTempDirectory, whose result is private: a cache may be shared between users.
    String unique = ProcessHandle.current().pid() + "." + System.nanoTime();
    Path beside = Files.createDirectory(target.resolveSibling(target.getFileName() + "." + unique));
    try {
      for (Index index : indexes) {
        for (String file : index.files()) {
          copy("META-INF/sluice/" + index.artifact() + "/" + file, beside.resolve(file));
        }
      }
      Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      delete(beside);
      // Another process may have been first, which systems tell by several errors.
      if (!Files.isDirectory(target)) {
        throw e;
      }
    }
  }

  private void copy(String resource, Path file) throws IOException {
    Files.createDirectories(file.getParent());
    try (InputStream in = loader.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IOException("the jar lacks " + resource);
      }
      Files.copy(in, file);
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
