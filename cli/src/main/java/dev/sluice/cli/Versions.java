package dev.sluice.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/** The versions of Sluice and of what it is made of, as their jars say. */
final class Versions {
  private Versions() {}

  static String sluice() {
    return property("/META-INF/maven/dev.sluice/sluice-cli/pom.properties", "version");
  }

  static String netty() {
    return property("/META-INF/maven/io.netty/netty-common/pom.properties", "version");
  }

  static String java() {
    return System.getProperty("java.vm.version") + " (" + System.getProperty("java.vendor") + ")";
  }

  private static String property(String resource, String key) {
    Properties properties = new Properties();
    try (InputStream in = Versions.class.getResourceAsStream(resource)) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      // As good as absent.
    }
    return properties.getProperty(key, "(development)");
  }
}
