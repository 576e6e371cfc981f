"""Document 002's case: serve_forever raises at its blocking poll, and runs once that is allowed."""

import threading
import xmlrpc.client
import xmlrpc.server

import sluice.guard

sluice.guard.install("raise")
server = xmlrpc.server.SimpleXMLRPCServer(("127.0.0.1", 0), logRequests=False)
server.register_function(lambda a, b: a + b, "add")
with sluice.guard.guarded():
    try:
        server.serve_forever()
    except sluice.guard.BlockingCallError as error:
        print(error.call, "at", error.site.rpartition("/")[2])
        print("by", *(each.rpartition("/")[2] for each in error.chain[:-1]))


def ask() -> None:
    host, port = server.server_address[:2]
    with xmlrpc.client.ServerProxy(f"http://{host!s}:{port}") as proxy:
        print(proxy.add(1, 2))
    server.shutdown()


threading.Thread(target=ask).start()
with sluice.guard.guarded(), sluice.guard.allow("select.*", "sockets", caller="socketserver"):
    server.serve_forever()
server.server_close()
