package dev.sluice.server.wsgi;

import dev.sluice.python.Attached;
import dev.sluice.python.capi.ContainerApi;
import dev.sluice.python.capi.ErrorApi;
import dev.sluice.python.capi.Memory;
import dev.sluice.python.capi.NumberApi;
import dev.sluice.python.capi.ObjectApi;
import dev.sluice.server.exchange.FilePart;
import dev.sluice.server.exchange.ResponseHead;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A response that {@code wsgi.file_wrapper} has made of a real file: the connection sends it
 * without Python; on a worker thread, attached.
 */
final class FileResponse {
  private FileResponse() {}

  /**
   * Sends the file from where its position is, as much of it as the head declares.
   *
   * @return false if only Python can read it; nothing has been sent then
   */
  static boolean send(Attached py, WsgiApplication application, Call call, long wrapper) {
    if (ObjectApi.type(wrapper) != application.fileWrapper()
        || !call.isHeadSet()
        || call.isBegun()) {
      return false;
    }
    FilePart part = open(py, application, call, wrapper);
    if (part == null) {
      return false;
    }
    ResponseHead head = call.head();
    if (head.contentLength() < 0 && head.status() != 204 && head.status() != 304) {
      head.header("Content-Length", Long.toString(part.count()));
      head.declareContentLength(part.count());
    }
    call.setBegun();
    call.exchange().begin(head);
    call.exchange().write(part);
    call.exchange().end();
    return true;
  }

  private static @Nullable FilePart open(
      Attached py, WsgiApplication application, Call call, long wrapper) {
    long arguments = py.scratch();
    Memory.putLong(arguments + 8, wrapper);
    long place =
        ObjectApi.callMethod(
            application.placeName(), arguments + 8, 1 | ObjectApi.ARGUMENTS_OFFSET, 0);
    if (place == 0) {
      ErrorApi.clear();
      return null;
    }
    try {
      if (ObjectApi.type(place) != ContainerApi.TUPLE_TYPE) {
        return null;
      }
      long descriptor = NumberApi.asLongQuick(ContainerApi.tupleItem(place, 0));
      long position = NumberApi.asLongQuick(ContainerApi.tupleItem(place, 1));
      if (ErrorApi.occurred() || descriptor < 0 || position < 0) {
        ErrorApi.clear();
        return null;
      }
      long declared = call.head().contentLength();
      long most = declared < 0 ? Long.MAX_VALUE : declared;
      FilePart part = py.detached(() -> open((int) descriptor, position, most));
      if (part != null && part.count() == 0 && declared != 0) {
        part.close(); // files of the kernel's tell no size: reading shows what is there
        return null;
      }
      return part;
    } finally {
      ObjectApi.decRef(place);
    }
  }

  private static @Nullable FilePart open(int descriptor, long position, long most) {
    try {
      return FilePart.ofDescriptor(descriptor, position, most);
    } catch (IOException e) {
      return null;
    }
  }
}
