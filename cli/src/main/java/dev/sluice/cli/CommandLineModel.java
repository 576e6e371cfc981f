package dev.sluice.cli;

import java.io.PrintStream;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * The commands as picocli sees them. Built in code, and only for the command at hand: reading
 * annotations of all commands would double the time that a start spends here.
 */
final class CommandLineModel {
  private static final int WIDTH = 100;
  private static final int LONGEST_OPTION = 34;

  private CommandLineModel() {}

  static CommandLine of(Command command) {
    CommandSpec spec = CommandSpec.create().name("sluice " + command.word());
    for (Setting setting : command.settings()) {
      spec.addOption(option(setting));
    }
    spec.addOption(help());
    if (!command.operands().isEmpty()) {
      spec.addPositional(
          PositionalParamSpec.builder()
              .paramLabel(command.operands())
              .index("0..*")
              .arity("0..*")
              .type(String[].class)
              .auxiliaryTypes(String.class)
              .hidden(true)
              .build());
    }
    String options = command.settings().isEmpty() ? "" : " [OPTIONS]";
    spec.usageMessage()
        .width(WIDTH)
        .longOptionsMaxWidth(LONGEST_OPTION)
        .customSynopsis(
            ("sluice " + command.word() + options + " " + command.operands()).stripTrailing())
        .description("", command.summary(), command.explanation(), "")
        .optionListHeading("Options:%n")
        .sortOptions(false);
    if (!command.settings().isEmpty()) {
      spec.usageMessage()
          .footer(
              "",
              "Each option may also be set by an environment variable (--app-dir by SLUICE_APP_DIR)"
                  + " and in the table [serve] of sluice.toml (app-dir = \"...\"). A flag beats the"
                  + " environment, which beats the file. docs/options.md says more.");
    }
    return configured(spec);
  }

  /** All commands, for the help text. */
  static CommandLine ofAll() {
    CommandSpec spec = CommandSpec.create().name("sluice");
    spec.addOption(help());
    spec.addOption(
        OptionSpec.builder("-V", "--version")
            .type(boolean.class)
            .versionHelp(true)
            .description("The same as: sluice version")
            .build());
    for (Command command : Command.values()) {
      CommandSpec sub = CommandSpec.create();
      sub.usageMessage().description(command.summary());
      spec.addSubcommand(command.word(), sub);
    }
    spec.usageMessage()
        .width(WIDTH)
        .customSynopsis("sluice COMMAND [OPTIONS] [ARGS]")
        .description("", "Real CPython inside the JVM, and a web server on it.", "")
        .optionListHeading("Options:%n")
        .commandListHeading("%nCommands:%n")
        .footer("", "sluice COMMAND --help says more about a command.")
        .sortOptions(false);
    return configured(spec);
  }

  private static CommandLine configured(CommandSpec spec) {
    spec.parser()
        .expandAtFiles(false)
        .posixClusteredShortOptionsAllowed(false)
        .overwrittenOptionsAllowed(true);
    return new CommandLine(spec);
  }

  private static OptionSpec option(Setting setting) {
    OptionSpec.Builder option = OptionSpec.builder(setting.flag()).description(help(setting));
    return switch (setting.kind()) {
      case Setting.Switch onOff -> option.type(boolean.class).negatable(true).build();
      case Setting.Texts texts ->
          option
              .paramLabel(setting.label())
              .type(String[].class)
              .auxiliaryTypes(String.class)
              .arity("1")
              .build();
      default -> option.paramLabel(setting.label()).type(String.class).arity("1").build();
    };
  }

  /** The help text of an option: what it means, and its default. */
  static String help(Setting setting) {
    return text(setting).replace("%", "%%"); // picocli takes it for a format
  }

  private static String text(Setting setting) {
    return setting.fallback().isEmpty() || setting.kind() instanceof Setting.Switch
        ? setting.help()
        : setting.help() + " (default: " + setting.fallback() + ")";
  }

  private static OptionSpec help() {
    return OptionSpec.builder("-h", "--help")
        .type(boolean.class)
        .usageHelp(true)
        .description("Show this text.")
        .build();
  }

  static void printHelp(CommandLine commandLine, PrintStream out) {
    commandLine.usage(out, Ansi.AUTO);
  }
}
