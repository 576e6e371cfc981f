package dev.sluice.server.fuzz;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * How a fuzzer's bytes are read: the first one says how the server is set up and how the client
 * ends, the second one how the rest is split into pieces. Both are letters in files written by
 * hand: {@code @} is zero, {@code A} one, and so on.
 */
public final class Input {
  private static final int LONGEST_PIECE = 40;

  private final int flags;
  private final int splitting;
  private final byte[] sent;

  /** Takes a fuzzer's bytes apart; the last ones may be missing. */
  public Input(byte[] bytes) {
    flags = bytes.length > 0 ? bytes[0] & 0x3f : 0;
    splitting = bytes.length > 1 ? bytes[1] & 0x3f : 0;
    sent = Arrays.copyOfRange(bytes, Math.min(2, bytes.length), bytes.length);
  }

  /** Whether the flag with this number is set. */
  public boolean flag(int number) {
    return (flags >> number & 1) != 0;
  }

  /** What the client sends. */
  public byte[] sent() {
    return sent.clone();
  }

  /** The same as it arrives. */
  public List<byte[]> pieces() {
    return split(sent);
  }

  /** Bytes as they arrive: whole, one by one, or in pieces of any sizes. */
  public List<byte[]> split(byte[] all) {
    List<byte[]> pieces = new ArrayList<>();
    Random random = new Random(splitting);
    int at = 0;
    while (at < all.length) {
      int size =
          switch (splitting) {
            case 0 -> all.length;
            case 1 -> 1;
            default -> 1 + random.nextInt(LONGEST_PIECE);
          };
      int end = Math.min(all.length, at + size);
      pieces.add(Arrays.copyOfRange(all, at, end));
      at = end;
    }
    return pieces;
  }
}
