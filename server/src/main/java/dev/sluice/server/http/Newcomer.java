package dev.sluice.server.http;

import dev.sluice.server.http.connection.Connection;
import io.netty.channel.ChannelHandlerContext;
import java.time.Duration;

/**
 * A connection that does not speak HTTP yet: nothing of it is in flight, and its end is to close
 * it; on its {@code sluice-io} thread.
 */
interface Newcomer extends Connection {
  ChannelHandlerContext context();

  /**
   * Whether a time is over. Seconds are counted at their ends, so that one fewer may have passed.
   *
   * @param limit zero for none
   */
  static boolean isOver(int since, int second, Duration limit) {
    return !limit.isZero() && (second - since - 1) * 1000L >= limit.toMillis();
  }

  @Override
  default boolean isBusy() {
    return false;
  }

  @Override
  default boolean isSilent() {
    return true;
  }

  @Override
  default void announceEnd() {
    // It is told once it speaks: see IoThread.
  }

  @Override
  default void drain() {
    context().close();
  }

  @Override
  default void closeNow() {
    context().close();
  }
}
