package dev.sluice.server.asgi;

import dev.sluice.python.Attached;
import dev.sluice.python.Interpreter;
import dev.sluice.python.PyObject;
import dev.sluice.python.capi.BytesApi;
import dev.sluice.python.capi.Callbacks;
import dev.sluice.python.capi.ContainerApi;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.NumberApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one application's calls need of Python: the awaitables, messages and names; on the loop's
 * thread, attached.
 */
final class Python {
  private final Interpreter interpreter;
  private final Names names;
  private final Kind.Finder kinds = new Kind.Finder();
  private final PyObject done;
  private final PyObject value;
  private final PyObject pending;
  private final PyObject later;
  private final PyObject loop;
  private final Memory.Block arguments = Memory.allocate(8);
  private final PyObject disconnected;
  private final Map<Integer, String> reasons = new HashMap<>();
  private final PyObject toBytes;
  private final PyObject place;

  Python(Attached py, Names names, PyObject helpers, PyObject loop) {
    interpreter = py.interpreter();
    this.names = names;
    done = helpers.attr("Done").call();
    value = helpers.attr("Value");
    pending = helpers.attr("Pending");
    later = helpers.attr("Later");
    this.loop = loop;
    disconnected = helpers.attr("ClientDisconnected");
    toBytes = py.importModule("builtins").attr("bytes");
    place = helpers.attr("place");
    reasons.putAll(helpers.callMethod("reasons").asMap(Integer.class, String.class));
  }

  Names names() {
    return names;
  }

  Interpreter interpreter() {
    return interpreter;
  }

  /** The reason of a status, which may be empty. */
  String reason(int status) {
    return reasons.getOrDefault(status, "");
  }

  /** The kind of a message; null with an exception set if it is none. */
  @Nullable Kind kind(long message) {
    if (!ObjectApi.is(message, ContainerApi.DICT_TYPE)) {
      ErrorApi.raise(
          ErrorApi.Types.TYPE_ERROR,
          "a message must be a dict, not " + UnicodeApi.typeName(message));
      return null;
    }
    long type = ContainerApi.getDictItem(message, names.type);
    Kind kind = type == 0 ? Kind.UNKNOWN : kinds.find(type);
    if (kind == Kind.UNKNOWN) {
      String told = type == 0 ? "nothing" : repr(type);
      ErrorApi.raise(
          ErrorApi.Types.VALUE_ERROR, "a message has a 'type' that is not known here: " + told);
      return null;
    }
    return kind;
  }

  private static String repr(long object) {
    long repr = ObjectApi.repr(object);
    if (repr == 0) {
      ErrorApi.clear();
      return "something odd";
    }
    try {
      return UnicodeApi.toString(repr);
    } finally {
      ObjectApi.decRef(repr);
    }
  }

  /** An awaitable without a result; a new reference. */
  long done() {
    long address = done.address();
    ObjectApi.incRef(address);
    return address;
  }

  /** An awaitable with a result, which is taken over; null with an exception set. */
  long value(long result) {
    return called(value, result);
  }

  /** Not by an array of ours: what is collected meanwhile may run code that comes here too. */
  private static long called(PyObject type, long argument) {
    long tuple = ContainerApi.newTuple(1);
    if (tuple == 0) {
      ObjectApi.decRef(argument);
      return 0;
    }
    ContainerApi.setTupleItem(tuple, 0, argument);
    long made = ObjectApi.call(type.address(), tuple, 0);
    ObjectApi.decRef(tuple);
    return made;
  }

  /**
   * The bytes of an object that has some: itself, or a copy; a new reference, or null with an
   * exception set.
   */
  long bytes(long object) {
    if (ObjectApi.is(object, BytesApi.TYPE)) {
      ObjectApi.incRef(object);
      return object;
    }
    if (NumberApi.isIndex(object) || ObjectApi.is(object, UnicodeApi.TYPE)) {
      ErrorApi.raise(
          ErrorApi.Types.TYPE_ERROR, "bytes are needed, not " + UnicodeApi.typeName(object));
      return 0;
    }
    ObjectApi.incRef(object);
    return called(toBytes, object);
  }

  /**
   * An awaitable that waits; a new reference, or null with an exception set.
   *
   * @param again is asked for the result when the wait is over, and called with the awaitable: None
   *     if it has to wait again. Null if there is no result.
   * @param self what that function is bound to
   */
  long newPending(Callbacks.@Nullable Definition again, long self) {
    long arguments = ContainerApi.newTuple(2);
    if (arguments == 0) {
      return 0;
    }
    ObjectApi.incRef(loop.address());
    ContainerApi.setTupleItem(arguments, 0, loop.address());
    ContainerApi.setTupleItem(arguments, 1, again == null ? none() : again.bind(self));
    long made = ObjectApi.call(pending.address(), arguments, 0);
    ObjectApi.decRef(arguments);
    return made;
  }

  /**
   * An awaitable that calls one of the functions when it is awaited; any thread with the GIL. A new
   * reference, or null with an exception set.
   *
   * @param argument borrowed; 0 if it is called without one
   */
  long newLater(Callbacks.Definition function, long self, long argument) {
    long its = ContainerApi.newTuple(argument == 0 ? 0 : 1);
    long arguments = ContainerApi.newTuple(3);
    if (its == 0 || arguments == 0) {
      ObjectApi.decRef(its);
      ObjectApi.decRef(arguments);
      return 0;
    }
    if (argument != 0) {
      ObjectApi.incRef(argument);
      ContainerApi.setTupleItem(its, 0, argument);
    }
    try (Attached py = interpreter.attachedInCallback()) {
      ObjectApi.incRef(loop.address());
      ContainerApi.setTupleItem(arguments, 0, loop.address());
      ContainerApi.setTupleItem(arguments, 1, function.bind(self));
      ContainerApi.setTupleItem(arguments, 2, its);
      return ObjectApi.call(later.address(), arguments, 0);
    } finally {
      ObjectApi.decRef(arguments);
    }
  }

  /** Whether somebody waits for such an awaitable. */
  boolean isWanted(long awaitable) {
    // The array may be ours: it is read before anything else can run.
    Memory.putLong(arguments.address(), awaitable);
    long done = ObjectApi.callMethod(names.done, arguments.address(), 1, 0);
    if (done == 0) {
      ErrorApi.clear();
    }
    ObjectApi.decRef(done);
    return done == ObjectApi.FALSE;
  }

  /**
   * Where a part of a file is: its descriptor, where it begins, and how many bytes it has at most.
   */
  long[] place(Attached py, long file, long offset, long count) {
    try (PyObject object = held(py, file);
        PyObject from = held(py, offset);
        PyObject most = held(py, count);
        PyObject found = place.call(object, from, most)) {
      return found.as(long[].class);
    }
  }

  private static PyObject held(Attached py, long borrowed) {
    long object = borrowed == 0 ? ObjectApi.NONE : borrowed;
    ObjectApi.incRef(object);
    return py.own(object);
  }

  /** Raises that the client is gone. */
  void raiseGone() {
    try (PyObject error = disconnected.call("the client has closed the connection")) {
      ErrorApi.raise(error.address());
    }
  }

  /** Appends to a list what is taken over; false with an exception set. */
  static boolean addTo(long list, long object) {
    boolean added = ContainerApi.append(list, object) == 0;
    ObjectApi.decRef(object);
    return added;
  }

  /** The message that tells of a WebSocket's end; null with an exception set. */
  long socketDisconnect(int code, String reason) {
    long event = message(names.webSocketDisconnect);
    boolean complete =
        event != 0
            && Scopes.give(event, names.code, NumberApi.fromLong(code))
            && Scopes.give(event, names.reason, UnicodeApi.fromString(reason));
    if (complete) {
      return event;
    }
    ObjectApi.decRef(event);
    return 0;
  }

  /** A tuple of a number, a scope (taken over) and two functions; null with an exception set. */
  long parts(long number, long scope, Callbacks.Definition receive, Callbacks.Definition send) {
    if (scope == 0) {
      return 0;
    }
    long self = NumberApi.fromLong(number);
    long tuple = ContainerApi.newTuple(4);
    if (self == 0 || tuple == 0) {
      ObjectApi.decRef(scope);
      ObjectApi.decRef(self);
      ObjectApi.decRef(tuple);
      return 0;
    }
    ContainerApi.setTupleItem(tuple, 1, scope);
    ContainerApi.setTupleItem(tuple, 2, receive.bind(self));
    ContainerApi.setTupleItem(tuple, 3, send.bind(self));
    ContainerApi.setTupleItem(tuple, 0, self);
    return tuple;
  }

  /** A new message with a type; null with an exception set. */
  long message(long type) {
    long message = ContainerApi.newDict();
    if (message != 0 && !Scopes.put(message, names.type, type)) {
      ObjectApi.decRef(message);
      return 0;
    }
    return message;
  }

  static long none() {
    ObjectApi.incRef(ObjectApi.NONE);
    return ObjectApi.NONE;
  }
}
