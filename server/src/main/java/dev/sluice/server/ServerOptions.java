package dev.sluice.server;

import dev.sluice.server.files.FilesOptions;
import dev.sluice.server.files.Mount;
import dev.sluice.server.http.connection.HttpLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What is served, where and within which limits; immutable, any thread.
 *
 * @param application {@code module:attribute}; without an attribute, {@code application} or {@code
 *     app}
 * @param spoken which interface the application speaks, or {@code auto}
 * @param appDir the folder that modules are imported from first
 * @param appMounts applications that answer the paths below their prefixes
 * @param factory whether the attribute is a function that returns the application
 * @param listening where to listen, and what is spoken there
 * @param rootPath the part of each path that goes to SCRIPT_NAME, or an empty string
 * @param threads the most worker threads
 * @param microthreads the most requests of WSGI that are microthreads at once; 0 for worker threads
 * @param queueLimit the most requests that wait for a worker; beyond it 503
 * @param streamsBodies whether the application reads large bodies while they arrive, instead of
 *     their being stored in a file first
 * @param requestTimeout how long the application may take; zero for any time
 * @param asgi how an application of ASGI is served
 * @param mounts the folders whose files are served without the application
 * @param files how they are served
 * @param operations what those who operate the server want of it
 * @param limits what a client may use up
 */
public record ServerOptions(
    String application,
    String spoken,
    Path appDir,
    List<AppMount> appMounts,
    boolean factory,
    Listening listening,
    String rootPath,
    int threads,
    int microthreads,
    int queueLimit,
    boolean streamsBodies,
    Duration requestTimeout,
    AsgiSettings asgi,
    List<Mount> mounts,
    FilesOptions files,
    Operations operations,
    HttpLimits limits) {

  public ServerOptions {
    appMounts = List.copyOf(appMounts);
    mounts = List.copyOf(mounts);
  }

  /** The defaults for an application in the working directory. */
  public static ServerOptions of(String application) {
    return new ServerOptions(
        application,
        "auto",
        Path.of(""),
        List.of(),
        false,
        Listening.of(),
        "",
        1,
        0,
        1024,
        false,
        Duration.ZERO,
        AsgiSettings.DEFAULT,
        List.of(),
        FilesOptions.DEFAULT,
        Operations.NONE,
        HttpLimits.DEFAULT);
  }
}
