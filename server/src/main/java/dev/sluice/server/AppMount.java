package dev.sluice.server;

import java.util.Arrays;

/**
 * An application that answers the paths below a prefix; immutable, any thread.
 *
 * @param prefix such as {@code /old}: begins with a slash, and does not end with one. It is
 *     compared with the decoded path, whole segments only; the application finds it in SCRIPT_NAME
 *     or {@code root_path}.
 * @param application {@code module:attribute}; without an attribute, {@code application} or {@code
 *     app}
 */
public record AppMount(String prefix, String application) {

  public AppMount {
    boolean plain =
        prefix.length() > 1
            && prefix.startsWith("/")
            && Arrays.stream(prefix.substring(1).split("/", -1))
                .noneMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."));
    if (!plain) {
      throw new IllegalArgumentException(
          "the prefix %s is no path of plain segments such as /old".formatted(prefix));
    }
  }

  /**
   * Reads {@code PREFIX=MODULE:APP}.
   *
   * @throws IllegalArgumentException if it is malformed; the message says what is wrong
   */
  public static AppMount parse(String text) {
    int equals = text.indexOf('=');
    if (equals < 1 || equals == text.length() - 1 || text.charAt(0) != '/') {
      throw new IllegalArgumentException(
          "%s is not of the form PREFIX=MODULE:APP, with a PREFIX such as /old".formatted(text));
    }
    String prefix = text.substring(0, equals);
    return new AppMount(
        prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix,
        text.substring(equals + 1));
  }
}
