package dev.sluice.server.http.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies that are polled by whoever may not wait. */
@Timeout(60)
class BodyPollTest {
  private final TaskSource source = new TaskSource();
  private final BodyStream stream = new BodyStream(source, -1);
  private final List<String> called = new ArrayList<>();

  private static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
  }

  private static String poll(IncomingBody body, int room) throws IOException {
    ByteBuffer target = ByteBuffer.allocate(room);
    int size = body.poll(target);
    assertThat(target.position()).isEqualTo(Math.max(0, size));
    return size < 0 ? "end" : new String(target.array(), 0, size, StandardCharsets.US_ASCII);
  }

  private void note(String name) {
    stream.whenReadable(() -> called.add(name));
  }

  @Test
  void aStreamGivesWhatHasArrived() throws IOException {
    assertThat(poll(stream, 10)).isEmpty();
    stream.add(bytes("abc"));
    stream.add(bytes("def"));
    assertThat(stream.available()).isEqualTo(6);
    assertThat(poll(stream, 4)).isEqualTo("abcd");
    assertThat(stream.available()).isEqualTo(2);
    assertThat(poll(stream, 0)).isEmpty();
    stream.complete(() -> {});
    assertThat(poll(stream, 10)).isEqualTo("ef");
    assertThat(poll(stream, 10)).isEqualTo("end");
    assertThat(poll(stream, 10)).isEqualTo("end");
    assertThat(stream.available()).isZero();
  }

  @Test
  void theClientIsAskedOnce() throws IOException {
    note("first");
    assertThat(poll(stream, 1)).isEmpty();
    note("second");
    source.runAll();
    assertThat(source.wanted).isEqualTo(1);
  }

  @Test
  void whatArrivesIsToldOnceInATask() throws IOException {
    note("first");
    source.runAll();
    assertThat(called).isEmpty();
    stream.add(bytes("a"));
    stream.add(bytes("b"));
    assertThat(called).as("not within the arrival").isEmpty();
    source.runAll();
    assertThat(called).containsExactly("first");
    stream.add(bytes("c"));
    source.runAll();
    assertThat(called).containsExactly("first");
    note("second");
    assertThat(called).as("not within the call").containsExactly("first");
    source.runAll();
    assertThat(called).containsExactly("first", "second");
    assertThat(poll(stream, 10)).isEqualTo("abc");
  }

  @Test
  void theLatestIsTold() {
    note("first");
    note("second");
    stream.add(bytes("a"));
    note("third");
    source.runAll();
    assertThat(called).containsExactly("third");
    stream.discard();
  }

  @Test
  void whatWasTakenMeanwhileIsNotTold() throws IOException {
    note("first");
    stream.add(bytes("a"));
    assertThat(poll(stream, 10)).isEqualTo("a");
    source.runAll();
    assertThat(called).isEmpty();
    stream.add(bytes("b"));
    source.runAll();
    assertThat(called).containsExactly("first");
    stream.discard();
  }

  @Test
  void theEndIsTold() throws IOException {
    note("end");
    stream.complete(() -> {});
    source.runAll();
    assertThat(called).containsExactly("end");
    assertThat(poll(stream, 1)).isEqualTo("end");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aFailureIsToldBehindWhatCameBefore(boolean discarded) throws IOException {
    stream.add(bytes("a"));
    note("first");
    source.runAll();
    assertThat(poll(stream, 10)).isEqualTo("a");
    note("failure");
    if (discarded) {
      stream.discard();
    } else {
      stream.fail("the client is gone");
    }
    source.runAll();
    assertThat(called).containsExactly("first", "failure");
    assertThatThrownBy(() -> poll(stream, 1))
        .isInstanceOf(IOException.class)
        .hasMessage(discarded ? "the request has ended" : "the client is gone");
  }

  @Test
  void pollingReadsOn() throws IOException {
    stream.add(Unpooled.wrappedBuffer(new byte[300_000]));
    assertThat(source.paused).isEqualTo(1);
    while (stream.available() > 65_536) {
      source.runAll();
      assertThat(source.resumed).isZero();
      assertThat(poll(stream, 10_000)).hasSize(10_000);
    }
    source.runAll();
    assertThat(source.resumed).isEqualTo(1);
    stream.discard();
  }

  /** The reader that is waited for is no thread. */
  @Test
  void nobodyIsKeptWaitingByPolling() throws Exception {
    HttpLimits impatient = limits(Duration.ofMillis(1));
    note("first");
    poll(stream, 1);
    Thread.sleep(20);
    assertThat(stream.keepsReaderWaiting(impatient)).isFalse();
  }

  private static HttpLimits limits(Duration body) {
    HttpLimits d = HttpLimits.DEFAULT;
    return new HttpLimits(
        d.requestLine(),
        d.headerBytes(),
        d.headers(),
        d.requestBody(),
        d.bodyInMemory(),
        d.bodiesInMemory(),
        d.connections(),
        d.streams(),
        d.uploadRate(),
        d.idle(),
        d.keepAlive(),
        d.handshake(),
        d.header(),
        body,
        d.send());
  }

  private BodyCollector collected(byte[] content, int inMemory) throws InterruptedException {
    BodyMemory memory = new BodyMemory(1 << 20);
    BodyCollector body = new BodyCollector(inMemory, new BodyAllowance(memory), source);
    Random random = new Random(4);
    for (int at = 0; at < content.length; ) {
      int size = Math.min(1 + random.nextInt(9000), content.length - at);
      body.add(Unpooled.copiedBuffer(content, at, size));
      at += size;
    }
    List<String> done = new ArrayList<>();
    body.complete(() -> done.add("done"));
    while (done.isEmpty()) {
      source.runNext();
    }
    return body;
  }

  @ParameterizedTest
  @ValueSource(ints = {1 << 20, 1000})
  void aCollectedBodyIsPolled(int inMemory) throws Exception {
    byte[] content = new byte[100_000];
    new Random(inMemory).nextBytes(content);
    BodyCollector body = collected(content, inMemory);
    assertThat(body.file() == null).isEqualTo(inMemory > content.length);
    assertThat(body.available()).isEqualTo(content.length);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    ByteBuffer target = ByteBuffer.allocateDirect(7777);
    for (int size = body.poll(target); size >= 0; size = body.poll(target.clear())) {
      assertThat(size).isEqualTo(Math.min(7777, content.length - all.size()));
      byte[] piece = new byte[size];
      target.flip().get(piece);
      all.writeBytes(piece);
      assertThat(body.available()).isEqualTo(content.length - all.size());
    }
    assertThat(all.toByteArray()).isEqualTo(content);
    assertThat(body.poll(target.clear())).isEqualTo(-1);
    body.whenReadable(() -> called.add("collected"));
    assertThat(called).isEmpty();
    source.runAll();
    assertThat(called).containsExactly("collected");
    body.discard();
    assertThat(body.available()).isZero();
    assertThatThrownBy(() -> body.poll(target))
        .isInstanceOf(IOException.class)
        .hasMessage("the request has ended");
  }

  @Test
  void whatWasPolledMayBeCopiedToo() throws Exception {
    byte[] content = "some text".getBytes(StandardCharsets.US_ASCII);
    BodyCollector body = collected(content, 1000);
    assertThat(poll(body, 4)).isEqualTo("some");
    byte[] copy = new byte[content.length];
    body.copyTo(ByteBuffer.wrap(copy));
    assertThat(copy).isEqualTo(content);
    assertThat(poll(body, 99)).isEqualTo(" text");
    body.discard();
  }

  @Test
  void nothingIsPolledToItsEnd() throws IOException {
    EmptyBody body = new EmptyBody(source);
    body.whenReadable(() -> called.add("nothing"));
    source.runAll();
    assertThat(called).containsExactly("nothing");
    assertThat(poll(body, 1)).isEqualTo("end");
  }
}
