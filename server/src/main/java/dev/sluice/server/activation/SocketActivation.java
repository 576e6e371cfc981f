package dev.sluice.server.activation;

import dev.sluice.python.SluiceException;
import dev.sluice.server.ServerError;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Reads by what variables systemd hands listening sockets over (sd_listen_fds(3)); any thread. What
 * kind of sockets they are is not looked at.
 */
public final class SocketActivation {
  /** More than anybody hands over; a limit for what is believed of the environment. */
  static final int MOST = 1024;

  private static final int FIRST = 3;

  private SocketActivation() {}

  /**
   * A socket that systemd has opened.
   *
   * @param descriptor its number in this process, from 3 on
   * @param name FileDescriptorName= of its unit, or {@code unknown}
   */
  public record Inherited(int descriptor, String name) {}

  /**
   * The sockets for this process; none if there are none, or if they are for another process: a
   * child inherits the variables, but not what they mean.
   *
   * @param environment the process's variables
   * @param pid the process's number
   * @throws SluiceException (SL311) if they are for this process, and malformed
   */
  public static List<Inherited> descriptors(Map<String, String> environment, long pid) {
    String forWhom = environment.get("LISTEN_PID");
    String howMany = environment.get("LISTEN_FDS");
    if (forWhom == null || howMany == null || !forWhom.equals(Long.toString(pid))) {
      return List.of();
    }
    int count = number(howMany);
    if (count < 0) {
      throw refuse("LISTEN_FDS is \"%s\", no number from 0 to %d".formatted(howMany, MOST));
    }
    String allNames = environment.get("LISTEN_FDNAMES");
    String[] names = allNames == null ? new String[0] : allNames.split(":", -1);
    boolean named = allNames != null && !(count == 0 && allNames.isEmpty());
    if (named && names.length != count) {
      throw refuse("LISTEN_FDNAMES has %d names, LISTEN_FDS is %d".formatted(names.length, count));
    }
    List<Inherited> sockets = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      sockets.add(new Inherited(FIRST + i, named ? names[i] : "unknown"));
    }
    return List.copyOf(sockets);
  }

  private static int number(String text) {
    if (text.isEmpty() || text.length() > 4) {
      return -1;
    }
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return -1;
      }
    }
    int number = Integer.parseInt(text);
    return number <= MOST ? number : -1;
  }

  private static SluiceException refuse(String what) {
    return new SluiceException(
        ServerError.SOCKET_ACTIVATION_INVALID,
        "the sockets that systemd hands over cannot be told: "
            + what
            + ". Unset LISTEN_PID if it was not systemd that started this process.");
  }
}
