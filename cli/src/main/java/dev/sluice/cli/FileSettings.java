package dev.sluice.cli;

import dev.sluice.python.SluiceException;
import dev.sluice.server.files.FilesOptions;
import dev.sluice.server.files.Mount;
import java.util.ArrayList;
import java.util.List;

/** How files are served without the application, in the order of docs/options.md. */
final class FileSettings {
  static final Setting STATIC =
      new Setting(
          "static",
          new Setting.Texts(),
          "PREFIX=DIR",
          "",
          "Answer the paths below PREFIX from the files in DIR; may be given several times. With the"
              + " prefix / the application answers where there is no file.");
  static final Setting STATIC_CACHE =
      new Setting(
          "static-cache",
          new Setting.Text(),
          "RULE",
          "no-cache",
          "The Cache-Control header of files; those with a fingerprint in their name, such as"
              + " app.3f2a9c1d.js, may be kept for ever.");
  static final Setting LIMIT_STATIC_MEMORY =
      new Setting(
          "limit-static-memory",
          new Setting.Bytes(0, 1L << 40),
          "BYTES",
          "64M",
          "How much of the files is kept in memory, in all.");
  static final Setting LIMIT_STATIC_GZIP =
      new Setting(
          "limit-static-gzip",
          new Setting.Bytes(0, 1 << 28),
          "BYTES",
          "1M",
          "The largest file that is compressed on the fly; 0 for none.");

  static final List<Setting> ALL =
      List.of(STATIC, STATIC_CACHE, LIMIT_STATIC_MEMORY, LIMIT_STATIC_GZIP);

  private FileSettings() {}

  static List<Mount> mounts(Configuration configuration, Console console) {
    List<Mount> mounts = new ArrayList<>();
    for (String text : configuration.texts(STATIC)) {
      if (text.isEmpty()) {
        continue;
      }
      int equals = text.indexOf('=') + 1;
      String resolved =
          equals == 0 || equals == text.length()
              ? text
              : text.substring(0, equals) + console.resolve(text.substring(equals));
      try {
        mounts.add(Mount.parse(resolved));
      } catch (IllegalArgumentException e) {
        throw bad("--static=" + text, e);
      }
    }
    return mounts;
  }

  static FilesOptions options(Configuration configuration) {
    FilesOptions defaults = FilesOptions.DEFAULT;
    String cache = configuration.text(STATIC_CACHE);
    try {
      return new FilesOptions(
          cache,
          defaults.immutableFingerprints(),
          defaults.smallestGzip(),
          (int) configuration.bytes(LIMIT_STATIC_GZIP),
          defaults.largestInMemory(),
          configuration.bytes(LIMIT_STATIC_MEMORY),
          defaults.fresh(),
          defaults.threads(),
          defaults.queue());
    } catch (IllegalArgumentException e) {
      throw bad("--static-cache=" + cache, e);
    }
  }

  private static SluiceException bad(String given, IllegalArgumentException e) {
    return new SluiceException(CliError.BAD_VALUE, "%s: %s.".formatted(given, e.getMessage()), e);
  }
}
