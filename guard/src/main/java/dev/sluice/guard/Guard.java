package dev.sluice.guard;

import dev.sluice.python.Attached;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The guard as a command line names it: a policy, and the categories of calls that it is for; any
 * thread, never changed.
 *
 * @param policy off, report, raise or farm
 * @param categories default, all, or names with commas between them
 */
public record Guard(String policy, String categories) {
  private static final List<String> POLICIES = List.of("off", "report", "raise", "farm");
  private static final Pattern NAMES = Pattern.compile("[a-z0-9]+(,[a-z0-9]+)*");

  /** Reads {@code raise}, {@code raise:all} or {@code report:sleep,dns}; empty if it is neither. */
  public static Optional<Guard> parse(String text) {
    int colon = text.indexOf(':');
    String policy = colon < 0 ? text : text.substring(0, colon);
    String categories = colon < 0 ? "default" : text.substring(colon + 1);
    if (!POLICIES.contains(policy) || !NAMES.matcher(categories).matches()) {
      return Optional.empty();
    }
    return Optional.of(new Guard(policy, categories));
  }

  /**
   * Installs it in the interpreter of the scope, unless it is off.
   *
   * @return what is wrong with the categories, if anything
   */
  public Optional<String> install(Attached py) {
    if (policy.equals("off")) {
      return Optional.empty();
    }
    return command(py, "start", policy, categories);
  }

  /**
   * Adds the rules of a file to those of the interpreter of the scope; see docs/guide/guard.md.
   *
   * @return what is wrong with the file, if anything
   */
  public static Optional<String> loadRules(Attached py, Path file) {
    return command(py, "load", file.toString());
  }

  private static Optional<String> command(Attached py, String name, Object... arguments) {
    String problem =
        py.importModule("sluice._guard_command").callMethod(name, arguments).as(String.class);
    return problem.isEmpty() ? Optional.empty() : Optional.of(problem);
  }
}
