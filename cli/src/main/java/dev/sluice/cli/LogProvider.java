package dev.sluice.cli;

import dev.sluice.bridge.LogRecords;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.Logger;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.AbstractLogger;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.simple.SimpleServiceProvider;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/**
 * SLF4J's simple back end; but what it would write goes to a handler of Python's, as long as there
 * is one that wants it ({@code sluice.SafeQueueHandler}). On any thread.
 */
public final class LogProvider implements SLF4JServiceProvider {
  private final SimpleServiceProvider simple = new SimpleServiceProvider();
  private final Map<String, Logger> loggers = new ConcurrentHashMap<>();

  /** Made by SLF4J, which knows it by a system property ({@link Logging}). */
  public LogProvider() {}

  @Override
  public ILoggerFactory getLoggerFactory() {
    return name ->
        loggers.computeIfAbsent(
            name, each -> new Forwarding(each, simple.getLoggerFactory().getLogger(each)));
  }

  @Override
  public IMarkerFactory getMarkerFactory() {
    return simple.getMarkerFactory();
  }

  @Override
  public MDCAdapter getMDCAdapter() {
    return simple.getMDCAdapter();
  }

  @Override
  public String getRequestedApiVersion() {
    return simple.getRequestedApiVersion();
  }

  @Override
  public void initialize() {
    simple.initialize();
  }

  /** A logger that decides as the simple one does, and writes by it where nobody else does. */
  private static final class Forwarding extends AbstractLogger {
    private static final long serialVersionUID = 1;

    private final transient Logger simple;

    Forwarding(String name, Logger simple) {
      this.name = name;
      this.simple = simple;
    }

    @Override
    public boolean isTraceEnabled() {
      return simple.isTraceEnabled();
    }

    @Override
    public boolean isTraceEnabled(Marker marker) {
      return simple.isTraceEnabled();
    }

    @Override
    public boolean isDebugEnabled() {
      return simple.isDebugEnabled();
    }

    @Override
    public boolean isDebugEnabled(Marker marker) {
      return simple.isDebugEnabled();
    }

    @Override
    public boolean isInfoEnabled() {
      return simple.isInfoEnabled();
    }

    @Override
    public boolean isInfoEnabled(Marker marker) {
      return simple.isInfoEnabled();
    }

    @Override
    public boolean isWarnEnabled() {
      return simple.isWarnEnabled();
    }

    @Override
    public boolean isWarnEnabled(Marker marker) {
      return simple.isWarnEnabled();
    }

    @Override
    public boolean isErrorEnabled() {
      return simple.isErrorEnabled();
    }

    @Override
    public boolean isErrorEnabled(Marker marker) {
      return simple.isErrorEnabled();
    }

    @Override
    protected @Nullable String getFullyQualifiedCallerName() {
      return null;
    }

    @Override
    protected void handleNormalizedLoggingCall(
        Level level,
        @Nullable Marker marker,
        @Nullable String text,
        Object @Nullable [] arguments,
        @Nullable Throwable thrown) {
      String message = String.valueOf(MessageFormatter.basicArrayFormat(text, arguments));
      if (!LogRecords.offer(name, level.toInt(), message, thrown)) {
        simple.atLevel(level).setCause(thrown).log(message);
      }
    }
  }
}
