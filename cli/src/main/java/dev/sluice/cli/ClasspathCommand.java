package dev.sluice.cli;

import java.io.File;
import java.util.ArrayList;
import java.util.List;

/** {@code sluice classpath}. */
record ClasspathCommand(Console console, Invocation invocation) {
  int run() {
    List<String> entries = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path", "").split(File.pathSeparator, -1)) {
      if (!entry.isEmpty()) {
        entries.add(console.resolve(entry).toString());
      }
    }
    console.out().println(String.join(File.pathSeparator, entries));
    return ExitCode.OK;
  }
}
