"""An application that misleads its server: objects that lie, bodies that change, endless depth."""

import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from gates import query, say, wait

TEXT = ("Content-Type", "text/plain")


class DeliberateError(Exception):
    """Raised on purpose."""


def lying(kind: type) -> Any:
    """Give an object whose class is not what isinstance says of it."""
    return type("Lying", (), {"__class__": kind})()


BODIES: dict[str, Callable[[], Any]] = {
    "one in a list": lambda: [lying(bytes)],
    "many in a list": lambda: [b"true", lying(bytes)],
    "one in a tuple": lambda: (lying(bytes),),
    "one of an iterator": lambda: iter([lying(bytes)]),
    "one of a generator": lambda: (piece for piece in (lying(bytes),)),
    "a list": lambda: lying(list),
    "a tuple": lambda: lying(tuple),
    "bytes": lambda: lying(bytes),
}

STARTS: dict[str, Callable[[], tuple[Any, ...]]] = {
    "the status": lambda: (lying(str), [TEXT]),
    "the headers": lambda: ("200 OK", lying(list)),
    "a header": lambda: ("200 OK", [TEXT, lying(tuple)]),
    "a name": lambda: ("200 OK", [TEXT, (lying(str), "value")]),
    "a value": lambda: ("200 OK", [TEXT, ("X-Name", lying(str))]),
}


def body(environ: WSGIEnvironment, start_response: StartResponse) -> Any:
    start_response("200 OK", [TEXT])
    return BODIES[query(environ, "case")]()


def written(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    start_response("200 OK", [TEXT])(lying(bytes))
    return []


def start(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    start_response(*STARTS[query(environ, "case")]())
    return [b"never"]


def restart(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Begin an answer, then another with an exc_info that is none."""
    start_response("200 OK", [TEXT])(b"begun")
    start_response("500 Wrong", [TEXT], lying(tuple))
    return [b"never"]


def shrinks(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Answer with a list that another thread empties when the test opens the gate."""
    pieces = [bytes([65 + number]) * 300_000 for number in range(50)]

    def clear() -> None:
        wait(environ, "in")
        pieces.clear()
        say(environ, "cleared")

    threading.Thread(target=clear).start()
    start_response("200 OK", [TEXT])
    return pieces


def deep(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Recurse through C as deep as the stack is, and write at each level."""
    sys.setrecursionlimit(10**7)
    write = start_response("200 OK", [TEXT])

    def level(_item: int) -> list[int]:
        write(b"x")
        return sorted([0], key=level)  # type: ignore[arg-type]

    level(0)
    return []


class UnspeakableError(Exception):
    @property
    def __cause__(self) -> BaseException:  # type: ignore[override]
        raise DeliberateError("in __cause__")


def unspeakable(_environ: WSGIEnvironment, _start_response: StartResponse) -> list[bytes]:
    raise UnspeakableError


def unspeakable_in_close(_environ: WSGIEnvironment, start_response: StartResponse) -> Any:
    class Body(list[bytes]):
        def close(self) -> None:
            raise UnspeakableError

    start_response("200 OK", [TEXT])
    return Body([b"all of it"])


def numbered(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Answer with a megabyte that begins with the number asked for."""
    content = query(environ, "n").encode().ljust(1_000_000, b".")
    start_response("200 OK", [TEXT, ("Content-Length", str(len(content)))])
    return [content]


def no_content(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    start_response("204 No Content", [("Content-Length", "5")])
    return [b"hello"]


def alive(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    start_response("200 OK", [TEXT])
    return [b"alive"]


def root(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    start_response("200 OK", [TEXT])
    return [f"{environ['PATH_INFO']} {environ['QUERY_STRING']}".encode()]


HANDLERS: dict[str, Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]] = {
    f"/{handler.__name__}": handler
    for handler in (
        body,
        written,
        start,
        restart,
        shrinks,
        deep,
        unspeakable,
        unspeakable_in_close,
        numbered,
        no_content,
        alive,
    )
}


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    return HANDLERS.get(str(environ["PATH_INFO"]), root)(environ, start_response)
