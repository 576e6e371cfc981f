package dev.sluice.cli;

import dev.sluice.python.SluiceException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * A command line, read.
 *
 * @param help whether only the help text was asked for
 * @param flags the values of options by their names without dashes
 * @param operands what follows the options
 */
record Invocation(Command command, boolean help, Map<String, Value> flags, List<String> operands) {

  /** Reads what follows the command's name. */
  static Invocation parse(Command command, List<String> arguments) {
    int split = command.passesOperandsOn() ? optionsEnd(command, arguments) : arguments.size();
    CommandLine commandLine = CommandLineModel.of(command);
    ParseResult result = parse(command, commandLine, arguments.subList(0, split));
    List<String> operands = new ArrayList<>();
    if (split < arguments.size()) {
      boolean dashes = arguments.get(split).equals("--");
      operands.addAll(arguments.subList(dashes ? split + 1 : split, arguments.size()));
    } else if (result.hasMatchedPositional(0)) {
      operands.addAll(Arrays.asList(result.<String[]>matchedPositionalValue(0, new String[0])));
    }
    Map<String, Value> flags = new HashMap<>();
    for (OptionSpec option : result.matchedOptions()) {
      String flag = option.longestName();
      List<String> texts = new ArrayList<>();
      switch (option.<Object>getValue()) {
        case String[] several -> texts.addAll(Arrays.asList(several));
        case Object one -> texts.add(one.toString());
      }
      flags.put(flag.substring(2), new Value(texts, flag));
    }
    return new Invocation(command, result.isUsageHelpRequested(), flags, operands);
  }

  /** The command line that says the same. */
  List<String> arguments() {
    List<String> arguments = new ArrayList<>(List.of(command.word()));
    for (Setting setting : command.settings()) {
      Value value = flags.get(setting.name());
      if (value != null && setting.kind() instanceof Setting.Switch) {
        arguments.add((value.text().equals("true") ? "--" : "--no-") + setting.name());
      } else if (value != null) {
        value.texts().forEach(text -> arguments.add(setting.flag() + "=" + text));
      }
    }
    arguments.add("--");
    arguments.addAll(operands);
    return arguments;
  }

  /** Where the options of ours end and the other program's arguments begin. */
  private static int optionsEnd(Command command, List<String> arguments) {
    Set<String> known = flags(command);
    int i = 0;
    while (i < arguments.size()) {
      String argument = arguments.get(i);
      int equals = argument.indexOf('=');
      String flag = equals < 0 ? argument : argument.substring(0, equals);
      if (argument.equals("-h") || argument.equals("--help")) {
        i++;
      } else if (known.contains(flag)) {
        i += equals < 0 ? 2 : 1;
      } else if (command == Command.RUN && argument.startsWith("--") && argument.length() > 2) {
        i++; // No script is called so: an option that we do not have, which parsing will say.
      } else {
        break;
      }
    }
    return Math.min(i, arguments.size());
  }

  private static Set<String> flags(Command command) {
    Set<String> flags = new TreeSet<>();
    for (Setting setting : command.settings()) {
      flags.add(setting.flag());
    }
    return flags;
  }

  private static ParseResult parse(
      Command command, CommandLine commandLine, List<String> arguments) {
    try {
      return commandLine.parseArgs(arguments.toArray(String[]::new));
    } catch (UnmatchedArgumentException e) {
      String unknown = e.getUnmatched().getFirst();
      String name = unknown.contains("=") ? unknown.substring(0, unknown.indexOf('=')) : unknown;
      throw usage(
          command,
          unknown.startsWith("-")
              ? "there is no option %s.%s"
                  .formatted(unknown, Suggestions.didYouMean(name, flags(command)))
              : "it takes no argument \"%s\".".formatted(unknown));
    } catch (ParameterException e) {
      String message =
          String.valueOf(e.getMessage()).lines().findFirst().orElse("it cannot be understood");
      throw usage(command, message.endsWith(".") ? message : message + ".");
    }
  }

  /** An error of usage, with where to read on. */
  static SluiceException usage(Command command, String problem) {
    return new SluiceException(
        CliError.USAGE,
        "sluice %1$s: %2$s \"sluice %1$s --help\" shows all options."
            .formatted(command.word(), problem));
  }
}
