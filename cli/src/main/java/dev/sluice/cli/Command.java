package dev.sluice.cli;

import java.util.List;

/** What Sluice can be told to do. */
enum Command {
  SERVE(
      "serve",
      "Serve a Python web application over HTTP.",
      "MODULE[:APP]",
      "APP is the application in MODULE; without it, application or app."),
  RUN(
      "run",
      "Run a Python program inside the JVM.",
      "SCRIPT [ARGS] | -m MODULE [ARGS]",
      "As python SCRIPT or python -m MODULE; - reads the program from standard input, and -m code"
          + " gives a prompt. The exit code is the program's."),
  PIP(
      "pip",
      "Install packages for the Python that serve uses here.",
      "ARGS",
      "The embedded Python gets an environment of its own in the user's cache, on first use. What"
          + " follows the options goes to pip as it is."),
  PYTHON(
      "python",
      "Start the Python that serve uses here, as a program of its own.",
      "ARGS",
      "What follows the options goes to Python as it is; nothing gives a prompt."),
  DOCTOR(
      "doctor",
      "Say which Python is used and why, and what is missing.",
      "[MODULE[:APP]]",
      "With MODULE, also whether the application can be imported."),
  VERSION("version", "Print the versions of Sluice and its parts.", "", ""),
  CLASSPATH(
      "classpath",
      "Print the class path, for java -cp \"$(./sluice classpath)\" Some.java.",
      "",
      "");

  private final String word;
  private final String summary;
  private final String operands;
  private final String explanation;

  Command(String word, String summary, String operands, String explanation) {
    this.word = word;
    this.summary = summary;
    this.operands = operands;
    this.explanation = explanation;
  }

  String word() {
    return word;
  }

  /** One sentence. */
  String summary() {
    return summary;
  }

  /** What may follow the options, as the help text shows it. */
  String operands() {
    return operands;
  }

  String explanation() {
    return explanation;
  }

  List<Setting> settings() {
    return switch (this) {
      case SERVE -> Settings.OF_SERVE;
      case RUN -> Settings.OF_RUN;
      case PIP, PYTHON -> Settings.OF_PYTHON;
      case DOCTOR -> Settings.OF_DOCTOR;
      case VERSION, CLASSPATH -> List.of();
    };
  }

  /** Whether all from the first operand on belongs to another program. */
  boolean passesOperandsOn() {
    return this == RUN || this == PIP || this == PYTHON;
  }
}
