package dev.sluice.server.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Parts of files, from memory and from the disk. */
class RangeAnswersTest {
  private static final int SIZE = 2_000_000;

  @TempDir Path folder;
  private final byte[] content = new byte[SIZE];
  private Site site;

  @BeforeEach
  void open() {
    new Random(1).nextBytes(content);
    site = new Site(folder);
    site.write("a.bin", content, Site.THEN);
  }

  @AfterEach
  void close() {
    site.close();
  }

  private void serve(boolean memory) {
    site.serve(StaticFilesTest.inMemory(memory ? SIZE : 0));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void oneRange(boolean memory) {
    serve(memory);
    for (int[] range : new int[][] {{0, 0}, {10, 19}, {0, SIZE - 1}, {SIZE - 1, SIZE - 1}}) {
      RecordingExchange answer =
          site.get("/static/a.bin", "range", "bytes=" + range[0] + "-" + range[1]);
      assertThat(answer.status()).isEqualTo(206);
      assertThat(answer.header("content-range"))
          .isEqualTo("bytes " + range[0] + "-" + range[1] + "/" + SIZE);
      assertThat(answer.header("content-length"))
          .isEqualTo(Integer.toString(range[1] - range[0] + 1));
      assertThat(answer.bytes()).isEqualTo(Arrays.copyOfRange(content, range[0], range[1] + 1));
      assertThat(answer.header("content-type")).isEqualTo("application/octet-stream");
      assertThat(answer.tag()).isEqualTo(site.get("/static/a.bin").tag());
      assertThat(answer.fileParts()).isEqualTo(memory ? 0 : 1);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void severalRanges(boolean memory) {
    serve(memory);
    check("bytes=-1,5-9,0-1", new int[][] {{0, 1}, {5, 9}, {SIZE - 1, SIZE - 1}});
    check("bytes=0-999999,1000001-1999999", new int[][] {{0, 999_999}, {1_000_001, 1_999_999}});
  }

  private void check(String header, int[][] ranges) {
    RecordingExchange answer = site.get("/static/a.bin", "range", header);
    assertThat(answer.status()).isEqualTo(206);
    String type = Objects.requireNonNull(answer.header("content-type"));
    assertThat(type).matches("multipart/byteranges; boundary=[0-9a-f]{30}");
    String boundary = type.substring(type.indexOf('=') + 1);
    StringBuilder expected = new StringBuilder();
    for (int[] range : ranges) {
      expected
          .append(expected.isEmpty() ? "" : "\r\n")
          .append("--" + boundary + "\r\nContent-Type: application/octet-stream\r\n")
          .append("Content-Range: bytes " + range[0] + "-" + range[1] + "/" + SIZE + "\r\n\r\n")
          .append(
              new String(content, range[0], range[1] - range[0] + 1, StandardCharsets.ISO_8859_1));
    }
    expected.append("\r\n--").append(boundary).append("--\r\n");
    assertThat(new String(answer.bytes(), StandardCharsets.ISO_8859_1).equals(expected.toString()))
        .isTrue();
    assertThat(answer.header("content-length")).isEqualTo(Integer.toString(answer.bytes().length));
    assertThat(answer.header("content-range")).isNull();
    assertThat(answer.header("etag")).isNotNull();
  }

  @Test
  void rangesThatBecomeOneAreOne() {
    RecordingExchange answer = site.get("/static/a.bin", "range", "bytes=0-4,5-9,2-3");
    assertThat(answer.status()).isEqualTo(206);
    assertThat(answer.header("content-range")).isEqualTo("bytes 0-9/" + SIZE);
  }

  @Test
  void manySmallRangesOfTheDiskAreReadWithOneDescriptor() {
    serve(false);
    StringBuilder header = new StringBuilder("bytes=0-0");
    int[][] ranges = new int[16][];
    ranges[0] = new int[] {0, 0};
    for (int i = 1; i < 16; i++) {
      ranges[i] = new int[] {i * 100, i * 100 + 7};
      header.append(',').append(ranges[i][0]).append('-').append(ranges[i][1]);
    }
    check(header.toString(), ranges);
    assertThat(site.get("/static/a.bin", "range", header.toString()).fileParts()).isZero();
  }

  @Test
  void manyLargeRangesOfTheDiskAreTheWhole() {
    serve(false);
    String header = "bytes=0-99999,100001-199999,200001-299999,300001-399999,400001-499999";
    RecordingExchange answer = site.get("/static/a.bin", "range", header);
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.bytes()).isEqualTo(content);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void rangesThatAreIgnored(boolean memory) {
    serve(memory);
    for (String header :
        new String[] {"bytes=5-4", "lines=0-1", "bytes=0-0" + ",0-0".repeat(16), "nonsense"}) {
      assertThat(site.get("/static/a.bin", "range", header).status()).as(header).isEqualTo(200);
    }
    assertThat(site.get("/static/a.bin", "range", "bytes=0-0", "range", "bytes=0-0").status())
        .isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void rangesThatAreNotThere(boolean memory) {
    serve(memory);
    RecordingExchange answer = site.get("/static/a.bin", "range", "bytes=" + SIZE + "-");
    assertThat(answer.status()).isEqualTo(416);
    assertThat(answer.header("content-range")).isEqualTo("bytes */" + SIZE);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void ifRangeDecides(boolean memory) {
    serve(memory);
    String tag = site.get("/static/a.bin").tag();
    assertThat(status("if-range", tag)).isEqualTo(206);
    assertThat(status("if-range", "\"other\"")).isEqualTo(200);
    assertThat(status("if-range", "W/" + tag)).isEqualTo(200);
    assertThat(status("if-range", "Mon, 06 May 2024 07:08:09 GMT")).isEqualTo(206);
    assertThat(status("if-range", "Mon, 06 May 2024 07:08:10 GMT")).isEqualTo(200);
    assertThat(status("if-none-match", tag)).isEqualTo(304);
    assertThat(status("if-match", "\"other\"")).isEqualTo(412);
    assertThat(status("if-match", tag)).isEqualTo(206);
  }

  private int status(String header, String value) {
    return site.get("/static/a.bin", "range", "bytes=0-9", header, value).status();
  }

  @Test
  void a304SaysWhatA200WouldButForTheBody() {
    String tag = site.get("/static/a.bin").tag();
    RecordingExchange answer = site.get("/static/a.bin", "if-none-match", "W/" + tag);
    assertThat(answer.status()).isEqualTo(304);
    assertThat(answer.bytes()).isEmpty();
    assertThat(answer.headers())
        .containsExactlyInAnyOrder("ETag: " + tag, "Cache-Control: no-cache");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void noDescriptorIsKept() {
    serve(false);
    String[] ranges = {"bytes=0-9", "bytes=0-9,20-29", "bytes=0-999999,1000001-", "bytes=9999999-"};
    site.get("/static/a.bin");
    int before = descriptors();
    for (int i = 0; i < 200; i++) {
      site.get("/static/a.bin", "range", ranges[i % ranges.length]);
      site.get("/static/none" + i);
    }
    assertThat(descriptors()).isLessThan(before + 20);
  }

  private static int descriptors() {
    return Objects.requireNonNull(new File("/proc/self/fd").list()).length;
  }
}
