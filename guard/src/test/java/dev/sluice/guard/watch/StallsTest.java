package dev.sluice.guard.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

/** What is logged of many stalls, and that all are counted. */
class StallsTest {
  private long now;
  private final List<String> lines = new ArrayList<>();
  private final Stalls stalls = new Stalls(logger(), () -> now);

  @SuppressWarnings("serial")
  private Logger logger() {
    return new LegacyAbstractLogger() {
      @Override
      protected String getFullyQualifiedCallerName() {
        return "";
      }

      @Override
      protected void handleNormalizedLoggingCall(
          Level level, org.slf4j.Marker marker, String text, Object[] args, Throwable thrown) {
        lines.add(MessageFormatter.basicArrayFormat(text, args));
      }

      @Override
      public boolean isTraceEnabled() {
        return true;
      }

      @Override
      public boolean isDebugEnabled() {
        return true;
      }

      @Override
      public boolean isInfoEnabled() {
        return true;
      }

      @Override
      public boolean isWarnEnabled() {
        return true;
      }

      @Override
      public boolean isErrorEnabled() {
        return true;
      }
    };
  }

  private void stall(String loop, int line, int began) {
    stalls.add(
        new Stall(
            loop,
            "main",
            Stall.Kind.COMPUTING,
            200_000_000,
            List.of("File \"/app/views.py\", line " + line + ", in view"),
            List.of(),
            Instant.ofEpochSecond(began),
            false));
  }

  @Test
  void onlySomeOfEachMinuteAreLoggedAndAllAreCounted() {
    for (int i = 0; i < 20; i++) {
      stall("MainThread", i, i);
    }
    assertThat(lines).hasSize(5).allMatch(line -> line.contains("MainThread has stood still"));
    assertThat(stalls.count()).isEqualTo(20);
    assertThat(stalls.last()).hasSize(20);
    stalls.tellCounted();
    assertThat(lines).hasSize(5);
    now += StallLimit.MINUTE;
    stalls.tellCounted();
    stalls.tellCounted();
    assertThat(lines).hasSize(6);
    assertThat(lines.getLast()).contains("MainThread has stood still 15 more times");
  }

  @Test
  void inTheNextMinuteWhatWasNotToldMayBe() {
    for (int i = 0; i < 6; i++) {
      stall("MainThread", i, i);
    }
    now += StallLimit.MINUTE;
    stalls.tellCounted();
    lines.clear();
    stall("MainThread", 0, 10);
    assertThat(lines).as("told before").isEmpty();
    stall("MainThread", 5, 11);
    assertThat(lines).hasSize(1);
  }

  @Test
  void eachLoopHasItsOwn() {
    for (int i = 0; i < 6; i++) {
      stall("MainThread", i, i);
    }
    lines.clear();
    stall("other", 100, 7);
    assertThat(lines).hasSize(1);
  }

  @Test
  void aMinuteWithFewIsNotSpokenOf() {
    stall("MainThread", 1, 1);
    stall("MainThread", 1, 2);
    lines.clear();
    now += StallLimit.MINUTE;
    stalls.tellCounted();
    assertThat(lines).isEmpty();
  }
}
