package dev.sluice.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.FileRegion;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import org.jspecify.annotations.Nullable;

/**
 * A connection without a socket, whose two directions end by themselves as those of TCP do; used by
 * one thread. Its buffers are counted.
 */
final class FuzzedChannel extends EmbeddedChannel implements DuplexChannel {
  private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
  private boolean inputEnded;
  private boolean outputEnded;
  private @Nullable String complaint;

  FuzzedChannel() {
    config().setAllocator(allocator);
    freezeTime();
  }

  /** How many bytes of buffers have not been given back. */
  long held() {
    return allocator.metric().usedDirectMemory() + allocator.metric().usedHeapMemory();
  }

  void receive(byte[] bytes) {
    writeInbound(allocator.directBuffer(bytes.length).writeBytes(bytes));
  }

  /** The client sends no more. */
  void endInput() {
    inputEnded = true;
    pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
  }

  /** Takes what the server sends, as the system would. */
  @Override
  protected void handleOutboundMessage(Object out) {
    if (outputEnded) {
      complaint = "something was sent behind the end: " + out;
    }
    if (out instanceof ByteBuf buffer) {
      byte[] bytes = new byte[buffer.readableBytes()];
      buffer.readBytes(bytes).release();
      sent.writeBytes(bytes);
    } else if (out instanceof FileRegion region) {
      transfer(region);
      region.release();
    } else {
      complaint = "no bytes: " + out;
    }
  }

  /** Fails if something was sent that cannot be. */
  void check() {
    if (complaint != null) {
      throw new AssertionError(complaint);
    }
    checkException();
  }

  private void transfer(FileRegion region) {
    try {
      long moved = 1;
      while (region.transferred() < region.count() && moved > 0) {
        moved = region.transferTo(Channels.newChannel(sent), region.transferred());
      }
    } catch (IOException e) {
      complaint = "a file was not sent: " + e;
    }
  }

  /** All that the server has sent. */
  byte[] sent() {
    return sent.toByteArray();
  }

  @Override
  public boolean isInputShutdown() {
    return inputEnded;
  }

  @Override
  public boolean isOutputShutdown() {
    return outputEnded;
  }

  @Override
  public boolean isShutdown() {
    return inputEnded && outputEnded;
  }

  @Override
  public ChannelFuture shutdownOutput() {
    return shutdownOutput(newPromise());
  }

  @Override
  public ChannelFuture shutdownOutput(ChannelPromise promise) {
    outputEnded = true;
    return promise.setSuccess();
  }

  @Override
  public ChannelFuture shutdownInput() {
    return shutdownInput(newPromise());
  }

  @Override
  public ChannelFuture shutdownInput(ChannelPromise promise) {
    inputEnded = true;
    return promise.setSuccess();
  }

  @Override
  public ChannelFuture shutdown() {
    return shutdown(newPromise());
  }

  @Override
  public ChannelFuture shutdown(ChannelPromise promise) {
    shutdownOutput();
    return shutdownInput(promise);
  }
}
