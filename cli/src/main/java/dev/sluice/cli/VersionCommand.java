package dev.sluice.cli;

import dev.sluice.python.SluiceException;
import dev.sluice.python.install.Installations;

/** {@code sluice version}. */
record VersionCommand(Console console, Invocation invocation) {
  int run() {
    if (!invocation.operands().isEmpty()) {
      throw Invocation.usage(invocation.command(), "it takes no arguments.");
    }
    console.out().println("Sluice  " + Versions.sluice());
    console.out().println("CPython " + python() + " (embedded)");
    console.out().println("Netty   " + Versions.netty());
    console.out().println("Java    " + Versions.java());
    return ExitCode.OK;
  }

  private String python() {
    try {
      return new Installations(console.cache()).embeddedVersion().toString();
    } catch (SluiceException e) {
      return "(none)";
    }
  }
}
