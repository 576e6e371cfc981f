package dev.sluice.server.wsgi;

import dev.sluice.python.Attached;
import dev.sluice.python.PyObject;
import dev.sluice.python.capi.Callbacks;
import dev.sluice.python.capi.ContainerApi;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.NumberApi;
import dev.sluice.python.capi.ObjectApi;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What {@code sluice/_wsgi_microthreads.py} asks of Java for one service; on the loop's thread,
 * attached. Nothing here waits, or calls Python code that does.
 */
final class MicrothreadDoor {
  private static final Map<Long, MicrothreadService> SERVICES = new ConcurrentHashMap<>();
  private static final AtomicLong NUMBERS = new AtomicLong();

  /** In the order in which Python has them. */
  private static final List<Callbacks.Definition> FUNCTIONS =
      List.of(
          define("take", "take(): the requests that may begin", (service, at) -> service.take()),
          define(
              "deliveries",
              "deliveries(): the numbers of those that can go on",
              (service, at) -> service.deliveries()),
          ofRequest(
              "respond",
              "respond(number, result): sends it if it is whole",
              (service, running, at) -> running.respond(Memory.getLong(at + 8))),
          ofRequest(
              "send",
              "send(number, piece, position): sends as much of it as there is room for",
              (service, running, at) ->
                  running.send(
                      Memory.getLong(at + 8), NumberApi.asLongQuick(Memory.getLong(at + 16)))),
          define(
              "poll",
              "poll(reader, size): what has come of the body; None if nothing is there now",
              (service, at) ->
                  BodyReader.poll(
                      NumberApi.asLongQuick(Memory.getLong(at)),
                      NumberApi.asLongQuick(Memory.getLong(at + 8)))),
          ofRequest(
              "watch",
              "watch(number, body): has it told when it can go on",
              (service, running, at) -> {
                running.watch(NumberApi.asLongQuick(Memory.getLong(at + 8)) != 0);
                return none();
              }),
          ofRequest(
              "end",
              "end(number): ends the answer behind its last piece",
              (service, running, at) -> running.end() ? none() : 0),
          ofRequest(
              "close_failed",
              "close_failed(number, error): the result's close method has raised",
              (service, running, at) -> {
                running.closeFailed(Memory.getLong(at + 8));
                return none();
              }),
          ofRequest(
              "ended",
              "ended(number, error): the application has returned, or raised",
              (service, running, at) -> {
                service.ended(running, Memory.getLong(at + 8));
                return none();
              }));

  private MicrothreadDoor() {}

  /** The body of a function, which gives a new reference, or null with an exception set. */
  private interface Body {
    long call(MicrothreadService service, long arguments);
  }

  /** The same for one request, whose number is the first argument. */
  private interface BodyOfRequest {
    long call(MicrothreadService service, MicrothreadRequest running, long arguments);
  }

  private static Callbacks.Definition define(String name, String doc, Body body) {
    return Callbacks.define(
        name,
        doc,
        (self, arguments, count, names) -> {
          @Nullable MicrothreadService service = SERVICES.get(NumberApi.asLongQuick(self));
          if (service == null) {
            ErrorApi.raise(ErrorApi.Types.RUNTIME_ERROR, "the service has ended");
            return 0;
          }
          return body.call(service, arguments);
        });
  }

  private static Callbacks.Definition ofRequest(String name, String doc, BodyOfRequest body) {
    return define(
        name,
        doc,
        (service, arguments) -> {
          MicrothreadRequest running =
              service.find(NumberApi.asLongQuick(Memory.getLong(arguments)));
          return running == null ? 0 : body.call(service, running, arguments);
        });
  }

  private static long none() {
    ObjectApi.incRef(ObjectApi.NONE);
    return ObjectApi.NONE;
  }

  /** The functions for a service. */
  static PyObject open(Attached py, MicrothreadService service) {
    long number = NUMBERS.incrementAndGet();
    SERVICES.put(number, service);
    long self = NumberApi.fromLong(number);
    long tuple = ContainerApi.newTuple(FUNCTIONS.size());
    for (int i = 0; i < FUNCTIONS.size(); i++) {
      ContainerApi.setTupleItem(tuple, i, FUNCTIONS.get(i).bind(self));
    }
    ObjectApi.decRef(self);
    return py.own(tuple);
  }

  /** The functions find nothing from now on. */
  static void close(MicrothreadService service) {
    SERVICES.values().remove(service);
  }
}
