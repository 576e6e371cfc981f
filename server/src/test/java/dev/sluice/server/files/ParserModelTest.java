package dev.sluice.server.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The parsers of paths and ranges against slow models that are plainly right, on random input. */
class ParserModelTest {
  private static final int ROUNDS = 200_000;
  static final int FILE = 40;
  private static final Pattern SPEC = Pattern.compile("(\\d+)-(\\d*)|-(\\d+)");

  /** Marks every byte that is asked for, one by one. */
  static String rangesByModel(String header) {
    if (!header.toLowerCase(java.util.Locale.ROOT).startsWith("bytes=")) {
      return "WHOLE";
    }
    TreeSet<Integer> wanted = new TreeSet<>();
    int specs = 0;
    for (String element : header.substring(6).split(",", -1)) {
      String spec = element.replaceAll("^[ \t]+|[ \t]+$", "");
      if (spec.isEmpty()) {
        continue;
      }
      specs++;
      Matcher matcher = SPEC.matcher(spec);
      if (!matcher.matches() || specs > 16) {
        return "WHOLE";
      }
      BigInteger size = BigInteger.valueOf(FILE);
      BigInteger first;
      BigInteger last = size.subtract(BigInteger.ONE);
      if (matcher.group(3) != null) {
        first = size.subtract(new BigInteger(matcher.group(3)));
      } else {
        first = new BigInteger(matcher.group(1));
        if (!matcher.group(2).isEmpty()) {
          last = new BigInteger(matcher.group(2));
          if (last.compareTo(first) < 0) {
            return "WHOLE";
          }
        }
      }
      for (int i = 0; i < FILE; i++) {
        BigInteger at = BigInteger.valueOf(i);
        if (at.compareTo(first) >= 0 && at.compareTo(last) <= 0) {
          wanted.add(i);
        }
      }
    }
    if (specs == 0) {
      return "WHOLE";
    }
    if (wanted.isEmpty()) {
      return "UNSATISFIABLE";
    }
    List<String> runs = new ArrayList<>();
    for (int i = 0; i < FILE; i++) {
      if (wanted.contains(i) && !wanted.contains(i - 1)) {
        int end = i;
        while (wanted.contains(end + 1)) {
          end++;
        }
        runs.add(i + "-" + end);
      }
    }
    return String.join(" ", runs);
  }

  private static String random(Random random, String[] pieces, int most) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(most); i > 0; i--) {
      text.append(pieces[random.nextInt(pieces.length)]);
    }
    return text.toString();
  }

  @Test
  void ranges() {
    Random random = new Random(62727);
    String[] pieces = {
      "0",
      "1",
      "2",
      "3",
      "9",
      "-",
      "-",
      "-",
      ",",
      ",",
      ",",
      " ",
      "\t",
      "1-3",
      "5-7",
      "-4",
      "30-",
      "38-45",
      "x",
      "99999999999999999999",
      "9223372036854775807",
      "bytes=",
      "007",
      "=",
      "0-0,1-1,"
    };
    int some = 0;
    for (int i = 0; i < ROUNDS; i++) {
      String header = (random.nextInt(20) == 0 ? "" : "bytes=") + random(random, pieces, 24);
      String expected = rangesByModel(header);
      assertThat(ByteRangesTest.text(ByteRanges.parse(header, FILE)))
          .as(header)
          .isEqualTo(expected);
      some += Character.isDigit(expected.charAt(0)) ? 1 : 0;
    }
    assertThat(some).as("cases that are not malformed").isGreaterThan(ROUNDS / 50);
  }

  /** Decodes by the book, and lets Java's own codec say whether the bytes are UTF-8. */
  static @Nullable String pathByModel(String target) {
    String path = target.contains("?") ? target.substring(0, target.indexOf('?')) : target;
    if (!path.startsWith("/")) {
      return null;
    }
    String rest = path;
    List<Byte> bytes = new ArrayList<>();
    while (!rest.isEmpty()) {
      if (rest.matches("(?s)%[0-9a-fA-F]{2}.*")) {
        int value = Integer.parseInt(rest.substring(1, 3), 16);
        if (value == '/') {
          return null;
        }
        bytes.add((byte) value);
        rest = rest.substring(3);
      } else if (rest.startsWith("%") || rest.charAt(0) > 0xff || rest.charAt(0) == '#') {
        return null;
      } else {
        bytes.add((byte) rest.charAt(0));
        rest = rest.substring(1);
      }
    }
    byte[] array = new byte[bytes.size()];
    for (int i = 0; i < array.length; i++) {
      array[i] = bytes.get(i);
    }
    String text = new String(array, StandardCharsets.UTF_8);
    boolean roundTrip = java.util.Arrays.equals(text.getBytes(StandardCharsets.UTF_8), array);
    boolean plain = text.chars().noneMatch(c -> Character.isISOControl(c) || c == '\\');
    return roundTrip && plain ? text : null;
  }

  @Test
  void paths() {
    Random random = new Random(3986);
    String[] pieces = {
      "/",
      "/",
      "a",
      "b.txt",
      ".",
      "..",
      "%2e",
      "%2E",
      "%2f",
      "%5c",
      "\\",
      "%00",
      "%",
      "%2",
      "%zz",
      "%25",
      "%c3%a9",
      "%c3",
      "%a9",
      "\u00c3\u00a9",
      "\u00e9",
      "%f0%9f%98%80",
      "%c0%ae",
      "%ed%a0%80",
      "%ef%bf%bd",
      "?",
      "#",
      "\u0000",
      "\r",
      "\u0100",
      ":",
      " ",
      "%20",
      "~",
      "%e2%82",
      "%ac",
      "%f4%90"
    };
    int decoded = 0;
    for (int i = 0; i < ROUNDS; i++) {
      String target = (random.nextInt(20) == 0 ? "" : "/") + random(random, pieces, 10);
      String expected = pathByModel(target);
      assertThat(UrlPath.decode(target)).as(target).isEqualTo(expected);
      if (expected != null) {
        decoded++;
        assertThat(UrlPath.decode(UrlPath.encode(expected))).isEqualTo(expected);
        assertThat(UrlPath.encode(expected))
            .matches("[!-~&&[^?#\\\\\"<>%]]*(%[0-9A-F]{2}[!-~&&[^?#\\\\\"<>%]]*)*");
      }
    }
    assertThat(decoded).isGreaterThan(ROUNDS / 50);
  }

  /** Whatever is asked for, only what is public is ever sent. */
  @Test
  void requests(@TempDir Path above) throws Exception {
    Path folder = Files.createDirectory(above.resolve("www"));
    Files.writeString(above.resolve("b.txt"), "SECRET");
    Files.createSymbolicLink(folder.resolve("up"), above);
    Random random = new Random(22);
    String[] pieces = {
      "/", "/", "/", "a", "b.txt", ".", "..", "../", "%2e", "%2f", "%5c", "\\", "up", "up/", "%00",
      ".h", "%75p", "%252e", "%c0%ae", "www", ":", " ", "%20", "?", "//"
    };
    try (Site site = new Site(folder)) {
      site.write("b.txt", "public");
      site.write("a/b.txt", "public");
      site.write("a/.h/b.txt", "SECRET");
      site.write(".h/b.txt", "SECRET");
      int found = 0;
      for (int i = 0; i < 20_000; i++) {
        String target = "/static/" + random(random, pieces, 8);
        RecordingExchange answer = site.get(target);
        assertThat(answer.status()).as(target).isIn(200, 404);
        assertThat(answer.text()).as(target).doesNotContain("SECRET");
        found += answer.status() == 200 ? 1 : 0;
      }
      assertThat(found).isGreaterThan(100);
    }
  }
}
