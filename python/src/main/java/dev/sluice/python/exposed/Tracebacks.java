package dev.sluice.python.exposed;

import dev.sluice.python.capi.ContainerApi;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.ImportApi;
import dev.sluice.python.capi.NumberApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One account of the frames of both languages; on an attached thread without an exception set.
 *
 * <p>On the way to Java, an exception's traceback stands above the Java frames of the thread. On
 * the way to Python, the frames between this crossing and what the traceback has already are those
 * of the Java exception that the thread does not have any more: they are put around it. Frames of
 * Python's that are in Java's trace have the class loader "python".
 */
public final class Tracebacks {
  private static final String PYTHON = "python";
  private static final String MARK = "python:";

  /** The innermost frame of Java's where it calls Python. */
  private static final String DOWNCALLS = "dev.sluice.python.capi.Shapes";

  /** Of a traceback, the frames that are shown. */
  private static final int MOST = 1000;

  private static final List<String> OURS =
      List.of(
          "dev.sluice.python.capi.",
          "dev.sluice.python.exposed.",
          "dev.sluice.python.ExposedObjects",
          "dev.sluice.python.PythonException",
          "java.lang.invoke.");

  private Tracebacks() {}

  /** The exception's frames, innermost first, and below them those of the calling thread. */
  public static StackTraceElement[] above(long exception) {
    List<StackTraceElement> all = seen(exception);
    all.addAll(shown(Arrays.asList(new Throwable().getStackTrace())));
    return all.toArray(StackTraceElement[]::new);
  }

  /** The same for an exception that was just made of Python's, which may come back. */
  public static Account account(long exception, Throwable taken) {
    Account before = Account.of(exception);
    List<StackTraceElement> all =
        before == null ? new ArrayList<>() : new ArrayList<>(before.seen());
    Account.Part part = addSeen(exception, before == null ? Account.Part.NONE : before.part(), all);
    List<StackTraceElement> seen = List.copyOf(all.subList(0, Math.min(all.size(), MOST)));
    all = new ArrayList<>(seen);
    StackTraceElement[] here = taken.getStackTrace();
    // The frames up to the call of Python's that this thread is in; with none, up to its start.
    int own = 0;
    while (own < here.length && !here[own].getClassName().equals(DOWNCALLS)) {
      own++;
    }
    all.addAll(shown(Arrays.asList(here).subList(0, own)));
    int left = all.size();
    all.addAll(shown(Arrays.asList(here).subList(own, here.length)));
    return new Account(taken, exception, part, seen, all.toArray(StackTraceElement[]::new), left);
  }

  /** The exception's frames, innermost first. */
  public static StackTraceElement[] of(long exception) {
    return seen(exception).toArray(StackTraceElement[]::new);
  }

  /** The frames of the Java exception that the calling thread has left. */
  static List<StackTraceElement> left(Throwable throwable) {
    StackTraceElement[] trace = throwable.getStackTrace();
    Account account = Account.of(throwable);
    if (account != null && account.trace().length == trace.length) {
      return Arrays.asList(trace).subList(0, account.left());
    }
    List<StackTraceElement> all = shown(Arrays.asList(trace));
    List<StackTraceElement> here = shown(Arrays.asList(new Throwable().getStackTrace()));
    int length = all.size() - here.size();
    boolean ofThisThread = length >= 0 && tail(all, here.size()).equals(tail(here, here.size()));
    // One that another thread made, or an earlier call, has nothing in common with this stack.
    return ofThisThread ? all.subList(0, length) : all;
  }

  /** The last frames; the line of the one that both have can differ, so that it is left out. */
  private static List<StackTraceElement> tail(List<StackTraceElement> all, int length) {
    return length <= 1 ? List.of() : all.subList(all.size() - length + 1, all.size());
  }

  private static List<StackTraceElement> shown(List<StackTraceElement> trace) {
    List<StackTraceElement> shown = new ArrayList<>(trace.size());
    for (StackTraceElement element : trace) {
      if (isShown(element.getClassName())) {
        shown.add(element);
      }
    }
    return shown;
  }

  private static boolean isShown(String owner) {
    for (String ours : OURS) {
      if (owner.startsWith(ours)) {
        return false;
      }
    }
    return true;
  }

  /** Puts those of the frames around the exception that its traceback does not have yet. */
  static void add(long exception, List<StackTraceElement> frames) {
    long known = call("count", exception, 0);
    if (known == 0) {
      ErrorApi.clear();
      return;
    }
    int count = (int) Math.min(frames.size(), NumberApi.asLong(known));
    ObjectApi.decRef(known);
    if (count == frames.size()) {
      return;
    }
    long list = toList(frames.subList(count, frames.size()));
    long result = list == 0 ? 0 : call("add", exception, list);
    ObjectApi.decRef(list);
    ObjectApi.decRef(result);
    // A traceback is not worth another exception.
    ErrorApi.clear();
  }

  /** A new reference; null with an exception set on failure. */
  private static long toList(List<StackTraceElement> frames) {
    long list = ContainerApi.newList();
    for (StackTraceElement element : list == 0 ? List.<StackTraceElement>of() : frames) {
      long item = toTuple(element);
      int result = item == 0 ? -1 : ContainerApi.append(list, item);
      ObjectApi.decRef(item);
      if (result < 0) {
        ObjectApi.decRef(list);
        return 0;
      }
    }
    return list;
  }

  private static long toTuple(StackTraceElement element) {
    boolean isPython = PYTHON.equals(element.getClassLoaderName());
    String file = element.getFileName() == null ? "<java>" : element.getFileName();
    return tuple(
        UnicodeApi.fromString((isPython ? MARK : "") + element.getClassName()),
        UnicodeApi.fromString(element.getMethodName()),
        UnicodeApi.fromString(file),
        NumberApi.fromLong(element.getLineNumber()));
  }

  /** A new tuple of new references, which are given away; null if one of them or it is null. */
  private static long tuple(long... items) {
    boolean isWhole = Arrays.stream(items).noneMatch(item -> item == 0);
    long tuple = isWhole ? ContainerApi.newTuple(items.length) : 0;
    for (int i = 0; i < items.length; i++) {
      if (tuple == 0) {
        ObjectApi.decRef(items[i]);
      } else {
        ContainerApi.setTupleItem(tuple, i, items[i]);
      }
    }
    return tuple;
  }

  private static List<StackTraceElement> seen(long exception) {
    List<StackTraceElement> frames = new ArrayList<>();
    addSeen(exception, Account.Part.NONE, frames);
    return frames.subList(0, Math.min(frames.size(), MOST));
  }

  /**
   * Adds the frames of the exception that are not in the part of its traceback that is known; all
   * of them, to an empty list, if it has that part no more. Gives what is known then.
   */
  private static Account.Part addSeen(
      long exception, Account.Part known, List<StackTraceElement> frames) {
    long argument =
        tuple(
            NumberApi.fromLong(known.outermost()),
            NumberApi.fromLong(known.innermost()),
            NumberApi.fromLong(known.count()));
    long answer = argument == 0 ? 0 : call("seen", exception, argument);
    ObjectApi.decRef(argument);
    if (answer == 0) {
      ErrorApi.clear();
      frames.clear();
      return Account.Part.NONE;
    }
    try {
      if (ContainerApi.tupleItem(answer, 1) != ObjectApi.TRUE) {
        frames.clear();
      }
      long list = ContainerApi.tupleItem(answer, 0);
      for (long i = 0; i < ContainerApi.size(list); i++) {
        frames.add(fromTuple(ContainerApi.listItem(list, i)));
      }
      return new Account.Part(number(answer, 2), number(answer, 3), (int) number(answer, 4));
    } finally {
      ObjectApi.decRef(answer);
    }
  }

  private static long number(long tuple, int index) {
    return NumberApi.asLongQuick(ContainerApi.tupleItem(tuple, index));
  }

  private static StackTraceElement fromTuple(long tuple) {
    String owner = text(ContainerApi.tupleItem(tuple, 0));
    String function = text(ContainerApi.tupleItem(tuple, 1));
    String file = text(ContainerApi.tupleItem(tuple, 2));
    int line = (int) number(tuple, 3);
    return owner.startsWith(MARK)
        ? new StackTraceElement(
            PYTHON, null, null, owner.substring(MARK.length()), function, file, line)
        : new StackTraceElement(owner, function, file, line);
  }

  /** The names that Python code has in its globals may be anything. */
  private static String text(long object) {
    return ObjectApi.is(object, UnicodeApi.TYPE) ? UnicodeApi.toString(object) : "?";
  }

  /** Calls a function of {@code sluice/_frames.py}; null with an exception set on failure. */
  private static long call(String function, long exception, long argument) {
    long name = UnicodeApi.fromString("sluice._frames");
    long module = name == 0 ? 0 : ImportApi.importModule(name);
    ObjectApi.decRef(name);
    long key = module == 0 ? 0 : UnicodeApi.fromString(function);
    long callable = key == 0 ? 0 : ObjectApi.getAttr(module, key);
    ObjectApi.decRef(key);
    ObjectApi.decRef(module);
    if (callable == 0) {
      return 0;
    }
    ObjectApi.incRef(exception);
    ObjectApi.incRef(argument);
    long arguments = argument == 0 ? tuple(exception) : tuple(exception, argument);
    long result = arguments == 0 ? 0 : ObjectApi.call(callable, arguments, 0);
    ObjectApi.decRef(arguments);
    ObjectApi.decRef(callable);
    return result;
  }
}
