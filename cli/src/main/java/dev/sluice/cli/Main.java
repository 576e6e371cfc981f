package dev.sluice.cli;

import dev.sluice.python.SluiceException;
import dev.sluice.python.install.UserCache;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The program: reads the command line on the JVM's main thread, and ends the process. */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    Console console =
        new Console(
            System.getenv(),
            Path.of("").toAbsolutePath(),
            UserCache.directory(),
            System.out,
            System.err);
    int code = run(console, arguments);
    System.out.flush();
    System.err.flush();
    // Not exit: threads that Python, or somebody's library, has left behind end here as well.
    Runtime.getRuntime().halt(code);
  }

  /** Runs one command, and gives the exit code. */
  static int run(Console console, String... arguments) {
    try {
      return dispatch(console, Arrays.asList(arguments));
    } catch (SluiceException e) {
      console.fail(e.code().id(), String.valueOf(e.getMessage()));
      return ExitCode.of(e.code());
    } catch (Throwable e) { // The last line of defence: no stack of ours reaches the user.
      console.fail(
          CliError.INTERNAL.id(),
          "%s. This is a bug of Sluice; run again with --log-level debug for the stack."
              .formatted(e));
      if (Logging.isDebug()) {
        e.printStackTrace(console.err());
      }
      return ExitCode.INTERNAL;
    }
  }

  private static int dispatch(Console console, List<String> arguments) {
    String word = arguments.isEmpty() ? "" : arguments.getFirst();
    return switch (word) {
      case "-V", "--version" -> run(console, Command.VERSION, List.of());
      case "", "-h", "--help", "help" -> {
        if (word.equals("help") && arguments.size() > 1) {
          yield run(console, command(arguments.get(1)), List.of("--help"));
        }
        CommandLineModel.printHelp(
            CommandLineModel.ofAll(), word.isEmpty() ? console.err() : console.out());
        yield word.isEmpty() ? ExitCode.USAGE : ExitCode.OK;
      }
      default -> run(console, command(word), arguments.subList(1, arguments.size()));
    };
  }

  private static Command command(String word) {
    List<String> words = new ArrayList<>();
    for (Command command : Command.values()) {
      if (command.word().equals(word)) {
        return command;
      }
      words.add(command.word());
    }
    throw new SluiceException(
        CliError.USAGE,
        "there is no command \"%s\".%s The commands are %s; \"sluice --help\" says what they do."
            .formatted(word, Suggestions.didYouMean(word, words), String.join(", ", words)));
  }

  private static int run(Console console, Command command, List<String> arguments) {
    Invocation invocation = Invocation.parse(command, arguments);
    if (invocation.help()) {
      CommandLineModel.printHelp(CommandLineModel.of(command), console.out());
      return ExitCode.OK;
    }
    return switch (command) {
      case SERVE -> new ServeCommand(console, invocation).run();
      case RUN -> new RunCommand(console, invocation).run();
      case PIP, PYTHON -> new ChildCommand(console, invocation).run();
      case DOCTOR -> new DoctorCommand(console, invocation).run();
      case VERSION -> new VersionCommand(console, invocation).run();
      case CLASSPATH -> new ClasspathCommand(console, invocation).run();
    };
  }
}
