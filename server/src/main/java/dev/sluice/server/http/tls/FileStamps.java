package dev.sluice.server.http.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/**
 * By what a change of the files is noticed: when each was modified, its size, and which file it is,
 * since renewals often replace a file or a link. Immutable; made by a thread that may block.
 */
record FileStamps(List<String> stamps) {
  static FileStamps of(TlsOptions options) {
    List<String> stamps = new ArrayList<>();
    for (TlsOptions.Files files : options.certificates()) {
      stamps.add(stamp(files.certificate()));
      stamps.add(stamp(files.key()));
    }
    Path ca = options.clientCa();
    if (ca != null) {
      stamps.add(stamp(ca));
    }
    return new FileStamps(List.copyOf(stamps));
  }

  private static String stamp(Path file) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return attributes.lastModifiedTime() + " " + attributes.size() + " " + attributes.fileKey();
    } catch (IOException e) {
      return "unreadable";
    }
  }
}
