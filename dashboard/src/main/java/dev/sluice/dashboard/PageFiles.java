package dev.sluice.dashboard;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The page's files, read once from beside this class; any thread. */
final class PageFiles {
  private static final List<String> NAMES =
      List.of(
          "index.html",
          "page.css",
          "tables.css",
          "icon.svg",
          "main.js",
          "calls.js",
          "charts.js",
          "dialog.js",
          "elements.js",
          "sections.js",
          "server.js",
          "stalls.js",
          "tables.js",
          "theme.js",
          "words.js");

  /** A file with its type. */
  record Content(String type, ByteBuffer bytes) {}

  private final Map<String, Content> files = new HashMap<>();

  PageFiles() {
    for (String name : NAMES) {
      try (InputStream in = PageFiles.class.getResourceAsStream("page/" + name)) {
        if (in == null) {
          throw new IllegalStateException("the page has no file " + name);
        }
        files.put(name, new Content(type(name), ByteBuffer.wrap(in.readAllBytes())));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static String type(String name) {
    return switch (name.substring(name.lastIndexOf('.') + 1)) {
      case "html" -> "text/html; charset=utf-8";
      case "css" -> "text/css; charset=utf-8";
      case "svg" -> "image/svg+xml";
      default -> "text/javascript; charset=utf-8";
    };
  }

  @Nullable Content get(String name) {
    return files.get(name);
  }
}
