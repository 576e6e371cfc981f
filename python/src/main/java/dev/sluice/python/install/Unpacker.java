package dev.sluice.python.install;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/** Unpacks an artifact's files with a few threads of its own, gone when {@code unpack} returns. */
final class Unpacker {
  private static final int MOST_THREADS = 4;
  private static final FileAttribute<?>[] EXECUTABLE = {
    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x"))
  };
  private static final FileAttribute<?>[] PLAIN = {};

  private final Path target;
  private final String folder;
  private final boolean posix;

  private Unpacker(Path target, String folder) {
    this.target = target;
    this.folder = folder;
    this.posix = target.getFileSystem().supportedFileAttributeViews().contains("posix");
  }

  /** Writes what the interpreter needs of the jar into a folder that does not exist yet. */
  static void unpack(Path jar, Platform platform, Path target) throws IOException {
    new Unpacker(target, Artifact.folder(platform)).unpack(jar);
  }

  private void unpack(Path jar) throws IOException {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      List<? extends ZipEntry> files =
          zip.stream().filter(e -> !e.isDirectory() && isNeeded(e.getName())).toList();
      if (files.isEmpty()) {
        throw new ZipException("no Python in " + jar);
      }
      createFolders(files);
      int threads = Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors());
      AtomicInteger next = new AtomicInteger();
      Callable<Void> work =
          () -> {
            try {
              for (int i = next.getAndIncrement(); i < files.size(); i = next.getAndIncrement()) {
                write(zip, files.get(i));
              }
              return null;
            } finally {
              next.set(files.size()); // Done, or failed: then the others need not go on.
            }
          };
      try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
        List<Future<Void>> results = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
          results.add(executor.submit(work));
        }
        for (Future<Void> result : results) {
          result.get();
        }
      } catch (ExecutionException e) {
        throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }
  }

  /**
   * Leaves out the artifact's own Java glue, and scripts whose first line names a build machine.
   */
  private boolean isNeeded(String name) {
    if (!name.startsWith(folder)) {
      return false;
    }
    String path = name.substring(folder.length());
    return !path.startsWith("libjnipython")
        && (!path.startsWith("bin/") || path.startsWith("bin/python"));
  }

  private void createFolders(List<? extends ZipEntry> files) throws IOException {
    Set<Path> folders = new HashSet<>();
    for (ZipEntry entry : files) {
      Path folder = destination(entry).getParent();
      if (folders.add(folder)) {
        Files.createDirectories(folder);
      }
    }
  }

  private Path destination(ZipEntry entry) throws IOException {
    Path path = target.resolve(entry.getName().substring(folder.length())).normalize();
    if (!path.startsWith(target)) {
      throw new ZipException("a path that leaves the archive: " + entry.getName());
    }
    return path;
  }

  private void write(ZipFile zip, ZipEntry entry) throws IOException {
    byte[] content;
    try (InputStream in = zip.getInputStream(entry)) {
      content = in.readAllBytes();
    }
    Path path = destination(entry);
    FileAttribute<?>[] attributes = posix && isExecutable(entry.getName()) ? EXECUTABLE : PLAIN;
    Set<StandardOpenOption> options =
        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try (FileChannel channel = FileChannel.open(path, options, attributes)) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }
  }

  private boolean isExecutable(String name) {
    String path = name.substring(folder.length());
    String file = path.substring(path.lastIndexOf('/') + 1);
    return path.startsWith("bin/")
        || path.startsWith("python")
        || file.endsWith(".so")
        || file.contains(".so.")
        || file.endsWith(".dylib");
  }

  /** Removes a folder and all below it, following no link. */
  static void delete(Path folder) throws IOException {
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
