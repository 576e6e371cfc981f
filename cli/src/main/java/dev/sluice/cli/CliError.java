package dev.sluice.cli;

import dev.sluice.python.ErrorCode;

/** What can be wrong with the command line and the configuration, and with Sluice itself. */
enum CliError implements ErrorCode {
  USAGE("SL401"),
  BAD_VALUE("SL402"),
  BAD_FILE("SL403"),
  UNKNOWN_SETTING("SL404"),
  NO_SCRIPT("SL405"),
  CHILD_NOT_STARTED("SL406"),
  INTERNAL("SL499");

  private final String id;

  CliError(String id) {
    this.id = id;
  }

  @Override
  public String id() {
    return id;
  }
}
