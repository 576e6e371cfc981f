package dev.sluice.python.install;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the shared library of a Python. What sysconfig says was true where Python was built, not
 * always where it now lies, so several places are tried, and a file counts only when it holds this
 * very version: a system's libpython3.11 must not serve another 3.11's standard library.
 */
final class LibraryFinder {
  private LibraryFinder() {}

  static Optional<Path> find(Facts facts, PythonVersion version, Platform platform)
      throws IOException {
    byte[] mark = (facts.get("version") + "\0").getBytes(StandardCharsets.US_ASCII);
    for (Path candidate : candidates(facts, version, platform)) {
      if (Files.isRegularFile(candidate) && contains(candidate, mark)) {
        return Optional.of(candidate.toRealPath());
      }
    }
    return Optional.empty();
  }

  private static Set<Path> candidates(Facts facts, PythonVersion version, Platform platform) {
    Path base = facts.path("base_prefix");
    List<Path> folders = new ArrayList<>();
    if (!facts.get("LIBDIR").isEmpty()) {
      folders.add(facts.path("LIBDIR"));
    }
    folders.add(base.resolve("lib"));
    if (!facts.get("MULTIARCH").isEmpty()) {
      folders.add(base.resolve("lib").resolve(facts.get("MULTIARCH")));
    }
    folders.add(base.resolve("lib64"));
    folders.add(base);
    if (!facts.get("PYTHONFRAMEWORKPREFIX").isEmpty()) {
      folders.add(facts.path("PYTHONFRAMEWORKPREFIX"));
    }
    Set<Path> candidates = new LinkedHashSet<>();
    for (Path folder : folders) {
      for (String name :
          List.of(facts.get("INSTSONAME"), facts.get("LDLIBRARY"), platform.library(version))) {
        if (!name.isEmpty() && !name.endsWith(".a") && !name.endsWith(".lib")) {
          candidates.add(folder.resolve(name));
        }
      }
    }
    return candidates;
  }

  /** Whether the file holds the bytes: {@code Py_GetVersion} keeps the version as plain text. */
  private static boolean contains(Path file, byte[] wanted) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      MappedByteBuffer bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
      int last = bytes.limit() - wanted.length;
      for (int i = 0; i <= last; i++) {
        if (bytes.get(i) == wanted[0] && matches(bytes, i, wanted)) {
          return true;
        }
      }
      return false;
    }
  }

  private static boolean matches(MappedByteBuffer bytes, int start, byte[] wanted) {
    for (int i = 1; i < wanted.length; i++) {
      if (bytes.get(start + i) != wanted[i]) {
        return false;
      }
    }
    return true;
  }
}
