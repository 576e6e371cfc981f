package dev.sluice.server.metrics;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What the system says of this process, from Linux's {@code /proc/self}; any thread. A figure that
 * is not to be had is -1. Each question reads a small file of the kernel's, which takes some ten
 * microseconds and waits for no disk.
 */
final class ProcessFigures {
  private final Path folder;

  ProcessFigures(Path folder) {
    this.folder = folder;
  }

  /** Memory that is in RAM, in bytes: of Java and Python together. */
  long residentBytes() {
    // (statm has the same in pages, whose size would have to be asked for.)
    return kilobytes("VmRSS:");
  }

  long virtualBytes() {
    return kilobytes("VmSize:");
  }

  private long kilobytes(String key) {
    long found = number("status", key);
    return found < 0 ? -1 : found * 1024;
  }

  /** Threads of the system: Java's, Python's and those of libraries. */
  long threads() {
    return number("status", "Threads:");
  }

  long mostDescriptors() {
    return number("limits", "Max open files");
  }

  long openDescriptors() {
    Path descriptors = folder.resolve("fd");
    try {
      // Since Linux 6.2 their number is the folder's size.
      long size = Files.size(descriptors);
      if (size > 0 && folder.startsWith("/proc")) {
        return size;
      }
      try (Stream<Path> all = Files.list(descriptors)) {
        return all.count() - 1; // the one that lists them
      }
    } catch (IOException e) {
      return -1;
    }
  }

  /** The first number behind a key at the beginning of a line. */
  private long number(String file, String key) {
    String text;
    try {
      text = Files.readString(folder.resolve(file), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return -1;
    }
    int line = text.startsWith(key) ? 0 : text.indexOf("\n" + key) + 1;
    if (line == 0 && !text.startsWith(key)) {
      return -1;
    }
    int at = line + key.length();
    while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
      at++;
    }
    long number = -1;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      number = Math.max(0, number) * 10 + text.charAt(at++) - '0';
    }
    return number;
  }
}
