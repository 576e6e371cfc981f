package dev.sluice.server.http.tls;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Reads files of RFC 7468: blocks of Base64 between BEGIN and END lines; any thread, blocks. */
final class Pem {
  /** Larger files are no certificates. */
  private static final long LARGEST = 1024 * 1024;

  private static final String BEGIN = "-----BEGIN ";
  private static final String END = "-----END ";
  private static final String DASHES = "-----";

  private Pem() {}

  /**
   * A block of a file.
   *
   * @param label such as {@code CERTIFICATE}
   * @param encrypted whether it is encrypted in the old way of OpenSSL, with headers
   */
  record Block(String label, boolean encrypted, String base64) {
    /** The bytes. */
    byte[] der() throws IOException {
      try {
        return Base64.getDecoder().decode(base64);
      } catch (IllegalArgumentException e) {
        throw new IOException("its " + label + " is not Base64", e);
      }
    }
  }

  /**
   * All blocks of a file; what stands between them is skipped.
   *
   * @throws IOException if it cannot be read, or a block is not whole
   */
  static List<Block> read(Path file) throws IOException {
    if (Files.size(file) > LARGEST) {
      throw new IOException("it is larger than 1 MiB");
    }
    List<Block> blocks = new ArrayList<>();
    StringBuilder base64 = new StringBuilder();
    String label = null;
    boolean headers = false;
    String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    for (String whole : text.lines().toList()) {
      String line = whole.strip();
      if (label == null) {
        if (line.startsWith(BEGIN) && line.endsWith(DASHES)) {
          label = line.substring(BEGIN.length(), line.length() - DASHES.length());
        }
      } else if (line.equals(END + label + DASHES)) {
        blocks.add(new Block(label, headers, base64.toString()));
        base64.setLength(0);
        label = null;
        headers = false;
      } else if (line.indexOf(':') >= 0) {
        headers |= line.startsWith("Proc-Type:") && line.endsWith("ENCRYPTED");
      } else {
        base64.append(line);
      }
    }
    if (label != null) {
      throw new IOException("its " + label + " has no end");
    }
    return blocks;
  }
}
