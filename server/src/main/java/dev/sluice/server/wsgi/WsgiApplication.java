package dev.sluice.server.wsgi;

import dev.sluice.python.Attached;
import dev.sluice.python.Interpreter;
import dev.sluice.python.PyObject;
import dev.sluice.python.capi.BytesApi;
import dev.sluice.python.capi.ContainerApi;
import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.python.capi.UnicodeApi;
import dev.sluice.server.exchange.Exchange;
import dev.sluice.server.exchange.RequestBody;
import java.lang.ref.Reference;
import java.nio.file.Path;

/**
 * An application loaded in one interpreter, and what its environs have in common; every method runs
 * on a thread attached to that interpreter.
 */
public final class WsgiApplication {
  private final Interpreter interpreter;
  private final PyObject application;
  private final PyObject baseEnviron;
  private final PyObject bytesIo;
  private final PyObject openBody;
  private final long inputKey;
  private final long closeName;

  /** The interned keys, made when first met; guarded by the GIL. */
  private final long[] keys = new long[EnvironKeys.MOST];

  public WsgiApplication(Attached py, PyObject application, String rootPath, boolean multithread) {
    this.interpreter = py.interpreter();
    this.application = application;
    PyObject helpers = py.importModule("sluice._wsgi");
    baseEnviron = helpers.callMethod("base_environ", rootPath, multithread);
    openBody = helpers.attr("open_body");
    bytesIo = py.importModule("io").attr("BytesIO");
    inputKey = UnicodeApi.intern("wsgi.input");
    closeName = UnicodeApi.intern("close");
  }

  Interpreter interpreter() {
    return interpreter;
  }

  /** The application object; borrowed. */
  long address() {
    return application.address();
  }

  /** The interned str "close"; borrowed. */
  long closeName() {
    return closeName;
  }

  /** A new environ for the request, or null with an exception set. */
  long environ(Attached py, WsgiRequest request) {
    long environ = ContainerApi.copyDict(baseEnviron.address());
    if (environ == 0) {
      return 0;
    }
    boolean complete = false;
    try {
      complete = addValues(py, environ, request.environ()) && addInput(environ, request.exchange());
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

  private boolean addInput(long environ, Exchange exchange) {
    long input = input(exchange.body());
    if (input == 0) {
      return false;
    }
    int result = ContainerApi.setDictItem(environ, inputKey, input);
    ObjectApi.decRef(input);
    return result == 0;
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
