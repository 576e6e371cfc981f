package dev.sluice.server.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Warnings and errors in the log: each is one too many, unless the test has asked for it. Watches
 * what is written to the standard error stream by any thread.
 */
public final class Complaints implements AutoCloseable {
  /** What a test's application says when it fails on purpose. */
  public static final String ASKED_FOR = "asked for by the test";

  private static final List<String> EXPECTED =
      List.of(ASKED_FOR, "the application sent", "WARNING: ");

  private final PrintStream before = System.err;
  private final ByteArrayOutputStream seen = new ByteArrayOutputStream();

  private Complaints() {
    System.setErr(new PrintStream(seen, true, StandardCharsets.UTF_8));
  }

  /** Keeps what is written from now on, until this is closed. */
  public static Complaints watch() {
    return new Complaints();
  }

  /** Fails if there was one. */
  public void assertNone() {
    if (seen.size() == 0) {
      return;
    }
    String all = seen.toString(StandardCharsets.UTF_8);
    boolean unexpected =
        all.lines()
            .filter(line -> line.contains(" WARN ") || line.contains(" ERROR "))
            .anyMatch(line -> EXPECTED.stream().noneMatch(line::contains));
    if (unexpected || all.contains("Exception in thread")) {
      throw new AssertionError("the log says:\n" + all);
    }
  }

  @Override
  public void close() {
    System.setErr(before);
  }
}
