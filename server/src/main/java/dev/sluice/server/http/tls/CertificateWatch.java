package dev.sluice.server.http.tls;

import dev.sluice.python.SluiceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks on the thread {@code sluice-tls} whether files of certificates have changed; its methods
 * may be called by any thread. The thread is started with the first certificates.
 */
public final class CertificateWatch implements AutoCloseable {
  /** How often it looks; a change is taken up within three times as long. */
  public static final Duration INTERVAL = Duration.ofSeconds(2);

  private static final Logger LOG = LoggerFactory.getLogger(CertificateWatch.class);

  private final List<Tls> watched = new CopyOnWriteArrayList<>();
  private final Duration interval;
  private @Nullable Thread thread;

  public CertificateWatch() {
    this(INTERVAL);
  }

  CertificateWatch(Duration interval) {
    this.interval = interval;
  }

  /** Watches these too, unless it does so already. */
  public synchronized void add(Tls tls) {
    if (watched.contains(tls)) {
      return;
    }
    watched.add(tls);
    if (thread == null) {
      thread = Thread.ofPlatform().daemon().name("sluice-tls").start(this::watch);
    }
  }

  private void watch() {
    try {
      while (true) {
        Thread.sleep(interval);
        for (Tls tls : watched) {
          look(tls);
        }
      }
    } catch (InterruptedException e) {
      // close() was called.
    }
  }

  private static void look(Tls tls) {
    try {
      tls.reloadIfChanged();
    } catch (RuntimeException e) {
      LOG.error("the certificates could not be looked at: {}", e.toString());
    }
  }

  /**
   * Reads all files again now. Blocks.
   *
   * @return what went wrong: those certificates stay as they were
   */
  public List<SluiceException> reload() {
    List<SluiceException> failures = new ArrayList<>();
    for (Tls tls : watched) {
      try {
        tls.reload();
      } catch (SluiceException e) {
        failures.add(e);
      }
    }
    return failures;
  }

  /** Stops watching, and closes what was watched. */
  @Override
  public synchronized void close() {
    if (thread != null) {
      thread.interrupt();
    }
    watched.forEach(Tls::close);
  }
}
