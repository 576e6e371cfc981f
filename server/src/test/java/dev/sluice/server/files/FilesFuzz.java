package dev.sluice.server.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.fuzz.SentHead;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Random paths, ranges, conditions and dates for static files. */
public final class FilesFuzz {
  private static final String PAGE = "0123456789".repeat(30);
  private static final Pattern PART =
      Pattern.compile("\r\nContent-Range: bytes (\\d+)-(\\d+)/300\r\n", Pattern.CASE_INSENSITIVE);
  private static @Nullable Site site;

  private FilesFuzz() {}

  /** A site with a few pages, and secrets beside them; one for the whole process. */
  private static Site site() {
    Site made = site;
    if (made == null) {
      try {
        Path above = Files.createTempDirectory("sluice-fuzz-");
        Path folder = Files.createDirectory(above.resolve("www"));
        Files.writeString(above.resolve("b.txt"), "SECRET");
        Files.createSymbolicLink(folder.resolve("up"), above);
        made = new Site(folder);
        made.write("b.txt", PAGE);
        made.write("a/b.txt", "public");
        made.write("a/.h/b.txt", "SECRET");
        made.write(".h/b.txt", "SECRET");
      } catch (IOException e) {
        throw new AssertionError(e);
      }
      site = made;
    }
    return made;
  }

  /** A Range header means what a model of it says. */
  public static void ranges(String header) {
    assertThat(ByteRangesTest.text(ByteRanges.parse(header, ParserModelTest.FILE)))
        .isEqualTo(ParserModelTest.rangesByModel(header));
  }

  /** A path is decoded as a model has it, and never leads to what is not public. */
  public static void path(String target) {
    assertThat(UrlPath.decode(target)).isEqualTo(modelled(target));
    if (target.chars().anyMatch(c -> c <= ' ' || c == 0x7f)) {
      return; // refused before
    }
    RecordingExchange answer = site().get(target);
    assertThat(answer.status()).isIn(200, 301, 307, 308, 400, 404, 405, 503);
    assertThat(answer.text()).doesNotContain("SECRET");
  }

  private static @Nullable String modelled(String target) {
    String path = target.regionMatches(true, 0, "http", 0, 4) ? UrlPath.raw(target) : target;
    return ParserModelTest.pathByModel(path);
  }

  /** Whatever is asked for under whatever conditions, what is sent is a part of the file. */
  public static void conditions(SentHead sent) {
    RecordingExchange answer = site().ask("GET", "/static/b.txt", sent.array());
    assertThat(answer.isAborted()).isFalse();
    switch (answer.status()) {
      case 200 -> {
        if (answer.header("content-encoding") == null) {
          assertThat(answer.text()).isEqualTo(PAGE);
        }
      }
      case 206 -> parts(answer);
      case 304 -> assertThat(answer.tag()).isNotEmpty();
      case 406, 412 -> {}
      case 416 -> assertThat(answer.header("content-range")).isEqualTo("bytes */300");
      default -> throw new AssertionError("status " + answer.status());
    }
    for (String header : sent.headers()) {
      Coding.weights(header);
      EntityTags.matches(List.of(header), "\"x\"", true);
    }
  }

  private static void parts(RecordingExchange answer) {
    String range = answer.header("content-range");
    if (range != null) {
      Matcher matcher = PART.matcher("\r\nContent-Range: " + range + "\r\n");
      assertThat(matcher.matches()).isTrue();
      assertThat(answer.text()).isEqualTo(page(matcher));
      return;
    }
    Matcher matcher = PART.matcher(answer.text());
    int parts = 0;
    while (matcher.find()) {
      parts++;
      int start = answer.text().indexOf("\r\n\r\n", matcher.start()) + 4;
      assertThat(answer.text().substring(start)).startsWith(page(matcher) + "\r\n--");
    }
    assertThat(parts).isGreaterThan(1);
  }

  private static String page(Matcher range) {
    return PAGE.substring(Integer.parseInt(range.group(1)), Integer.parseInt(range.group(2)) + 1);
  }

  /** What is a date is the same date when it is written. */
  public static void date(String text) {
    long seconds = HttpDate.parse(text);
    if (seconds != HttpDate.NONE) {
      assertThat(HttpDate.parse(HttpDate.format(seconds))).isEqualTo(seconds);
    }
  }
}
