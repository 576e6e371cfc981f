package dev.sluice.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.python.Attached;
import dev.sluice.python.PyObject;
import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A queue of Python's, put into by a Java Cleaner while Python's threads are inside it. */
@Timeout(60)
class SafeQueueCleanerTest extends LoopTests {
  private static final int OBJECTS = 40;

  private static final String PYTHON =
      """
      import sluice, threading

      queue = sluice.SafeQueue()
      ended = sluice.SafeQueue()
      got = []

      def consume():
          for item in queue:
              got.append(item)

      def produce():
          number = 0
          while not ended.closed:
              queue.put(("python", number))
              number += 1
          return number

      counts = []
      consumers = [threading.Thread(target=consume) for _ in range(2)]
      producers = [threading.Thread(target=lambda: counts.append(produce())) for _ in range(2)]
      for thread in consumers + producers:
          thread.start()

      def finish():
          ended.close()
          for thread in producers:
              thread.join()
          queue.close()
          for thread in consumers:
              thread.join()
          assert sum(counts) == sum(1 for item in got if item[0] == "python")
          return sorted(number for kind, number in got if kind == "java")
      """;

  @Test
  void aCleanerPutsIntoAQueueThatThreadsAreInside() throws Exception {
    PyObject put = function(PYTHON, "lambda number: queue.put(('java', number))");
    Cleaner cleaner = Cleaner.create();
    var cleaned = new AtomicInteger();
    for (int i = 0; i < OBJECTS; i++) {
      int number = i;
      cleaner.register(
          new Object(),
          () -> {
            try (Attached py = main.attach()) {
              put.call(number);
            }
            cleaned.incrementAndGet();
          });
    }
    while (cleaned.get() < OBJECTS) {
      System.gc();
      Thread.sleep(5);
    }
    try (Attached py = main.attach()) {
      PyObject numbers = py.eval("finish()");
      assertThat(numbers.attr("__eq__").call(py.eval("list(range(" + OBJECTS + "))")).isTrue())
          .isTrue();
      py.exec("del queue, ended, got, counts, consumers, producers, consume, produce, finish");
    }
  }
}
