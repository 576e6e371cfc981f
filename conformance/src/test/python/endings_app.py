"""Applications that end in an unusual way: in their iterables, in their threads, in close()."""

import asyncio
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from gates import query, say

TEXT = ("Content-Type", "text/plain")


class DeliberateError(Exception):
    """Raised on purpose."""


class OwnBaseError(BaseException):
    """Raised on purpose, and not to be caught by `except Exception`."""


def text(start_response: StartResponse, body: object) -> list[bytes]:
    start_response("200 OK", [TEXT])
    return [str(body).encode()]


RAISED: dict[str, BaseException] = {
    "own": OwnBaseError("of our own"),
    "generator": GeneratorExit("not by a generator"),
    "cancelled": asyncio.CancelledError("of no loop"),
    "stop": StopIteration("outside of an iterator"),
    "memory": MemoryError("none left"),
    "exit 0": SystemExit(0),
    "group": BaseExceptionGroup("several", [OwnBaseError("one"), DeliberateError("two")]),
}


def raises(environ: WSGIEnvironment, start_response: StartResponse) -> Any:
    """Raise kind=..., at=call, first, middle or close."""
    error = RAISED[query(environ, "kind")]
    place = query(environ, "at")
    if place == "call":
        raise error

    class Body:
        count = 0

        def __iter__(self) -> Iterator[bytes]:
            return self

        def __next__(self) -> bytes:
            self.count += 1
            if place == "first" or (place == "middle" and self.count == 2):
                raise error
            if self.count == 3:
                raise StopIteration
            return b"part "

        def close(self) -> None:
            say(environ, "closed")
            if place == "close":
                raise error

    start_response("200 OK", [TEXT])
    return Body()


class NoIterator:
    """An iterable whose iterator cannot be had."""

    def __init__(self, environ: WSGIEnvironment) -> None:
        self.environ = environ

    def __iter__(self) -> Iterator[bytes]:
        raise DeliberateError("no iterator")

    def close(self) -> None:
        say(self.environ, "closed")


class NotCallable:
    """What is called close is no method."""

    close = 5

    def __iter__(self) -> Iterator[bytes]:
        return iter([b"all of it"])


class BadDel:
    def __iter__(self) -> Iterator[bytes]:
        return iter([b"all of it"])

    def __del__(self) -> None:
        raise DeliberateError("in __del__")


BODIES: dict[str, Callable[[WSGIEnvironment], Any]] = {
    "no iterator": NoIterator,
    "close is no method": lambda _environ: NotCallable(),
    "raises in __del__": lambda _environ: BadDel(),
}


def odd_body(environ: WSGIEnvironment, start_response: StartResponse) -> Any:
    start_response("200 OK", [TEXT])
    return BODIES[query(environ, "case")](environ)


def yields_before(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
    """Yield bytes before start_response is called."""
    yield b"too early"
    start_response("200 OK", [TEXT])
    yield b"too late"


def length(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Declare so many bytes, and give others, by=list, generator, write or file."""
    declared, given = query(environ, "declared"), int(query(environ, "given"))
    write = start_response("200 OK", [TEXT, ("Content-Length", declared)])
    pieces = [b"x"] * given
    by = query(environ, "by")
    if by == "write":
        for piece in pieces:
            write(piece)
        return []
    return pieces if by == "list" else (piece for piece in pieces)


def closing(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
    """A generator that tells how it is closed."""
    start_response(query(environ, "status", "200 OK"), [TEXT])
    try:
        yield b"one "
        yield b"two"
    finally:
        say(environ, f"closed by {sys.exception()!r}")


def thread_dies(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Have threads end by exceptions that nobody catches."""

    def die(error: BaseException) -> None:
        raise error

    for error in (DeliberateError("in a thread"), SystemExit(3), OwnBaseError("in a thread")):
        thread = threading.Thread(target=die, args=(error,))
        thread.start()
        thread.join()
    return text(start_response, "joined")


def answers_from_thread(
    _environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    """Call start_response and write on another thread."""

    def work() -> None:
        start_response("200 OK", [TEXT])(b"from a thread")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return []


def changes_environ(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Leave nothing of the environ as it was, as if it were the application's only request."""
    before = sorted(environ)
    mark = "x-left-behind" in environ or environ["wsgi.version"] != (1, 0)
    environ.clear()
    environ["x-left-behind"] = True
    environ["wsgi.version"] = (9, 9)
    return text(start_response, f"{mark} {len(before)}")


def alive(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    return text(start_response, "alive")


HANDLERS: dict[str, Callable[[WSGIEnvironment, StartResponse], Any]] = {
    f"/{handler.__name__}": handler
    for handler in (
        raises,
        odd_body,
        yields_before,
        length,
        closing,
        thread_dies,
        answers_from_thread,
        changes_environ,
        alive,
    )
}


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    answer: Iterable[bytes] = HANDLERS[str(environ["PATH_INFO"])](environ, start_response)
    return answer
