package dev.sluice.server.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails a class of tests if Netty has found a buffer that nobody released. */
public final class NoLeaks implements BeforeAllCallback, AfterAllCallback {
  private final ByteArrayOutputStream seen = new ByteArrayOutputStream();
  private PrintStream before = System.err;

  @Override
  public void beforeAll(ExtensionContext context) {
    assertThat(ResourceLeakDetector.getLevel()).isEqualTo(ResourceLeakDetector.Level.PARANOID);
    before = System.err;
    System.setErr(new PrintStream(new Both(before, seen), true, StandardCharsets.UTF_8));
  }

  /** Leaks are found when their buffers have been collected and another one is allocated. */
  @Override
  public void afterAll(ExtensionContext context) throws InterruptedException {
    for (int i = 0; i < 3; i++) {
      System.gc();
      Thread.sleep(20);
      for (int j = 0; j < 10; j++) {
        ByteBufAllocator.DEFAULT.directBuffer(16).release();
      }
    }
    System.setErr(before);
    assertThat(seen.toString(StandardCharsets.UTF_8)).doesNotContain("LEAK");
  }

  private static final class Both extends OutputStream {
    private final OutputStream one;
    private final OutputStream other;

    Both(OutputStream one, OutputStream other) {
      this.one = one;
      this.other = other;
    }

    @Override
    public synchronized void write(int b) throws IOException {
      one.write(b);
      other.write(b);
    }

    @Override
    public synchronized void write(byte[] bytes, int from, int count) throws IOException {
      one.write(bytes, from, count);
      other.write(bytes, from, count);
    }
  }
}
