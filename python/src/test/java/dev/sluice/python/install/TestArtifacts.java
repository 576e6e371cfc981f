package dev.sluice.python.install;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Small stand-ins for the real artifact, and the real one unpacked once for all tests. */
final class TestArtifacts {
  static final Platform PLATFORM = Platform.current();

  /** Kept between builds, so that only the first one unpacks. */
  static final Path CACHE = Path.of("target/test-cache").toAbsolutePath();

  private TestArtifacts() {}

  /** A jar in the artifact's form, with a few small files. */
  static Path jar(Path folder, String release) throws IOException {
    return jar(folder, release, Map.of());
  }

  static Path jar(Path folder, String release, Map<String, String> more) throws IOException {
    PythonVersion version = PythonVersion.parse(release).orElseThrow();
    Map<String, String> files = new LinkedHashMap<>();
    files.put(PLATFORM.library(version), "library");
    files.put(PLATFORM.embeddedExecutable(version), "#!/bin/sh\nexit 0\n");
    files.put("bin/pip3", "#!/build/machine/python");
    files.put("lib/python/os.py", "import sys\n");
    files.put("lib/python/lib-dynload/math.so", "machine code");
    files.put("libjnipython.so", "glue");
    files.putAll(more);
    Files.createDirectories(folder);
    Path jar = folder.resolve("cpython-" + release + "-" + PLATFORM.classifier() + ".jar");
    try (OutputStream out = Files.newOutputStream(jar);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry("META-INF/MANIFEST.MF"));
      for (Map.Entry<String, String> file : files.entrySet()) {
        zip.putNextEntry(new ZipEntry(Artifact.folder(PLATFORM) + file.getKey()));
        zip.write(file.getValue().getBytes(StandardCharsets.UTF_8));
      }
    }
    return jar;
  }

  /** A store that looks for artifacts in one folder, and for others nowhere. */
  static ArtifactStore store(Path cache, Path folder, List<String> progress) {
    Places places =
        new Places() {
          @Override
          public int count() {
            return 1;
          }

          @Override
          public Optional<Path> get(int index) {
            return Optional.of(folder);
          }
        };
    MavenRepository none = new MavenRepository(folder.resolve("none"), "", progress::add);
    return new ArtifactStore(cache, PLATFORM, places, none, progress::add);
  }

  /** Those of the real artifact that the build shipped. */
  static Installations real() {
    return new Installations(CACHE, new ArrayList<String>()::add);
  }

  /** A virtual environment without pip, made with the real embedded Python: quick. */
  static Path venv(Path folder, String... options) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(plainPython().toString());
    command.addAll(List.of("-m", "venv", "--without-pip"));
    command.addAll(List.of(options));
    command.add(folder.toString());
    CommandRunner.Result result =
        CommandRunner.run(new ProcessBuilder(command), new byte[0], Duration.ofMinutes(1));
    if (!result.succeeded()) {
      throw new IOException(result.output());
    }
    return folder;
  }

  /** The real embedded interpreter. */
  static Path plainPython() {
    Artifact artifact = realStore().shipped();
    return realStore().unpacked(artifact).resolve(PLATFORM.embeddedExecutable(artifact.version()));
  }

  /** The folder of the real embedded Python. */
  static Path plainRoot() {
    return plainPython().resolve("../..").normalize();
  }

  static ArtifactStore realStore() {
    return new ArtifactStore(
        CACHE,
        PLATFORM,
        new Places.OfProgram(PLATFORM),
        MavenRepository.ofUser(line -> {}),
        line -> {});
  }

  /** An executable that answers the probe with the given lines. */
  static Path fakePython(Path file, String... lines) throws IOException {
    StringBuilder script = new StringBuilder("#!/bin/sh\ncat > /dev/null\n");
    for (String line : lines) {
      script.append("echo 'sluice:").append(line).append("'\n");
    }
    return script(file, script.toString());
  }

  static Path script(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    return file;
  }
}
