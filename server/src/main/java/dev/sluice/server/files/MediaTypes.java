package dev.sluice.server.files;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Which media type a file has, by its name's extension; read once from a table, any thread. */
final class MediaTypes {
  private static final MediaType UNKNOWN = new MediaType("application/octet-stream", false);
  private static final Map<String, MediaType> BY_EXTENSION = read();

  private MediaTypes() {}

  /**
   * A media type.
   *
   * @param header as a Content-Type header has it, with the charset of texts
   * @param compressible whether gzip makes it smaller
   */
  record MediaType(String header, boolean compressible) {}

  /** The type of a file with this name or path. */
  static MediaType of(String name) {
    int dot = name.lastIndexOf('.');
    if (dot <= name.lastIndexOf('/')) {
      return UNKNOWN;
    }
    String extension = name.substring(dot + 1).toLowerCase(Locale.ROOT);
    return BY_EXTENSION.getOrDefault(extension, UNKNOWN);
  }

  private static Map<String, MediaType> read() {
    Map<String, MediaType> types = new HashMap<>();
    try (InputStream in = MediaTypes.class.getResourceAsStream("media.types")) {
      if (in == null) {
        throw new IllegalStateException("the table of media types is missing");
      }
      BufferedReader lines =
          new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        add(line.strip(), types);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Map.copyOf(types);
  }

  private static void add(String line, Map<String, MediaType> types) {
    if (line.isEmpty() || line.startsWith("#")) {
      return;
    }
    String[] words = line.split("\\s+", -1);
    boolean compressible = words[1].equals("z");
    String header = words[0].startsWith("text/") ? words[0] + "; charset=utf-8" : words[0];
    MediaType type = new MediaType(header, compressible);
    for (int i = 2; i < words.length; i++) {
      if (types.put(words[i], type) != null) {
        throw new IllegalStateException("the extension " + words[i] + " is there twice");
      }
    }
  }
}
