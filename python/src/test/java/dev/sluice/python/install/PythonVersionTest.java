package dev.sluice.python.install;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PythonVersionTest {
  @ParameterizedTest
  @CsvSource({
    "3.14.3, 3, 14, 3",
    "3.13.0rc2, 3, 13, 0",
    "3.12.1+, 3, 12, 1",
    "2.7.18, 2, 7, 18",
    "3.14, 3, 14, 0",
    "3.14.3-1.5.13, 3, 14, 3",
    "3.11.2.final.0, 3, 11, 2",
  })
  void readsWhatPythonsPrint(String text, int major, int minor, int micro) {
    assertThat(PythonVersion.parse(text)).contains(new PythonVersion(major, minor, micro));
  }

  @ParameterizedTest
  @CsvSource({"''", "three", "3", "3.", "x3.1"})
  void readsNothingElse(String text) {
    assertThat(PythonVersion.parse(text)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "3.10.13, false",
    "3.11.0, true",
    "3.14.99, true",
    "3.15.0, false",
    "2.14.0, false",
    "4.11.0, false",
  })
  void supportsFourMinorVersions(String text, boolean supported) {
    assertThat(PythonVersion.parse(text).orElseThrow().supported()).isEqualTo(supported);
  }

  @Test
  void ordersByNumberNotByText() {
    assertThat(new PythonVersion(3, 9, 18)).isLessThan(new PythonVersion(3, 11, 2));
    assertThat(new PythonVersion(3, 11, 10)).isGreaterThan(new PythonVersion(3, 11, 9));
  }
}
