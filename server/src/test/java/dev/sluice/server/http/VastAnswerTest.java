package dev.sluice.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.Forwarding;
import dev.sluice.server.exchange.Outcome;
import dev.sluice.server.exchange.ResponseHead;
import dev.sluice.server.http.connection.BodyMode;
import dev.sluice.server.http.connection.HttpLimits;
import dev.sluice.server.http.connection.Serving;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Answers of one piece for which there is no memory: the client has to be told, by a reset. */
@Timeout(60)
class VastAnswerTest {
  @TempDir private Path folder;
  private final BlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();
  private final HttpServer server =
      new HttpServer(
          new Serving(
              HttpLimits.DEFAULT,
              this::accept,
              (exchange, outcome) -> outcomes.add(outcome),
              Forwarding.NONE,
              BodyMode.COLLECT),
          1);

  @AfterEach
  void stop() {
    server.close();
  }

  private boolean accept(Exchange exchange) {
    int size = Integer.parseInt(exchange.request().target().substring(1));
    Thread.ofVirtual().start(() -> respond(exchange, size));
    return true;
  }

  /** A file of nothing but a size takes no memory. */
  private void respond(Exchange exchange, int size) {
    ResponseHead head = new ResponseHead();
    head.reset(200, "OK");
    try (FileChannel file =
        FileChannel.open(
            folder.resolve("sparse"),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.SPARSE)) {
      ByteBuffer body = file.map(MapMode.READ_WRITE, 0, size);
      exchange.respond(head, body);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The tests have 512 MiB. */
  @ParameterizedTest
  @CsvSource({"1000000000", "2147483600", "2147483647"})
  void anAnswerWithoutMemoryIsBrokenOff(int size) throws Exception {
    server.bind(ListenerOptions.plain(Site.ANY_PORT));
    try (Wire wire = Wire.plain(URI.create(server.urls().getFirst()).getPort())) {
      assertThat(wire.get("/" + size).readUntilClosed()).isEmpty();
    }
    Outcome outcome = outcomes.poll(15, TimeUnit.SECONDS);
    assertThat(outcome).isNotNull();
    assertThat(outcome.complete()).isFalse();
    assertThat(server.requestsInFlight()).isZero();
  }
}
