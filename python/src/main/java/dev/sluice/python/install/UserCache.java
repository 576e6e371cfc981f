package dev.sluice.python.install;

import java.nio.file.Path;
import java.util.Map;

/** The folder of the user's cache that holds everything Sluice unpacks or makes. */
public final class UserCache {
  private UserCache() {}

  /**
   * {@code $SLUICE_CACHE}, else {@code $XDG_CACHE_HOME/sluice}, else the platform's usual place. It
   * need not exist yet.
   */
  public static Path directory() {
    return directory(
        System.getenv(), Path.of(System.getProperty("user.home", "")), Platform.current());
  }

  static Path directory(Map<String, String> environment, Path home, Platform platform) {
    String own = environment.getOrDefault("SLUICE_CACHE", "");
    if (!own.isEmpty()) {
      return Path.of(own).toAbsolutePath().normalize();
    }
    String xdg = environment.getOrDefault("XDG_CACHE_HOME", "");
    if (!xdg.isEmpty() && Path.of(xdg).isAbsolute()) {
      return Path.of(xdg, "sluice");
    }
    return switch (platform.os()) {
      case LINUX -> home.resolve(".cache/sluice");
      case MACOS -> home.resolve("Library/Caches/sluice");
      case WINDOWS -> {
        String local = environment.getOrDefault("LOCALAPPDATA", "");
        Path base = local.isEmpty() ? home.resolve("AppData/Local") : Path.of(local);
        yield base.resolve("sluice/cache");
      }
    };
  }
}
