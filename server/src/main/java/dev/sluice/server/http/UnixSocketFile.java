package dev.sluice.server.http;

import dev.sluice.python.SluiceException;
import dev.sluice.server.ServerError;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The file of a unix socket, before and after it is listened on; any thread that may block. */
final class UnixSocketFile {
  private static final Logger LOG = LoggerFactory.getLogger(UnixSocketFile.class);

  private UnixSocketFile() {}

  /**
   * Removes a socket that nobody listens on any more, which would make bind fail for ever.
   *
   * @throws SluiceException SL302 if there is anything else
   */
  static void removeStale(BindAddress.Unix unix) {
    if (!Files.exists(unix.path())) {
      return;
    }
    if (!isSocket(unix.path())) {
      throw new SluiceException(
          ServerError.ADDRESS_NOT_BOUND,
          "cannot listen on %s: there is a file that is no socket. Choose another path with --bind."
              .formatted(unix));
    }
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      probe.connect(UnixDomainSocketAddress.of(unix.path()));
    } catch (ConnectException refused) {
      delete(unix);
      return;
    } catch (IOException e) {
      LOG.debug("{} is left as it is: {}", unix, e.toString());
      return;
    }
    throw new SluiceException(
        ServerError.ADDRESS_NOT_BOUND,
        "cannot listen on %s: another program listens there. End it, or choose another path."
            .formatted(unix));
  }

  /** Whether the path leads to neither a file nor a folder nor a link: a socket, here. */
  private static boolean isSocket(Path path) {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
          .isOther();
    } catch (IOException e) {
      return false;
    }
  }

  /** Sets who may connect; until then it is as the umask has it. */
  static void setMode(BindAddress.Unix unix, Set<PosixFilePermission> mode) throws IOException {
    try {
      Files.setPosixFilePermissions(unix.path(), mode);
    } catch (UnsupportedOperationException e) {
      throw new IOException("this file system has no permissions", e);
    }
  }

  static void delete(BindAddress.Unix unix) {
    try {
      if (isSocket(unix.path())) {
        Files.deleteIfExists(unix.path());
      }
    } catch (IOException e) {
      LOG.debug("{} cannot be deleted: {}", unix, e.toString());
    }
  }
}
