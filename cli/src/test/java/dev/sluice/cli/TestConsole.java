package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** A working directory, an environment, and what a command said there. */
final class TestConsole {
  /** Unpacked into once, and kept between builds. */
  static final Path CACHE = Path.of("target/test-cache").toAbsolutePath();

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Map<String, String> environment = new HashMap<>();
  private final Path directory;

  TestConsole(Path directory) {
    this.directory = directory;
  }

  TestConsole with(String name, String value) {
    environment.put(name, value);
    return this;
  }

  Console console() {
    return new Console(
        environment,
        directory,
        CACHE,
        new PrintStream(out, true, UTF_8),
        new PrintStream(err, true, UTF_8));
  }

  int run(String... arguments) {
    return Main.run(console(), arguments);
  }

  String out() {
    return out.toString(UTF_8);
  }

  String err() {
    return err.toString(UTF_8);
  }
}
