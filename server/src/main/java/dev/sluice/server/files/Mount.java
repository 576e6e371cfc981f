package dev.sluice.server.files;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * A folder and the paths that it answers; immutable, any thread.
 *
 * @param prefix such as {@code /static}, without a slash at its end; an empty string for all paths.
 *     It is compared with the decoded path, whole segments only.
 * @param folder may be a symbolic link, which is followed anew at each look
 * @param fallThrough whether the application is asked where there is no file, and for methods other
 *     than GET and HEAD; else the answer is 404 or 405
 */
public record Mount(String prefix, Path folder, boolean fallThrough) {

  public Mount {
    if (!prefix.isEmpty() && (!prefix.startsWith("/") || !FileNames.allowsAll(prefix))) {
      throw new IllegalArgumentException(
          "the prefix %s is no path of plain segments such as /static".formatted(prefix));
    }
  }

  /**
   * Reads {@code PREFIX=DIR}. The prefix {@code /} falls through to the application, any other does
   * not. May block.
   *
   * @throws IllegalArgumentException if it is malformed or the folder is not there; the message
   *     says what is wrong
   */
  public static Mount parse(String text) {
    int equals = text.indexOf('=');
    if (equals < 1 || equals == text.length() - 1 || text.charAt(0) != '/') {
      throw new IllegalArgumentException(
          "%s is not of the form PREFIX=DIR, with a PREFIX such as /static".formatted(text));
    }
    String prefix = text.substring(0, equals);
    if (prefix.endsWith("/")) {
      prefix = prefix.substring(0, prefix.length() - 1);
    }
    Path folder;
    try {
      folder = Path.of(text.substring(equals + 1)).toAbsolutePath();
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("%s names no folder".formatted(text), e);
    }
    if (!Files.isDirectory(folder)) {
      throw new IllegalArgumentException("%s is not a folder".formatted(folder));
    }
    return new Mount(prefix, folder, prefix.isEmpty());
  }

  /** Whether the mount answers this path. */
  boolean has(String path) {
    return path.startsWith(prefix)
        && (path.length() == prefix.length() || path.charAt(prefix.length()) == '/');
  }
}
