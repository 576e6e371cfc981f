package dev.sluice.python;

/** Work for a platform thread that is attached to Python. */
@FunctionalInterface
public interface PythonTask<T> {
  /** Runs attached; may block, and may throw anything. */
  T run(Attached py) throws Exception;
}
