package dev.sluice.server.asgi;

import dev.sluice.python.Attached;
import dev.sluice.python.PyObject;
import dev.sluice.python.capi.Callbacks;
import dev.sluice.python.capi.ContainerApi;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.NumberApi;
import dev.sluice.python.capi.ObjectApi;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What {@code sluice/_asgi.py} asks of Java for one service: the requests that have come, what
 * tasks wait for, and that a task has ended; on the loop's thread, attached.
 */
final class Door {
  private static final Map<Long, AsgiService> SERVICES = new ConcurrentHashMap<>();
  private static final AtomicLong NUMBERS = new AtomicLong();

  private static final Callbacks.Definition TAKE =
      define("take", "take(): the new requests", (service, arguments) -> service.take());

  private static final Callbacks.Definition DELIVERIES =
      define(
          "deliveries",
          "deliveries(): a list of awaitables to be woken",
          (service, arguments) -> service.deliveries());

  private static final Callbacks.Definition ENDED =
      define(
          "ended",
          "ended(number, error): the application has returned, or raised",
          (service, arguments) -> {
            service.ended(
                NumberApi.asLongQuick(Memory.getLong(arguments)), Memory.getLong(arguments + 8));
            return Python.none();
          });

  private static final Callbacks.Definition RETURNED =
      define(
          "returned",
          "returned(numbers): the application has returned from all of these, in a list",
          (service, arguments) -> {
            service.returned(Memory.getLong(arguments));
            return Python.none();
          });

  private Door() {}

  /** The body of a function. */
  private interface Body {
    /** A new reference, or null with an exception set. */
    long call(AsgiService service, long arguments);
  }

  private static Callbacks.Definition define(String name, String doc, Body body) {
    return Callbacks.define(
        name,
        doc,
        (self, arguments, count, names) -> {
          @Nullable AsgiService service = SERVICES.get(NumberApi.asLongQuick(self));
          if (service == null) {
            ErrorApi.raise(ErrorApi.Types.RUNTIME_ERROR, "the service has ended");
            return 0;
          }
          return body.call(service, arguments);
        });
  }

  /** The largest number that a service can have. */
  static final long LAST_NUMBER = (1 << 20) - 1;

  /** A number for a service. */
  static long newNumber() {
    long number = NUMBERS.incrementAndGet();
    if (number > LAST_NUMBER) {
      throw new IllegalStateException("too many applications were served in this process");
    }
    return number;
  }

  /** The service with this number; null if it has ended. */
  static @Nullable AsgiService service(long number) {
    return SERVICES.get(number);
  }

  /** The functions for a service. */
  static PyObject open(Attached py, AsgiService service) {
    SERVICES.put(service.number(), service);
    long self = NumberApi.fromLong(service.number());
    long tuple = ContainerApi.newTuple(4);
    ContainerApi.setTupleItem(tuple, 0, TAKE.bind(self));
    ContainerApi.setTupleItem(tuple, 1, DELIVERIES.bind(self));
    ContainerApi.setTupleItem(tuple, 2, ENDED.bind(self));
    ContainerApi.setTupleItem(tuple, 3, RETURNED.bind(self));
    ObjectApi.decRef(self);
    return py.own(tuple);
  }

  /** The functions find nothing from now on. */
  static void close(AsgiService service) {
    SERVICES.values().remove(service);
  }
}
