package dev.sluice.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Lines between the threads, and a file that does not take them. */
@Timeout(20)
class LogWriterTest {
  private static final LineFormat FORMAT = LineFormat.of("common");

  /** A file that takes as many bytes of each write as it was told, then fails. */
  private static final class Fake implements LogWriter.Sink {
    final StringBuilder written = new StringBuilder();
    final Deque<Integer> room = new ArrayDeque<>();

    @Override
    public void write(ByteBuffer bytes) throws IOException {
      Integer most = room.poll();
      int take = most == null ? bytes.remaining() : Math.min(most, bytes.remaining());
      for (int i = 0; i < take; i++) {
        written.append((char) bytes.get());
      }
      if (bytes.hasRemaining()) {
        throw new IOException("No space left on device");
      }
    }
  }

  private final LogBuffer buffer = new LogBuffer(100);
  private final Fake file = new Fake();
  private final LogWriter writer = new LogWriter(buffer, file, FORMAT);

  private boolean offer(LogBuffer to, String line) {
    byte[] bytes = line.getBytes(StandardCharsets.ISO_8859_1);
    return to.offer(bytes, bytes.length);
  }

  @Test
  void whatDoesNotFitIsDroppedAndCounted() {
    for (int i = 0; i < 10; i++) {
      assertThat(offer(buffer, "123456789\n")).isTrue();
    }
    assertThat(offer(buffer, "x\n")).isFalse();
    assertThat(offer(buffer, "y\n")).isFalse();
    buffer.close();
    writer.run();
    assertThat(file.written.toString()).isEqualTo("123456789\n".repeat(10) + FORMAT.note(2) + "\n");
    assertThat(FORMAT.note(2)).startsWith("# 2 lines were dropped");
    assertThat(LineFormat.of("json").note(2)).isEqualTo("{\"dropped\":2}");
  }

  @Test
  void aLineLargerThanTheBufferIsDropped() {
    assertThat(offer(buffer, "x".repeat(101))).isFalse();
    assertThat(offer(buffer, "x".repeat(99) + "\n")).isTrue();
  }

  @Test
  void nothingIsTakenAfterTheEnd() {
    buffer.close();
    assertThat(offer(buffer, "x\n")).isFalse();
    writer.run();
    assertThat(file.written.toString()).isEmpty();
  }

  /** The writer goes on, ends the line that was cut off, and says how many are missing. */
  @Test
  void aFullDiskCostsLinesAndNothingElse() throws InterruptedException {
    Thread thread = Thread.ofPlatform().start(writer);
    file.room.add(5);
    offer(buffer, "one\n");
    offer(buffer, "two\n");
    offer(buffer, "three\n");
    await(() -> writer.lost() == 2);
    file.room.add(0);
    offer(buffer, "four\n");
    await(() -> writer.lost() == 3);
    offer(buffer, "five\n");
    buffer.close();
    thread.join();
    assertThat(file.written.toString()).isEqualTo("one\nt\nfive\n" + FORMAT.note(3) + "\n");
    assertThat(writer.lost()).isEqualTo(3);
  }

  @Test
  void aNoteThatFailsIsWrittenLater() throws InterruptedException {
    Thread thread = Thread.ofPlatform().start(writer);
    file.room.add(0);
    offer(buffer, "one\n");
    await(() -> writer.lost() == 1);
    file.room.add(4);
    file.room.add(2);
    offer(buffer, "two\n");
    await(() -> file.room.isEmpty());
    offer(buffer, "three\n");
    buffer.close();
    thread.join();
    assertThat(file.written.toString()).isEqualTo("two\n# \nthree\n" + FORMAT.note(1) + "\n");
  }

  @Test
  void theBufferGrowsToItsLimit() {
    LogBuffer large = new LogBuffer(1_000_000);
    String line = "x".repeat(999) + "\n";
    for (int i = 0; i < 1000; i++) {
      assertThat(offer(large, line)).isTrue();
    }
    assertThat(offer(large, "x")).isFalse();
    large.close();
    new LogWriter(large, file, FORMAT).run();
    assertThat(file.written.toString()).isEqualTo(line.repeat(1000) + FORMAT.note(1) + "\n");
  }

  private static void await(java.util.function.BooleanSupplier condition)
      throws InterruptedException {
    while (!condition.getAsBoolean()) {
      Thread.sleep(1); // (the test's limit of time bounds this)
    }
  }
}
