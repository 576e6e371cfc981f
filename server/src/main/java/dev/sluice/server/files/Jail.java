package dev.sluice.server.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A folder that nothing outside of is reached through; on the files' threads, since everything here
 * blocks.
 *
 * <p>A path is resolved first, with its symbolic links, and must end inside the folder, below names
 * that may be served. What is found is then opened from the folder down, one segment at a time,
 * each relative to the open folder above it and none through a symbolic link: whoever puts a link
 * in the place of a segment meanwhile makes the opening fail, and leads nowhere. Where the system
 * has no such opening (Windows), the file is opened without following a link and its path resolved
 * once more.
 *
 * <p>Hard links cannot be told from files, and a named pipe that takes a file's place at the very
 * moment of opening would hold the thread: who may write into the folder is trusted so far.
 */
final class Jail {
  private static final int ATTEMPTS = 3;
  private static final Set<OpenOption> READ =
      Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);

  private final Path folder;
  private final boolean bySegment;

  Jail(Path folder) {
    this(folder, true);
  }

  /** Makes a jail, for tests without the opening by segments. */
  Jail(Path folder, boolean bySegment) {
    this.folder = folder;
    this.bySegment = bySegment;
  }

  /**
   * Something inside the folder.
   *
   * @param root where the folder really is
   * @param below the way down from there; null for the folder itself
   */
  record Place(Path root, @Nullable Path below) {
    Path path() {
      return below == null ? root : root.resolve(below);
    }
  }

  /**
   * Resolves a path.
   *
   * @param below begins with a slash; its names have been checked
   * @return null if there is nothing that may be served
   */
  @Nullable Place find(String below) {
    try {
      Path root = folder.toRealPath();
      Path real = root.resolve(below.substring(1)).toRealPath();
      if (!real.startsWith(root)) {
        return null;
      }
      if (real.equals(root)) {
        return new Place(root, null);
      }
      Path way = root.relativize(real);
      for (Path name : way) {
        if (!FileNames.allows(name.toString())) {
          return null;
        }
      }
      return new Place(root, way);
    } catch (IOException | InvalidPathException e) {
      return null; // nothing there, or a name that no file can have
    }
  }

  /** Whether there is anything at all of this name in the folder, be it only a broken link. */
  boolean hasEntry(String name) {
    try {
      return Files.exists(folder.resolve(name), LinkOption.NOFOLLOW_LINKS);
    } catch (InvalidPathException e) {
      return false;
    }
  }

  boolean isFolder(Place place) {
    return Files.isDirectory(place.path(), LinkOption.NOFOLLOW_LINKS);
  }

  /** The state of a regular file that {@link #find} has found; null if it is none or is gone. */
  static @Nullable Stamp stamp(Place place) {
    try {
      BasicFileAttributes attributes =
          Files.readAttributes(place.path(), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return attributes.isRegularFile() ? Stamp.of(place.path(), attributes) : null;
    } catch (IOException e) {
      return null;
    }
  }

  /**
   * Opens a regular file.
   *
   * @return null if there is none, or it may not be read
   * @throws IOException if there is one that cannot be opened now, such as for want of descriptors,
   *     or because it is another one each time that it is looked at
   */
  @Nullable OpenedFile open(String below) throws IOException {
    for (int attempt = 1; ; attempt++) {
      Place place = find(below);
      if (place == null || place.below() == null) {
        return null;
      }
      try {
        OpenedFile opened = open(place.root(), place.below());
        if (opened != null || attempt == ATTEMPTS) {
          return opened;
        }
      } catch (IOException e) {
        // Somebody moves things about, or descriptors are wanting.
        if (attempt == ATTEMPTS) {
          if (e instanceof NoSuchFileException
              || e instanceof NotDirectoryException
              || e instanceof AccessDeniedException) {
            return null;
          }
          throw e;
        }
      }
    }
  }

  private @Nullable OpenedFile open(Path root, Path below) throws IOException {
    try (DirectoryStream<Path> top = Files.newDirectoryStream(root)) {
      if (bySegment && top instanceof SecureDirectoryStream<Path> secure) {
        return openBelow(secure, root, below, 0);
      }
    }
    return openWhole(root.resolve(below));
  }

  private static @Nullable OpenedFile openBelow(
      SecureDirectoryStream<Path> above, Path root, Path below, int depth) throws IOException {
    Path name = below.getName(depth);
    if (depth < below.getNameCount() - 1) {
      try (SecureDirectoryStream<Path> next =
          above.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
        return openBelow(next, root, below, depth + 1);
      }
    }
    BasicFileAttributeView view =
        above.getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    BasicFileAttributes before = view.readAttributes();
    if (!before.isRegularFile()) {
      return null;
    }
    Stamp stamp = Stamp.of(root.resolve(below), before);
    return unlessChanged(above.newByteChannel(name, READ), stamp, view);
  }

  private static @Nullable OpenedFile openWhole(Path path) throws IOException {
    BasicFileAttributeView view =
        Files.getFileAttributeView(path, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    BasicFileAttributes before = view.readAttributes();
    if (!before.isRegularFile()) {
      return null;
    }
    OpenedFile opened = unlessChanged(FileChannel.open(path, READ), Stamp.of(path, before), view);
    if (!path.toRealPath().equals(path)) {
      opened.close();
      throw changed(path);
    }
    return opened;
  }

  /** What was opened; the file of that name must be the same before and after. */
  private static OpenedFile unlessChanged(
      SeekableByteChannel channel, Stamp before, BasicFileAttributeView view) throws IOException {
    OpenedFile opened = null;
    try {
      if (channel instanceof FileChannel file
          && channel.size() == before.size()
          && before.equals(Stamp.of(before.path(), view.readAttributes()))) {
        opened = new OpenedFile(file, before);
        return opened;
      }
      throw changed(before.path());
    } finally {
      if (opened == null) {
        channel.close();
      }
    }
  }

  private static IOException changed(Path path) {
    return new IOException(path + " has changed while it was opened");
  }
}
