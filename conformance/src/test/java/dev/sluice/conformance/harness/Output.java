package dev.sluice.conformance.harness;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * What a child has printed on one of its streams. A daemon thread of its own reads the stream to
 * its end; any thread may look at the lines or wait for one.
 */
public final class Output {
  private final String name;
  private final List<String> lines = new ArrayList<>();
  private final Thread reader;
  private boolean ended;

  Output(String name, InputStream stream) {
    this.name = name;
    reader = Thread.ofPlatform().daemon().name("read-" + name).start(() -> collect(stream));
  }

  private void collect(InputStream stream) {
    try (var source = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
      for (String line = source.readLine(); line != null; line = source.readLine()) {
        add(line);
      }
    } catch (IOException closedWithTheChild) {
      add("(" + closedWithTheChild.getMessage() + ")");
    } finally {
      end();
    }
  }

  private synchronized void add(String line) {
    lines.add(line);
    notifyAll();
  }

  private synchronized void end() {
    ended = true;
    notifyAll();
  }

  /** The lines printed so far. */
  public synchronized List<String> lines() {
    return List.copyOf(lines);
  }

  /** Everything printed so far. */
  public String text() {
    return String.join("\n", lines());
  }

  /** Waits for a line, one printed already included. */
  public String await(Predicate<String> wanted, Duration limit) {
    return await(0, wanted, limit);
  }

  /** Waits for a line that is not among the first ones. */
  public String awaitAfter(int first, Predicate<String> wanted) {
    return await(first, wanted, Limits.ANSWER);
  }

  private synchronized String await(int first, Predicate<String> wanted, Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    int seen = first;
    while (true) {
      for (; seen < lines.size(); seen++) {
        if (wanted.test(lines.get(seen))) {
          return lines.get(seen);
        }
      }
      long left = (end - System.nanoTime()) / 1_000_000;
      if (ended || left <= 0) {
        String why = ended ? " ended" : " has shown nothing of it for " + limit;
        throw new AssertionError(name + why + ". It printed:\n" + text());
      }
      try {
        wait(left);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted while waiting for a line of " + name, interrupted);
      }
    }
  }

  /** Waits for a line that contains the text. */
  public String await(String part) {
    return await(line -> line.contains(part), Limits.ANSWER);
  }

  /** Waits until the stream has ended, and gives all of it. */
  String whole() {
    try {
      if (!reader.join(Limits.ANSWER)) {
        throw new UncheckedIOException(new IOException(name + " is still open after its process"));
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while reading " + name, interrupted);
    }
    return text();
  }
}
