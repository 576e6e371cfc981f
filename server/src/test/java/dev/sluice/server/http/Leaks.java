package dev.sluice.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Makes a test fail for what Netty's leak detection finds, which otherwise only writes a line. What
 * was dropped is found once the collector has run and the next of its kind is made; so a leak may
 * be laid to the test after the one that has it.
 */
final class Leaks {
  private static final Queue<String> FOUND = new ConcurrentLinkedQueue<>();

  private Leaks() {}

  /** Before Netty makes its detectors; those that it has made already only write their lines. */
  static void watch() {
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(
        new ResourceLeakDetectorFactory() {
          @Override
          @Deprecated
          @SuppressWarnings("InlineMeSuggester")
          public <T> ResourceLeakDetector<T> newResourceLeakDetector(
              Class<T> resource, int interval, long mostActive) {
            return new Detector<>(resource, interval);
          }

          @Override
          public <T> ResourceLeakDetector<T> newResourceLeakDetector(
              Class<T> resource, int interval) {
            return new Detector<>(resource, interval);
          }
        });
  }

  private static final class Detector<T> extends ResourceLeakDetector<T> {
    @SuppressWarnings("deprecation") // the one that the factory's own uses, too
    Detector(Class<T> resource, int interval) {
      super(resource, interval);
    }

    @Override
    protected void reportTracedLeak(String type, String records) {
      FOUND.add(type + records);
    }

    @Override
    protected void reportUntracedLeak(String type) {
      FOUND.add(type);
    }
  }

  static void assertNone() {
    System.gc();
    List<String> found = new ArrayList<>();
    FOUND.removeIf(found::add); // each is told once
    assertThat(found).as("leaks").isEmpty();
  }
}
