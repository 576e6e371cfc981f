import dev.sluice.python.Attached;
import dev.sluice.python.Python;
import dev.sluice.python.PythonOptions;

/** The same from Java: java -cp "$(./sluice classpath)" examples/alien/Alien.java */
public final class Alien {
  private Alien() {}

  public static void main(String[] arguments) throws InterruptedException {
    // Python recurses deeper than the stack of Java's main thread allows.
    Thread main = Python.newThread("main", Alien::run);
    main.start();
    main.join();
  }

  private static void run() {
    try (Python python = Python.open(PythonOptions.embedded())) {
      Foo foo;
      try (Attached py = python.main().attach()) {
        foo = new Foo(py);
      }
      foo.start();
      Thread.sleep(3000);
      foo.stop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
