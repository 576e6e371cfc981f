package dev.sluice.server.asgi;

import dev.sluice.python.capi.UnicodeApi;

/**
 * The str objects that scopes and messages are made of, interned once for an interpreter and kept
 * for ever; made and used on attached threads.
 */
final class Names {
  final long asgi = key("asgi");
  final long body = key("body");
  final long bytes = key("bytes");
  final long client = key("client");
  final long code = key("code");
  final long done = key("done");
  final long extensions = key("extensions");
  final long file = key("file");
  final long count = key("count");
  final long headers = key("headers");
  final long httpVersion = key("http_version");
  final long links = key("links");
  final long method = key("method");
  final long moreBody = key("more_body");
  final long moreTrailers = key("more_trailers");
  final long offset = key("offset");
  final long path = key("path");
  final long queryString = key("query_string");
  final long rawPath = key("raw_path");
  final long reason = key("reason");
  final long rootPath = key("root_path");
  final long scheme = key("scheme");
  final long server = key("server");
  final long state = key("state");
  final long status = key("status");
  final long subprotocol = key("subprotocol");
  final long subprotocols = key("subprotocols");
  final long text = key("text");
  final long trailers = key("trailers");
  final long type = key("type");

  final long httpDisconnect = key("http.disconnect");
  final long httpRequest = key("http.request");
  final long webSocketConnect = key("websocket.connect");
  final long webSocketDisconnect = key("websocket.disconnect");
  final long webSocketReceive = key("websocket.receive");

  private static long key(String text) {
    long key = UnicodeApi.intern(text);
    if (key == 0) {
      throw new IllegalStateException("Python has no memory for a str");
    }
    return key;
  }
}
