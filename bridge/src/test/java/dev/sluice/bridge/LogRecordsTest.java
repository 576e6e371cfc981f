package dev.sluice.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.python.Attached;
import dev.sluice.python.PyObject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Java's log records in a handler of Python's; from threads of many kinds. */
@Timeout(60)
class LogRecordsTest extends LoopTests {
  private static final int THREADS = 6;
  private static final int EACH = 1_000;

  private static final String PYTHON =
      """
      import logging, sluice

      class Kept(logging.Handler):
          messages = []

          def emit(self, record):
              self.messages.append(record.getMessage())

      handler = sluice.SafeQueueHandler(Kept(), maxsize=%d, java=True)
      """;

  private static boolean offer(String message) {
    return LogRecords.offer("test", 30, message, null);
  }

  @Test
  void withoutAHandlerARecordIsTheCallers() {
    assertThat(offer("for nobody")).isFalse();
  }

  @Test
  void eachThreadsRecordsAreWrittenInTheirOrder() throws Exception {
    function(PYTHON.formatted(0), "None");
    var threads = new ArrayList<Thread>();
    for (int t = 0; t < THREADS; t++) {
      String name = "thread" + t;
      Runnable logging =
          () -> {
            for (int i = 0; i < EACH; i++) {
              assertThat(offer(name + " " + i)).isTrue();
            }
          };
      threads.add(
          t % 2 == 0 ? Thread.ofVirtual().start(logging) : Thread.ofPlatform().start(logging));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    List<String> messages = closed();
    assertThat(messages).hasSize(THREADS * EACH);
    for (int t = 0; t < THREADS; t++) {
      String name = "thread" + t + " ";
      List<String> own = messages.stream().filter(each -> each.startsWith(name)).toList();
      for (int i = 0; i < EACH; i++) {
        assertThat(own.get(i)).isEqualTo(name + i);
      }
    }
    assertThat(offer("after the end")).isFalse();
  }

  @Test
  void whatHasNoRoomIsCounted() {
    int total = 5_000;
    function(PYTHON.formatted(10), "None");
    // The handler's thread needs the GIL, which this thread has.
    try (Attached py = main.attach()) {
      for (int i = 0; i < total; i++) {
        offer("number " + i);
      }
    }
    List<String> messages = closed();
    long written = messages.stream().filter(each -> each.startsWith("number")).count();
    try (Attached py = main.attach()) {
      long dropped = py.eval("handler.dropped").as(Long.class);
      assertThat(dropped).isPositive();
      assertThat(written + dropped).isEqualTo(total);
    }
    assertThat(messages).anyMatch(each -> each.contains("records were dropped"));
  }

  private List<String> closed() {
    try (Attached py = main.attach();
        PyObject messages = py.eval("(handler.close(), Kept.messages)[1]")) {
      return messages.asList(String.class);
    }
  }
}
