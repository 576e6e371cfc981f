"""Answers for the tests of HTTP itself: small, exact, and aware of what has reached them."""

import re
import time
from collections.abc import Callable, Iterable, Iterator
from wsgiref.types import StartResponse, WSGIEnvironment

import gates

Handler = Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]

seen: list[str] = []


def answer(start_response: StartResponse, body: bytes, status: str = "200 OK") -> list[bytes]:
    headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))]
    start_response(status, headers)
    return [body]


def hello(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    return answer(start_response, b"Hello, World!")


def echo(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    return answer(start_response, environ["wsgi.input"].read())


def method(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    return answer(start_response, str(environ["REQUEST_METHOD"]).encode("latin-1"))


def path(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    return answer(start_response, str(environ["PATH_INFO"]).encode("latin-1"))


def status(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Answer with the status of the query string: code and reason."""
    line = gates.query(environ, "line")
    return answer(start_response, line.encode(), line)


def which(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    return answer(start_response, gates.query(environ, "n").encode())


def stream(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
    """Lines of a length that the server is not told."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    for number in range(int(gates.query(environ, "lines", "10"))):
        yield f"line {number}\n".encode()


def steps(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
    """Yield a block, then another when the test opens the gate: the first must not be kept back."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"first"
    gates.wait(environ, "between")
    yield b"second"


def large(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    return answer(start_response, b"x" * int(gates.query(environ, "size")))


def gate(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    gates.wait(environ, "in")
    return answer(start_response, b"through the gate")


def spin(environ: WSGIEnvironment, _start_response: StartResponse) -> list[bytes]:
    """Never end, in Python code."""
    gates.say(environ, "in")
    while True:
        pass


def sleep(environ: WSGIEnvironment, _start_response: StartResponse) -> list[bytes]:
    """Never end, in a C call without the GIL."""
    gates.say(environ, "in")
    time.sleep(3600)
    raise AssertionError


def regex(environ: WSGIEnvironment, _start_response: StartResponse) -> list[bytes]:
    """Never end, in a C call that keeps the GIL."""
    gates.say(environ, "in")
    re.match("(a|aa)+$", "a" * 400 + "b")
    raise AssertionError


def seen_paths(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    return answer(start_response, "\n".join(seen).encode("latin-1"))


HANDLERS: dict[str, Handler] = {
    "/": hello,
    "/echo": echo,
    "/method": method,
    "/status": status,
    "/which": which,
    "/stream": stream,
    "/steps": steps,
    "/large": large,
    "/gate": gate,
    "/spin": spin,
    "/sleep": sleep,
    "/regex": regex,
    "/seen": seen_paths,
}


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    place = str(environ["PATH_INFO"])
    seen.append(place)
    handler = path if place.startswith("/path/") else HANDLERS.get(place)
    if handler is None:
        return answer(start_response, b"nothing here", "404 Not Found")
    return handler(environ, start_response)
