package dev.sluice.server.http.connection;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Where a body comes from, without a connection: tasks run when a test asks for it. */
final class TaskSource implements BodySource {
  final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
  int paused;
  int resumed;
  int wanted;

  /** Runs a task, for which it waits if need be. */
  void runNext() throws InterruptedException {
    Runnable task = tasks.poll(10, TimeUnit.SECONDS);
    if (task == null) {
      throw new AssertionError("nothing is to be done");
    }
    task.run();
  }

  /** Runs what there is. */
  void runAll() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  @Override
  public void onIoThread(Runnable action) {
    tasks.add(action);
  }

  @Override
  public void pauseReading() {
    paused++;
  }

  @Override
  public void resumeReading() {
    resumed++;
  }

  @Override
  public void bodyWanted() {
    wanted++;
  }

  @Override
  public void spoolFailed() {
    throw new AssertionError("the spool has failed");
  }
}
