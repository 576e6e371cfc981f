package dev.sluice.python;

/** A class that {@link JavaUnloadTest} loads anew. */
public class Greeter {
  public Greeter() {}

  public String hello() {
    return "hello";
  }
}
