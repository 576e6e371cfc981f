package dev.sluice.python.exposed;

import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.MutableCallSite;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * All Java methods of one name behind one entry point, on whatever thread Python calls it.
 *
 * <p>What is behind the entry point is assembled at the first call. One method is called directly;
 * among several, {@link Costs} chooses by the arguments.
 */
final class Group {
  private final Assembly assembly;
  private final String name;
  private final List<Executable> executables;
  private final int first;
  private final MutableCallSite site = new MutableCallSite(Assembly.ENTRY);
  private List<Candidate> candidates = List.of();

  /** A method for a certain number of arguments, or for any from a number on. */
  private static final class Candidate {
    final Executable executable;
    final List<? extends Type> parameters;
    final boolean spread;
    private final Assembly assembly;
    private final int first;
    private @Nullable MethodHandle handle;

    Candidate(Assembly assembly, Executable executable, int first, boolean spread) {
      this.assembly = assembly;
      this.executable = executable;
      this.parameters = executable.visible();
      this.first = first;
      this.spread = spread;
    }

    MethodHandle handle() {
      MethodHandle known = handle;
      if (known == null) {
        known = assembly.assemble(executable, first, spread);
        handle = known;
      }
      return known;
    }

    boolean takes(long count) {
      return spread ? count >= parameters.size() - 1L : count == parameters.size();
    }

    Type parameter(int position) {
      return spread && position >= parameters.size() - 1
          ? Generics.component(parameters.getLast())
          : parameters.get(position);
    }

    /** Whether None would be the whole array of further arguments, which nobody means. */
    boolean isVoid(long arguments, int count) {
      return executable.isVarargs()
          && !spread
          && Memory.getLong(arguments + 8L * (count - 1)) == ObjectApi.NONE;
    }
  }

  Group(Assembly assembly, String name, List<Executable> executables, int first) {
    this.assembly = assembly;
    this.name = name;
    this.executables = executables;
    this.first = first;
  }

  private MethodHandle own(String method, MethodType type) {
    try {
      return MethodHandles.lookup().bind(this, method, type);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(method, e);
    }
  }

  MethodHandle entry() {
    site.setTarget(own("link", Assembly.ENTRY));
    MethodHandle failed = own("failed", MethodType.methodType(long.class, Throwable.class));
    MethodHandle caught =
        MethodHandles.catchException(site.dynamicInvoker(), Throwable.class, failed);
    // Nothing may leave an upcall: what entering itself throws is caught as well.
    return MethodHandles.catchException(assembly.entered(caught), Throwable.class, failed);
  }

  @SuppressWarnings("unused") // found by its name
  private long failed(Throwable throwable) {
    boolean isNamed = throwable instanceof Refused && executables.size() == 1;
    return assembly.failed(
        isNamed ? ((Refused) throwable).by(executables.getFirst().signature()) : throwable);
  }

  /** The first call. */
  @SuppressWarnings("unused") // found by its name
  private long link(long self, long arguments, long count) throws Throwable {
    List<Candidate> all = new ArrayList<>();
    for (Executable executable : executables) {
      all.add(new Candidate(assembly, executable, first, false));
      if (executable.isVarargs()) {
        all.add(new Candidate(assembly, executable, first, true));
      }
    }
    candidates = all;
    MethodHandle target = all.size() == 1 ? counted(all.getFirst()) : own("choose", Assembly.ENTRY);
    site.setTarget(target);
    return (long) target.invokeExact(self, arguments, count);
  }

  private MethodHandle counted(Candidate candidate) {
    MethodHandle check =
        MethodHandles.insertArguments(
            own("check", MethodType.methodType(void.class, long.class, long.class)),
            0,
            (long) candidate.parameters.size() + first);
    return MethodHandles.foldArguments(
        candidate.handle(), MethodHandles.dropArguments(check, 0, long.class, long.class));
  }

  @SuppressWarnings("unused") // found by its name
  private void check(long wanted, long count) {
    requireType(count);
    if (count != wanted) {
      throw PythonRaise.type(
          "%s takes %d argument%s, not %d"
              .formatted(
                  executables.getFirst().signature(),
                  wanted - first,
                  wanted - first == 1 ? "" : "s",
                  count - first));
    }
  }

  @SuppressWarnings("unused") // found by its name
  private long choose(long self, long arguments, long count) throws Throwable {
    requireType(count);
    Candidate chosen = chosen(arguments + 8L * first, (int) count - first);
    try {
      return (long) chosen.handle().invokeExact(self, arguments, count);
    } catch (Refused e) {
      throw e.by(chosen.executable.signature());
    }
  }

  /** Python code may call a constructor's function by itself. */
  private void requireType(long count) {
    if (count < first) {
      throw PythonRaise.type(name + ".__new__() needs a type first");
    }
  }

  private Candidate chosen(long arguments, int count) {
    Costs costs = new Costs(assembly.arguments(), arguments, count);
    Candidate best = null;
    int[] bestCosts = {};
    boolean ambiguous = false;
    // Those that take all further arguments are asked only when no other one fits.
    for (int phase = 0; phase < 2 && best == null; phase++) {
      for (Candidate candidate : candidates) {
        if (candidate.spread != (phase == 1)
            || !candidate.takes(count)
            || candidate.isVoid(arguments, count)) {
          continue;
        }
        int[] own = costs.of(candidate::parameter);
        if (own == null) {
          continue;
        }
        int order = best == null ? -1 : compare(candidate, own, best, bestCosts, count);
        if (order < 0) {
          ambiguous = false;
          best = candidate;
          bestCosts = own;
        } else if (order == 0) {
          ambiguous = true;
        }
      }
    }
    if (best == null) {
      best = only(arguments, count);
    }
    if (ambiguous) {
      throw ambiguous(costs, best, bestCosts, count);
    }
    return best;
  }

  /** The one that takes so many arguments, whose conversion then says why it does not fit. */
  private Candidate only(long arguments, int count) {
    Candidate only = null;
    for (Candidate candidate : candidates) {
      if (candidate.takes(count) && !candidate.isVoid(arguments, count)) {
        if (only != null && only.executable != candidate.executable) {
          throw none(arguments, count);
        }
        only = candidate;
      }
    }
    if (only == null) {
      throw none(arguments, count);
    }
    return only;
  }

  /** Negative if the first is more specific, positive if the second, 0 if neither. */
  private static int compare(Candidate a, int[] costsOfA, Candidate b, int[] costsOfB, int count) {
    int order = 0;
    for (int i = 0; i < count; i++) {
      int difference = Integer.compare(costsOfA[i], costsOfB[i]);
      if (difference == 0) {
        difference = Costs.moreSpecific(Generics.raw(a.parameter(i)), Generics.raw(b.parameter(i)));
      }
      if (difference != 0 && order != 0 && difference != order) {
        return 0;
      }
      order = difference == 0 ? order : difference;
    }
    // The same parameters, one with more of them as an array: the one that names more.
    return order != 0 ? order : Integer.compare(b.parameters.size(), a.parameters.size());
  }

  private PythonRaise none(long arguments, int count) {
    List<String> given = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      given.add(UnicodeApi.typeName(Memory.getLong(arguments + 8L * i)));
    }
    return PythonRaise.type(
        executables.isEmpty()
            ? "%s has no public constructor".formatted(name)
            : "no %s takes (%s); there %s: %s"
                .formatted(
                    name,
                    String.join(", ", given),
                    executables.size() == 1 ? "is" : "are",
                    listed(executables)));
  }

  private PythonRaise ambiguous(Costs costs, Candidate best, int[] bestCosts, int count) {
    List<Executable> equal = new ArrayList<>();
    for (Candidate candidate : candidates) {
      if (candidate.spread == best.spread && candidate.takes(count)) {
        int[] own = costs.of(candidate::parameter);
        if (own != null
            && (candidate == best || compare(candidate, own, best, bestCosts, count) == 0)) {
          equal.add(candidate.executable);
        }
      }
    }
    return PythonRaise.type(
        "the call of %s is ambiguous between %s; sluice.java.overload chooses one"
            .formatted(name, listed(equal)));
  }

  static String listed(List<Executable> executables) {
    return executables.stream().map(Executable::signature).collect(Collectors.joining(", "));
  }
}
