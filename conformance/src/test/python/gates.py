"""Gates: an application tells the test where it is, and may wait there, over a socket of the test.

The test listens on a port and names it in the query string (gate=PORT); so neither side sleeps.
"""

import socket
from urllib.parse import parse_qs
from wsgiref.types import WSGIEnvironment


def query(environ: WSGIEnvironment, name: str, default: str = "") -> str:
    """One value of the query string."""
    return parse_qs(str(environ.get("QUERY_STRING", ""))).get(name, [default])[0]


def say(environ: WSGIEnvironment, text: str) -> None:
    """Tell the test, and go on."""
    with _told(environ, text):
        pass


def wait(environ: WSGIEnvironment, text: str) -> None:
    """Tell the test, and go on when it closes its end."""
    with _told(environ, text) as gate:
        gate.recv(1)


def connect(environ: WSGIEnvironment) -> socket.socket:
    """A connection on which the test is told nothing yet."""
    return socket.create_connection(("127.0.0.1", int(query(environ, "gate"))))


def _told(environ: WSGIEnvironment, text: str) -> socket.socket:
    gate = connect(environ)
    gate.sendall(text.encode() + b"\n")
    return gate
