package dev.sluice.server.http.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies in memory, and what they may have together. */
@Timeout(60)
class BodyCollectorTest {
  private final List<ByteBuf> all = new ArrayList<>();

  private ByteBuf read(byte[] content, int capacity) {
    ByteBuf buffer = ByteBufAllocator.DEFAULT.directBuffer(capacity).writeBytes(content);
    all.add(buffer);
    return buffer;
  }

  private static byte[] content(BodyCollector body) {
    ByteBuffer target = ByteBuffer.allocateDirect((int) body.length());
    body.copyTo(target);
    byte[] content = new byte[target.capacity()];
    target.get(content);
    return content;
  }

  private void assertAllReleased() {
    assertThat(all).allMatch(buffer -> buffer.refCnt() == 0);
  }

  /** Whole reads, slices of them, and crumbs, in any order. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void piecesOfAnySizeAreOneBody(long seed) {
    Random random = new Random(seed);
    BodyMemory memory = new BodyMemory(1 << 20);
    BodyCollector body = new BodyCollector(1 << 20, new BodyAllowance(memory), new TaskSource());
    byte[] content = new byte[400_000];
    random.nextBytes(content);
    for (int at = 0; at < content.length; ) {
      int[] sizes = {1, 700, 5000, 16_384, 65_536};
      int size = Math.min(sizes[random.nextInt(sizes.length)], content.length - at);
      byte[] part = new byte[size];
      System.arraycopy(content, at, part, 0, size);
      ByteBuf whole = read(part, random.nextBoolean() ? size : 65_536);
      if (random.nextBoolean()) {
        int first = random.nextInt(size);
        body.add(whole.readRetainedSlice(first));
        body.add(whole.readRetainedSlice(size - first));
        whole.release();
      } else {
        body.add(whole);
      }
      at += size;
    }
    assertThat(body.file()).isNull();
    assertThat(content(body)).isEqualTo(content);
    assertThat(memory.free()).isEqualTo((1 << 20) - content.length + BodyAllowance.OWN);
    body.discard();
    body.discard();
    assertThat(memory.free()).isEqualTo(1 << 20);
    assertAllReleased();
  }

  @Test
  void whoFindsNoMemoryLeftGoesToAFile() throws IOException, InterruptedException {
    BodyMemory memory = new BodyMemory(100_000);
    TaskSource source = new TaskSource();
    BodyCollector first = new BodyCollector(1 << 20, new BodyAllowance(memory), source);
    first.add(read(new byte[150_000], 150_000));
    BodyCollector second = new BodyCollector(1 << 20, new BodyAllowance(memory), source);
    second.add(read(new byte[60_000], 60_000));
    assertThat(memory.free()).as("each connection has a little for itself").isEqualTo(15_536);
    second.add(read(new byte[60_000], 60_000));
    List<String> done = new ArrayList<>();
    second.complete(() -> done.add("second"));
    while (done.isEmpty()) {
      source.runNext();
    }
    Path file = second.file();
    assertThat(file).isNotNull().hasSize(120_000);
    assertThat(first.file()).isNull();
    assertThat(memory.free()).isEqualTo(15_536);
    first.discard();
    second.discard();
    assertThat(memory.free()).isEqualTo(100_000);
    for (int i = 0; i < 1000 && Files.exists(file); i++) {
      Thread.sleep(10);
    }
    assertThat(file).doesNotExist();
    assertAllReleased();
  }

  @Test
  void theBodiesOfAConnectionShareWhatItHasForItself() {
    BodyMemory memory = new BodyMemory(100_000);
    BodyAllowance connection = new BodyAllowance(memory);
    List<BodyCollector> bodies = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      BodyCollector body = new BodyCollector(1 << 20, connection, new TaskSource());
      body.add(read(new byte[40_000], 40_000));
      bodies.add(body);
    }
    assertThat(memory.free()).isEqualTo(100_000 - (160_000 - 65_536));
    BodyCollector tooMuch = new BodyCollector(1 << 20, connection, new TaskSource());
    tooMuch.add(read(new byte[40_000], 40_000));
    assertThat(memory.free()).as("it is in a file").isEqualTo(100_000 - (160_000 - 65_536));
    bodies.getFirst().discard();
    assertThat(memory.free()).isEqualTo(100_000 - (120_000 - 65_536));
    bodies.forEach(BodyCollector::discard);
    tooMuch.discard();
    assertThat(memory.free()).isEqualTo(100_000);
  }

  /** A buffer of two kilobytes has room for a byte, too. */
  @Test
  void manyTinyBodiesCountAsWhatTheyTake() {
    BodyMemory memory = new BodyMemory(100_000);
    BodyAllowance connection = new BodyAllowance(memory);
    List<BodyCollector> bodies = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      BodyCollector body = new BodyCollector(1 << 20, connection, new TaskSource());
      body.add(read(new byte[1], 2048));
      bodies.add(body);
    }
    assertThat(memory.free()).isEqualTo(100_000 - (50 * 2048 - 65_536));
    bodies.forEach(BodyCollector::discard);
    assertThat(memory.free()).isEqualTo(100_000);
    assertAllReleased();
  }
}
