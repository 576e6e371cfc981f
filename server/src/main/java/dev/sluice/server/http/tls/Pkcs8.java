package dev.sluice.server.http.tls;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;

/**
 * Puts the older forms of keys, PKCS#1 and SEC 1, into the one that Java reads, PKCS#8: a frame of
 * DER around the same bytes. No state, any thread.
 */
final class Pkcs8 {
  private static final int INTEGER = 0x02;
  private static final int OCTET_STRING = 0x04;
  private static final int SEQUENCE = 0x30;

  /** The curve's name in SEC 1: context-specific, constructed, number 0. */
  private static final int PARAMETERS = 0xa0;

  private static final byte[] VERSION = {INTEGER, 1, 0};

  /** 1.2.840.113549.1.1.1, rsaEncryption, and NULL. */
  private static final byte[] RSA = {
    0x06, 0x09, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0
  };

  /** 1.2.840.10045.2.1, id-ecPublicKey. */
  private static final byte[] EC = {
    0x06, 0x07, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x02, 0x01
  };

  private Pkcs8() {}

  /** Frames an RSAPrivateKey of PKCS#1. */
  static byte[] ofRsa(byte[] pkcs1) {
    return frame(SEQUENCE, VERSION, frame(SEQUENCE, RSA), frame(OCTET_STRING, pkcs1));
  }

  /**
   * Frames an ECPrivateKey of SEC 1.
   *
   * @throws IOException if it does not name its curve
   */
  static byte[] ofEc(byte[] sec1) throws IOException {
    byte[] curve = curve(sec1);
    return frame(SEQUENCE, VERSION, frame(SEQUENCE, EC, curve), frame(OCTET_STRING, sec1));
  }

  /** SEQUENCE { version, privateKey, [0] parameters, [1] publicKey }: what is inside [0]. */
  private static byte[] curve(byte[] sec1) throws IOException {
    try {
      int[] at = {0};
      open(sec1, at); // into the sequence
      while (at[0] < sec1.length) {
        int tag = sec1[at[0]] & 0xff;
        int length = open(sec1, at);
        if (tag == PARAMETERS) {
          return Arrays.copyOfRange(sec1, at[0], Math.addExact(at[0], length));
        }
        at[0] = Math.addExact(at[0], length);
      }
    } catch (ArithmeticException | ArrayIndexOutOfBoundsException e) {
      throw new IOException("it is damaged", e);
    }
    throw new IOException("it does not name its curve");
  }

  /** Steps over a tag and its length, which it returns. */
  private static int open(byte[] der, int[] at) throws IOException {
    int first = der[at[0] + 1] & 0xff;
    at[0] += 2;
    if (first < 0x80) {
      return first;
    }
    int bytes = first & 0x7f;
    if (bytes == 0 || bytes > 3) {
      throw new IOException("it is damaged");
    }
    int length = 0;
    for (int i = 0; i < bytes; i++) {
      length = length << 8 | (der[at[0]++] & 0xff);
    }
    return length;
  }

  private static byte[] frame(int tag, byte[]... parts) {
    int length = 0;
    for (byte[] part : parts) {
      length += part.length;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(length + 5);
    out.write(tag);
    if (length < 0x80) {
      out.write(length);
    } else {
      int bytes = length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
      out.write(0x80 | bytes);
      for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
        out.write(length >> shift);
      }
    }
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
