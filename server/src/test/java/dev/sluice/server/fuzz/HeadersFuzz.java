package dev.sluice.server.fuzz;

import dev.sluice.server.access.AccessFuzz;
import dev.sluice.server.files.FilesFuzz;
import dev.sluice.server.proxies.ProxiesFuzz;
import dev.sluice.server.wsgi.EnvironFuzz;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Random text for what reads headers and paths, one by one; the first letter says which. Heads are
 * written one line for each header, behind the first line.
 */
public final class HeadersFuzz {

  private HeadersFuzz() {}

  /** Takes one input of a fuzzer's. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    try (Complaints complaints = Complaints.watch()) {
      run(bytes);
      complaints.assertNone();
    }
  }

  private static void run(byte[] bytes) {
    if (bytes.length == 0) {
      return;
    }
    String text = new String(bytes, 1, bytes.length - 1, StandardCharsets.ISO_8859_1);
    switch (bytes[0]) {
      case 'a' -> FilesFuzz.ranges(text);
      case 'b' -> FilesFuzz.path(text);
      case 'c' -> FilesFuzz.conditions(head("GET " + firstLine(text), text));
      case 'd' -> FilesFuzz.date(text);
      case 'e' -> EnvironFuzz.environ(head(firstLine(text), text));
      case 'f' -> ProxiesFuzz.forwarded(head("GET /", "\n" + text));
      case 'i' -> ProxiesFuzz.address(text);
      case 'l' -> AccessFuzz.line(head(firstLine(text), text));
      default -> {}
    }
  }

  private static String firstLine(String text) {
    int end = text.indexOf('\n');
    return end < 0 ? text : text.substring(0, end);
  }

  /** As the server makes heads: without the characters that it refuses. */
  private static SentHead head(String line, String text) {
    String[] words = clean(line).split(" ", 2);
    String target = words.length < 2 ? "/" : words[1].replace(" ", "");
    List<String> headers = new ArrayList<>();
    String[] lines = text.split("\n", -1);
    for (int i = 1; i < lines.length && i < 100; i++) {
      int colon = lines[i].indexOf(':');
      if (colon > 0 && Lines.isToken(lines[i].substring(0, colon))) {
        headers.add(lines[i].substring(0, colon));
        headers.add(Lines.trim(clean(lines[i].substring(colon + 1))));
      }
    }
    return new SentHead(words[0], target, headers);
  }

  private static String clean(String text) {
    return text.replaceAll("[\\x00\r]", "");
  }
}
