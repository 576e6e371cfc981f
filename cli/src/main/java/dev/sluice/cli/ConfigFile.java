package dev.sluice.cli;

import dev.sluice.python.SluiceException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/** Reads {@code sluice.toml}; the only class that needs the parser, loaded only with a file. */
final class ConfigFile {
  private static final String TABLE = "serve";

  private final String shownName;
  private final Set<String> known;

  private ConfigFile(String shownName, Set<String> known) {
    this.shownName = shownName;
    this.known = known;
  }

  /**
   * The values of the table {@code [serve]} by their keys.
   *
   * @param shownName how messages call the file
   * @param known every key that may stand in it
   */
  static Map<String, Value> read(Path file, String shownName, Set<String> known) {
    return new ConfigFile(shownName, known).read(file);
  }

  private Map<String, Value> read(Path file) {
    TomlParseResult toml = parse(file);
    for (String key : toml.keySet()) {
      if (!key.equals(TABLE) || !toml.isTable(key)) {
        String advice =
            known.contains(key)
                ? " It belongs into the table [serve]: put a line [serve] above it."
                : Suggestions.didYouMean(key, Set.of(TABLE));
        throw unknown(toml.inputPositionOf(List.of(key)), key, advice);
      }
    }
    Map<String, Value> values = new HashMap<>();
    TomlTable table = toml.getTable(TABLE);
    if (table != null) {
      for (String key : table.keySet()) {
        TomlPosition position = table.inputPositionOf(List.of(key));
        if (!known.contains(key)) {
          throw unknown(position, key, Suggestions.didYouMean(key, known));
        }
        String origin = place(position) + ": " + key;
        Object value = table.get(List.of(key));
        values.put(key, new Value(texts(value, origin, isText(key)), origin));
      }
    }
    return values;
  }

  private TomlParseResult parse(Path file) {
    TomlParseResult toml;
    try {
      toml = Toml.parse(Files.readString(file));
    } catch (CharacterCodingException e) {
      throw new SluiceException(
          CliError.BAD_FILE,
          "%s is not UTF-8, as TOML has to be. Save it in that encoding.".formatted(shownName),
          e);
    } catch (IOException e) {
      throw new SluiceException(
          CliError.BAD_FILE,
          "%s cannot be read: %s. Check the path and its permissions.".formatted(shownName, e),
          e);
    }
    if (toml.hasErrors()) {
      TomlParseError error = toml.errors().getFirst();
      throw new SluiceException(
          CliError.BAD_FILE,
          "%s is not TOML: %s. See https://toml.io."
              .formatted(place(error.position()), error.getMessage()));
    }
    return toml;
  }

  /** Whether a setting's value is a text, in the file too: 0o660 and true would become others. */
  private static boolean isText(String key) {
    return Settings.ALL.stream()
        .filter(setting -> setting.name().equals(key))
        .anyMatch(setting ->
            setting.kind() instanceof Setting.Text || setting.kind() instanceof Setting.Texts);
  }

  private static List<String> texts(@Nullable Object value, String origin, boolean isText) {
    if (value instanceof TomlArray array) {
      List<String> texts = new ArrayList<>();
      for (int i = 0; i < array.size(); i++) {
        texts.addAll(texts(array.get(i), origin, isText));
      }
      if (texts.isEmpty()) {
        throw new SluiceException(
            CliError.BAD_VALUE, origin + " is empty. Give it a value, or leave it out.");
      }
      return texts;
    }
    if (value instanceof TomlTable) {
      throw new SluiceException(CliError.BAD_VALUE, origin + " is a table. Give it a plain value.");
    }
    if (isText && !(value instanceof String)) {
      throw new SluiceException(
          CliError.BAD_VALUE, origin + " is no text. Put its value into quotes.");
    }
    return List.of(String.valueOf(value));
  }

  private SluiceException unknown(@Nullable TomlPosition position, String key, String advice) {
    return new SluiceException(
        CliError.UNKNOWN_SETTING,
        "%s: there is no setting \"%s\".%s See docs/options.md."
            .formatted(place(position), key, advice));
  }

  private String place(@Nullable TomlPosition position) {
    return position == null ? shownName : shownName + ", line " + position.line();
  }
}
