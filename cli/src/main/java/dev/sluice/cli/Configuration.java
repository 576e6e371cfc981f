package dev.sluice.cli;

import dev.sluice.python.SluiceException;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The settings in force: a flag beats the environment, which beats the file, which beats the
 * default. Every message about a value names the place where it was set.
 */
final class Configuration {
  /** How many layers can set something. */
  static final int LAYERS = 3;

  private final Console console;
  private final Map<String, Value> flags;
  private final Map<String, Value> file;

  private Configuration(Console console, Map<String, Value> flags, Map<String, Value> file) {
    this.console = console;
    this.flags = flags;
    this.file = file;
  }

  /** Reads the layers below the flags, and refuses names that nobody knows. */
  static Configuration of(Console console, Map<String, Value> flags) {
    checkVariables(console.environment());
    Optional<Value> named = Optional.ofNullable(flags.get(Settings.CONFIG.name()));
    String variable = console.environment().getOrDefault(Settings.CONFIG.environmentName(), "");
    String name =
        named.isPresent()
            ? named.get().text()
            : variable.isEmpty() ? Settings.CONFIG.fallback() : variable;
    Path path = console.resolve(name);
    boolean exists = Files.exists(path);
    if (Files.isDirectory(path)) {
      throw new SluiceException(
          CliError.BAD_FILE,
          "%s is a folder, where the configuration file should be. Name the file with --config."
              .formatted(path));
    }
    if (!exists && (named.isPresent() || !variable.isEmpty())) {
      throw new SluiceException(
          CliError.BAD_FILE,
          "there is no configuration file %s (%s). Check the path."
              .formatted(path, named.isPresent() ? "--config" : Settings.CONFIG.environmentName()));
    }
    return new Configuration(
        console, flags, exists ? ConfigFile.read(path, name, keys()) : Map.of());
  }

  private static Set<String> keys() {
    Set<String> keys = new HashSet<>();
    for (Setting setting : Settings.ALL) {
      if (setting != Settings.CONFIG) {
        keys.add(setting.name());
      }
    }
    return keys;
  }

  private static void checkVariables(Map<String, String> environment) {
    Set<String> known = new HashSet<>(Settings.OTHER_VARIABLES);
    for (Setting setting : Settings.ALL) {
      known.add(setting.environmentName());
    }
    for (String name : environment.keySet()) {
      if (name.startsWith("SLUICE_") && !known.contains(name) && !isOfService(name)) {
        throw new SluiceException(
            CliError.UNKNOWN_SETTING,
            "the environment variable %s sets nothing that Sluice knows.%s See docs/options.md."
                .formatted(name, Suggestions.didYouMean(name, known)));
      }
    }
  }

  /**
   * Kubernetes gives every container variables for the services around it; those of one that is
   * called "sluice" are not meant for us.
   */
  private static boolean isOfService(String name) {
    return name.equals("SLUICE_PORT")
        || name.startsWith("SLUICE_PORT_")
        || name.startsWith("SLUICE_SERVICE_");
  }

  /** What was set in the highest layer that sets it; empty when none does. */
  Optional<Value> value(Setting setting) {
    for (int layer = 0; layer < LAYERS; layer++) {
      Optional<Value> value = value(setting, layer);
      if (value.isPresent()) {
        return value;
      }
    }
    return Optional.empty();
  }

  /** What one layer sets: 0 the flags, 1 the environment, 2 the file. */
  Optional<Value> value(Setting setting, int layer) {
    return switch (layer) {
      case 0 -> Optional.ofNullable(flags.get(setting.name()));
      case 1 -> {
        String name = setting.environmentName();
        String text = console.environment().getOrDefault(name, "");
        if (text.isEmpty()) {
          yield Optional.empty(); // Set to nothing counts as not set.
        }
        yield Optional.of(
            setting.kind() instanceof Setting.Texts
                ? new Value(split(text), name)
                : Value.of(text, name));
      }
      default -> {
        Optional<Value> value = Optional.ofNullable(file.get(setting.name()));
        if (value.isPresent()
            && value.get().texts().size() > 1
            && !(setting.kind() instanceof Setting.Texts)) {
          throw new SluiceException(
              CliError.BAD_VALUE, value.get().origin() + " is a list. Give it one value.");
        }
        yield value;
      }
    };
  }

  private static List<String> split(String text) {
    List<String> parts = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      if (!part.isBlank()) {
        parts.add(part.strip());
      }
    }
    return parts;
  }

  private Value effective(Setting setting) {
    return value(setting).orElseGet(() -> Value.of(setting.fallback(), setting.flag()));
  }

  String text(Setting setting) {
    return effective(setting).text();
  }

  List<String> texts(Setting setting) {
    return effective(setting).texts();
  }

  /** A path, seen from the working directory. */
  Path path(Setting setting) {
    return console.resolve(text(setting));
  }

  /** Whether it has no value, and no fallback either. */
  boolean isEmpty(Setting setting) {
    return texts(setting).stream().allMatch(String::isEmpty);
  }

  /** Paths, seen from the working directory; none by default. */
  List<Path> files(Setting setting) {
    return texts(setting).stream().filter(text -> !text.isEmpty()).map(console::resolve).toList();
  }

  /** Paths, each of which may be several as on a class path; none by default. */
  List<Path> paths(Setting setting) {
    List<Path> paths = new ArrayList<>();
    for (String entry : texts(setting)) {
      for (String part : entry.split(File.pathSeparator, -1)) {
        if (!part.isEmpty()) {
          paths.add(console.resolve(part));
        }
      }
    }
    return paths;
  }

  boolean isOn(Setting setting) {
    Value value = effective(setting);
    return switch (value.text().toLowerCase(Locale.ROOT)) {
      case "true", "1", "yes", "on" -> true;
      case "false", "0", "no", "off" -> false;
      default -> throw bad(value, "neither true nor false");
    };
  }

  String choice(Setting setting) {
    Value value = effective(setting);
    List<String> words = ((Setting.Choice) setting.kind()).words();
    String word = value.text().toLowerCase(Locale.ROOT);
    if (!words.contains(word)) {
      String suggestion = Suggestions.didYouMean(word, words);
      throw bad(
          value,
          "none of " + String.join(", ", words) + (suggestion.isEmpty() ? "" : "." + suggestion));
    }
    return word;
  }

  int whole(Setting setting) {
    Setting.Whole range = (Setting.Whole) setting.kind();
    Value value = effective(setting);
    try {
      long number = Long.parseLong(value.text());
      if (number >= range.least() && number <= range.most()) {
        return Math.toIntExact(number);
      }
    } catch (NumberFormatException e) {
      // Said below, with the range.
    }
    throw bad(value, "not a whole number from %d to %d".formatted(range.least(), range.most()));
  }

  long bytes(Setting setting) {
    Setting.Bytes range = (Setting.Bytes) setting.kind();
    Value value = effective(setting);
    String text = value.text();
    int shift =
        switch (text.isEmpty() ? ' ' : Character.toUpperCase(text.charAt(text.length() - 1))) {
          case 'K' -> 10;
          case 'M' -> 20;
          case 'G' -> 30;
          default -> 0;
        };
    try {
      long number = Long.parseLong(shift == 0 ? text : text.substring(0, text.length() - 1));
      if (number >= 0 && number <= Long.MAX_VALUE >> shift) {
        number <<= shift;
        if (number >= range.least() && number <= range.most()) {
          return number;
        }
      }
    } catch (NumberFormatException e) {
      // Said below, with the range.
    }
    throw bad(
        value,
        range.most() == Long.MAX_VALUE
            ? "not a number of bytes, such as 1000 or 64K"
            : "not a number of bytes from %d to %d".formatted(range.least(), range.most()));
  }

  Duration seconds(Setting setting) {
    Setting.Seconds range = (Setting.Seconds) setting.kind();
    Value value = effective(setting);
    // BigDecimal would do as well, but takes 30 ms of every start to set up its tables.
    if (value.text().matches("[0-9]*\\.?[0-9]+")) {
      double seconds = Double.parseDouble(value.text());
      if (seconds <= range.most()) {
        return Duration.ofNanos(Math.round(seconds * 1e9));
      }
    }
    throw bad(value, "not a number of seconds from 0 to %.0f".formatted(range.most()));
  }

  private static SluiceException bad(Value value, String problem) {
    return new SluiceException(
        CliError.BAD_VALUE,
        "%s is %s%s".formatted(value.shown(), problem, problem.endsWith("?") ? "" : "."));
  }
}
