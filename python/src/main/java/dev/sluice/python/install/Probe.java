package dev.sluice.python.install;

import dev.sluice.python.PythonError;
import dev.sluice.python.SluiceException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks a Python what it is, by running it once with {@code sluice/_probe.py}. The answer is kept in
 * the cache until the executable or its pyvenv.cfg changes, for a start of Python costs more than
 * all else here.
 */
final class Probe {
  private static final String SCRIPT = "/META-INF/sluice/sluice-python/sluice/_probe.py";
  private static final Duration LIMIT = Duration.ofSeconds(20);

  /** Added to what a Python says: its shared library, and what the answer was stamped with. */
  private static final String LIBRARY = "library";

  private static final String STAMP = "stamp";

  private final Path answers;
  private final Platform platform;
  private final Duration limit;

  Probe(Path cache, Platform platform) {
    this(cache, platform, LIMIT);
  }

  Probe(Path cache, Platform platform, Duration limit) {
    this.answers = cache.resolve("probe");
    this.platform = platform;
    this.limit = limit;
  }

  /** The facts about a Python; with a {@code library} among them when it has a shared one. */
  Facts ask(Path executable) {
    try {
      String stamp = stamp(executable);
      Path answer = answers.resolve(Integer.toHexString(executable.hashCode()));
      Optional<Facts> known = recall(answer, stamp);
      if (known.isPresent() && Files.isRegularFile(Path.of(known.get().get(LIBRARY)))) {
        return known.get();
      }
      // Not found before, or gone: a package may have been installed since.
      Facts facts = withLibrary(known.isPresent() ? known.get() : run(executable));
      // What a wrapper (pyenv's, say) stands for depends on more than its own file.
      if (Files.isSameFile(executable, Path.of(facts.get("executable")))) {
        keep(answer, facts.with(STAMP, stamp));
      }
      return facts;
    } catch (IOException e) {
      throw notPython(executable, ArtifactStore.reason(e), e);
    }
  }

  private static Optional<Facts> recall(Path answer, String stamp) throws IOException {
    if (!Files.isRegularFile(answer)) {
      return Optional.empty();
    }
    Facts facts = Facts.read(Files.readString(answer));
    return facts.get(STAMP).equals(stamp) ? Optional.of(facts.without(STAMP)) : Optional.empty();
  }

  private Facts withLibrary(Facts facts) throws IOException {
    Optional<PythonVersion> version = PythonVersion.parse(facts.get("version"));
    Optional<Path> library =
        version.isPresent() ? LibraryFinder.find(facts, version.get(), platform) : Optional.empty();
    return library.isPresent()
        ? facts.with(LIBRARY, library.get().toString())
        : facts.without(LIBRARY);
  }

  /** What an answer depends on: the executable behind all links, and its environment's file. */
  private static String stamp(Path executable) throws IOException {
    StringBuilder text = new StringBuilder().append(executable);
    stamp(text, executable.toRealPath());
    Path folder = executable.getParent();
    if (folder != null && folder.getParent() != null) {
      stamp(text, folder.resolveSibling(EnvironmentConfig.FILE));
    }
    return text.toString();
  }

  private static void stamp(StringBuilder text, Path file) throws IOException {
    if (Files.exists(file)) {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      text.append(" | ").append(file).append(' ').append(attributes.size());
      text.append(' ').append(attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS));
    }
  }

  /** An answer that cannot be kept is asked for again the next time. */
  private void keep(Path answer, Facts facts) {
    try {
      Files.createDirectories(answers);
      // Not createTempFile, whose result is private: a cache may be shared between users.
      Path beside = answers.resolve(".answer" + ProcessHandle.current().pid() + System.nanoTime());
      Files.writeString(beside, facts.write());
      Files.move(beside, answer, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      // The cache is read-only or full.
    }
  }

  private Facts run(Path executable) throws IOException {
    // Not -I: what a plain start of that Python would find is the question, user site included.
    ProcessBuilder command = new ProcessBuilder(executable.toString(), "-E", "-B", "-");
    CommandRunner.Result result = CommandRunner.run(command, script(), limit);
    Facts facts = Facts.read(result.output());
    if (result.timedOut()) {
      throw notPython(executable, "no answer in %d s".formatted(limit.toSeconds()), null);
    }
    if (!result.succeeded() || facts.get("version").isEmpty()) {
      throw notPython(executable, result.lastLine(), null);
    }
    return facts;
  }

  private static SluiceException notPython(
      Path executable, String reason, @Nullable Throwable cause) {
    return new SluiceException(
        PythonError.NOT_A_PYTHON,
        "%s does not answer as a Python does: %s. Name a Python executable, its prefix or a virtual environment."
            .formatted(executable, reason),
        cause);
  }

  private static byte[] script() throws IOException {
    try (InputStream in = Objects.requireNonNull(Probe.class.getResourceAsStream(SCRIPT), SCRIPT)) {
      return in.readAllBytes();
    }
  }
}
