package dev.sluice.server.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.files.ByteRanges.Kind;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The Range header: RFC 9110, section 14.2. */
class ByteRangesTest {
  static String text(ByteRanges ranges) {
    return ranges.kind() == Kind.SOME
        ? ranges.ranges().stream()
            .map(range -> range.first() + "-" + range.last())
            .collect(Collectors.joining(" "))
        : ranges.kind().name();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        // Of a file of 100 bytes.
        "bytes=0-0; 0-0",
        "bytes=0-99; 0-99",
        "bytes=0-100; 0-99",
        "bytes=0-; 0-99",
        "bytes=99-; 99-99",
        "bytes=10-19; 10-19",
        "bytes=010-019; 10-19",
        "Bytes=10-19; 10-19",
        "bytes=  10-19  ; 10-19",
        "bytes=-1; 99-99",
        "bytes=-100; 0-99",
        "bytes=-101; 0-99",
        "bytes=-99999999999999999999999999; 0-99",
        "bytes=5-99999999999999999999999999; 5-99",
        // Several.
        "bytes=0-1,4-5; 0-1 4-5",
        "bytes=0-1 , 4-5 ,; 0-1 4-5",
        "bytes=,,0-1,,4-5; 0-1 4-5",
        "bytes=4-5,0-1; 0-1 4-5",
        "bytes=0-10,5-15; 0-15",
        "bytes=0-10,11-15; 0-15",
        "bytes=0-10,12-15; 0-10 12-15",
        "bytes=0-,0-,0-,-1; 0-99",
        "bytes=0-50,10-20; 0-50",
        "bytes=200-,3-4; 3-4",
        "bytes=-0,3-4; 3-4",
        // Nothing of it is there.
        "bytes=100-; UNSATISFIABLE",
        "bytes=100-200; UNSATISFIABLE",
        "bytes=-0; UNSATISFIABLE",
        "bytes=100-,200-,-0; UNSATISFIABLE",
        "bytes=99999999999999999999999999-; UNSATISFIABLE",
        "bytes=99999999999999999999999998-99999999999999999999999999; UNSATISFIABLE",
        // Malformed, or of another unit.
        "bytes=99999999999999999999999999-99999999999999999999999998; WHOLE",
        "bytes=5-4; WHOLE",
        "bytes=0-1,5-4; WHOLE",
        "bytes=; WHOLE",
        "bytes=,; WHOLE",
        "bytes=-; WHOLE",
        "bytes=--1; WHOLE",
        "bytes=1; WHOLE",
        "bytes=a-b; WHOLE",
        "bytes=1-2-3; WHOLE",
        "bytes=0x1-0x2; WHOLE",
        "bytes=+1-2; WHOLE",
        "bytes=1 -2; WHOLE",
        "bytes=1- 2; WHOLE",
        "bytes=1-2 3-4; WHOLE",
        "bytes 1-2; WHOLE",
        "bytes:1-2; WHOLE",
        "bytes =1-2; WHOLE",
        "items=0-1; WHOLE",
        "'';WHOLE",
      })
  void reads(String header, String expected) {
    assertThat(text(ByteRanges.parse(header, 100))).isEqualTo(expected);
  }

  @Test
  void sixteenAreTakenAndNoMore() {
    StringBuilder header = new StringBuilder("bytes=0-0");
    for (int i = 1; i < 16; i++) {
      header.append(',').append(i * 2).append('-').append(i * 2);
    }
    assertThat(ByteRanges.parse(header.toString(), 100).ranges()).hasSize(16);
    assertThat(ByteRanges.parse(header + ",50-50", 100).kind()).isEqualTo(Kind.WHOLE);
    assertThat(ByteRanges.parse(header + ",200-", 100).kind())
        .as("those that are not in the file count too")
        .isEqualTo(Kind.WHOLE);
  }

  @Test
  void nothingIsInAnEmptyFile() {
    assertThat(ByteRanges.parse("bytes=0-", 0).kind()).isEqualTo(Kind.UNSATISFIABLE);
    assertThat(ByteRanges.parse("bytes=-5", 0).kind()).isEqualTo(Kind.UNSATISFIABLE);
  }

  @Test
  void aFileMayBeAsLargeAsALong() {
    assertThat(text(ByteRanges.parse("bytes=-1,0-0", Long.MAX_VALUE)))
        .isEqualTo("0-0 9223372036854775806-9223372036854775806");
    assertThat(text(ByteRanges.parse("bytes=5-,7-", Long.MAX_VALUE)))
        .isEqualTo("5-9223372036854775806");
  }

  /** CVE-2025-62727: a parser that looks at the rest of the header again for each range. */
  @Test
  void readingTakesLinearTime() {
    for (String piece : new String[] {"0-0,", ",", " ,", "-", "1", " ", "0-,", "9-9 "}) {
      String header = "bytes=" + piece.repeat(1_000_000);
      long start = System.nanoTime();
      ByteRanges.parse(header, 100);
      assertThat(System.nanoTime() - start).as(piece).isLessThan(2_000_000_000L);
    }
  }
}
