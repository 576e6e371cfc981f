package dev.sluice.server.wsgi;

import dev.sluice.python.Attached;
import dev.sluice.python.Interpreter;
import dev.sluice.python.PyObject;
import dev.sluice.python.capi.BytesApi;
import dev.sluice.python.capi.ContainerApi;
import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;
import dev.sluice.server.exchange.RequestBody;
import dev.sluice.server.exchange.RootPath;
import java.lang.ref.Reference;
import java.nio.file.Path;

/**
 * An application loaded in one interpreter, and what its environs have in common; every method runs
 * on a thread attached to that interpreter.
 */
public final class WsgiApplication {
  private final Interpreter interpreter;
  private final RootPath rootPath;
  private volatile PyObject application;
  private final PyObject baseEnviron;
  private final PyObject bytesIo;
  private final PyObject openBody;
  private final PyObject arrivingBody;
  private final PyObject fileWrapper;
  private final PyObject requestTimeout;
  private final PyObject stack;
  private final long inputKey;
  private final long earlyHintsKey;
  private final long placeName;
  private final long closeName;

  /** The interned keys, made when first met; guarded by the GIL. */
  private final long[] keys = new long[EnvironKeys.MOST];

  /**
   * Makes what an application needs.
   *
   * @param rootPath the part of each path that belongs to SCRIPT_NAME
   */
  public WsgiApplication(
      Attached py, PyObject application, RootPath rootPath, boolean multithread) {
    this.interpreter = py.interpreter();
    this.rootPath = rootPath;
    this.application = application;
    PyObject helpers = py.importModule("sluice._wsgi");
    baseEnviron = helpers.callMethod("base_environ", rootPath.text(), multithread);
    openBody = helpers.attr("open_body");
    arrivingBody = helpers.attr("arriving_body");
    fileWrapper = helpers.attr("FileWrapper");
    requestTimeout = helpers.attr("RequestTimeout");
    stack = helpers.attr("stack");
    bytesIo = py.importModule("io").attr("BytesIO");
    inputKey = UnicodeApi.intern("wsgi.input");
    earlyHintsKey = UnicodeApi.intern("wsgi.early_hints");
    placeName = UnicodeApi.intern("place");
    closeName = UnicodeApi.intern("close");
  }

  Interpreter interpreter() {
    return interpreter;
  }

  RootPath rootPath() {
    return rootPath;
  }

  /** The application object. */
  PyObject callable() {
    return application;
  }

  /** Has requests from now on answered by another object; any thread of the same interpreter. */
  public void replaceBy(PyObject other) {
    application = other;
  }

  /** The interned str "close"; borrowed. */
  long closeName() {
    return closeName;
  }

  /** The interned str "place"; borrowed. */
  long placeName() {
    return placeName;
  }

  /** The type of what {@code wsgi.file_wrapper} makes; borrowed. */
  long fileWrapper() {
    return fileWrapper.address();
  }

  /** The type of the exception that ends a request which takes too long; borrowed. */
  long requestTimeout() {
    return requestTimeout.address();
  }

  /** What a thread runs in Python, or an empty string. */
  String stack(long ident) {
    try (PyObject text = stack.call(ident)) {
      return text.as(String.class);
    }
  }

  /** A new environ for the request, or null with an exception set. */
  long environ(Attached py, WsgiRequest request, Call call) {
    long environ = ContainerApi.copyDict(baseEnviron.address());
    if (environ == 0) {
      return 0;
    }
    boolean complete = false;
    try {
      complete =
          addValues(py, environ, request.environ())
              && ContainerApi.setDictItem(environ, earlyHintsKey, call.earlyHints()) == 0
              && addInput(environ, call);
    } finally {
      if (!complete) {
        ObjectApi.decRef(environ);
      }
    }
    return complete ? environ : 0;
  }

  /** One copy of all values into native memory, then one str for each. */
  private boolean addValues(Attached py, long environ, Environ values) {
    if (values.length() <= py.scratchSize()) {
      return addValues(py.scratch(), environ, values);
    }
    Memory.Block large = Memory.allocate(values.length());
    try {
      return addValues(large.address(), environ, values);
    } finally {
      Reference.reachabilityFence(large);
    }
  }

  private boolean addValues(long base, long environ, Environ values) {
    Memory.copy(values.bytes(), 0, values.length(), base);
    int start = 0;
    for (int i = 0; i < values.count(); i++) {
      int end = values.valueEnd(i);
      boolean shared = values.key(i) >= 0;
      long key = shared ? key(values.key(i)) : UnicodeApi.fromString(values.keyText(i));
      long value = UnicodeApi.fromLatin1(base + start, end - start);
      int result = key == 0 || value == 0 ? -1 : ContainerApi.addDictItemQuick(environ, key, value);
      ObjectApi.decRefQuick(value);
      if (!shared) {
        ObjectApi.decRefQuick(key);
      }
      if (result < 0) {
        return false;
      }
      start = end;
    }
    return true;
  }

  private long key(int number) {
    long key = keys[number];
    if (key == 0) {
      key = UnicodeApi.intern(EnvironKeys.text(number));
      keys[number] = key;
    }
    return key;
  }

  private boolean addInput(long environ, Call call) {
    RequestBody body = call.exchange().body();
    long input = body.isStream() ? arriving(call) : input(body);
    if (input == 0) {
      return false;
    }
    int result = ContainerApi.setDictItem(environ, inputKey, input);
    ObjectApi.decRef(input);
    return result == 0;
  }

  private long arriving(Call call) {
    long receiver = call.newReceiver();
    if (receiver == 0) {
      return 0;
    }
    long tuple = ContainerApi.newTuple(1);
    if (tuple == 0) {
      ObjectApi.decRef(receiver);
      return 0;
    }
    ContainerApi.setTupleItem(tuple, 0, receiver);
    long input = ObjectApi.call(arrivingBody.address(), tuple, 0);
    ObjectApi.decRef(tuple);
    return input;
  }

  private long input(RequestBody body) {
    Path file = body.file();
    if (file != null) {
      PyObject opened = openBody.call(String.valueOf(file));
      long address = opened.address();
      ObjectApi.incRef(address);
      opened.close();
      return address;
    }
    if (body.length() == 0) {
      return ObjectApi.callNoArgs(bytesIo.address());
    }
    int length = (int) body.length();
    long bytes = BytesApi.create(0, length);
    if (bytes == 0) {
      return 0;
    }
    body.copyTo(Memory.view(BytesApi.data(bytes), length));
    long tuple = ContainerApi.newTuple(1);
    if (tuple == 0) {
      ObjectApi.decRef(bytes);
      return 0;
    }
    ContainerApi.setTupleItem(tuple, 0, bytes);
    long input = ObjectApi.call(bytesIo.address(), tuple, 0);
    ObjectApi.decRef(tuple);
    return input;
  }
}
