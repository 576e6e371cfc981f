package dev.sluice.python.install;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlatformTest {
  private static final Path HOME = Path.of("/home/ada");
  private static final Platform LINUX = Platform.of("Linux", "amd64");

  @ParameterizedTest
  @CsvSource({
    "Linux, amd64, linux-x86_64, libpython3.14.so.1.0",
    "Linux, aarch64, linux-arm64, libpython3.14.so.1.0",
    "Mac OS X, aarch64, macosx-arm64, libpython3.14.dylib",
    "Windows 11, amd64, windows-x86_64, python314.dll",
  })
  void namesThingsAsTheArtifactDoes(String os, String arch, String classifier, String library) {
    Platform platform = Platform.of(os, arch);

    assertThat(platform.classifier()).isEqualTo(classifier);
    assertThat(platform.library(new PythonVersion(3, 14, 3))).isEqualTo(library);
  }

  @Test
  void theCacheIsWhereTheUserWantsIt() {
    assertThat(UserCache.directory(Map.of("SLUICE_CACHE", "/big/disk/../c"), HOME, LINUX))
        .isEqualTo(Path.of("/big/c"));
    assertThat(UserCache.directory(Map.of("SLUICE_CACHE", "here"), HOME, LINUX)).isAbsolute();
    assertThat(UserCache.directory(Map.of("XDG_CACHE_HOME", "/x"), HOME, LINUX))
        .isEqualTo(Path.of("/x/sluice"));
    // As the XDG specification says, a relative path there is ignored.
    assertThat(UserCache.directory(Map.of("XDG_CACHE_HOME", "x"), HOME, LINUX))
        .isEqualTo(Path.of("/home/ada/.cache/sluice"));
    assertThat(UserCache.directory(Map.of(), HOME, Platform.of("Mac OS X", "aarch64")))
        .isEqualTo(Path.of("/home/ada/Library/Caches/sluice"));
  }
}
