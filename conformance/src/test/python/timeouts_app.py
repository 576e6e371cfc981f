"""Requests that take too long, each in a way of its own."""

import ctypes
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from wsgiref.types import StartResponse, WSGIEnvironment

from gates import connect, query, say, wait

TEXT = ("Content-Type", "text/plain")


def text(start_response: StartResponse, body: object) -> list[bytes]:
    start_response("200 OK", [TEXT])
    return [str(body).encode()]


def spins(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Run Python code without end, and catch what a careful program catches."""
    try:
        while True:
            try:
                sum(range(100))
            except Exception:
                text(start_response, "must not get here")
    finally:
        say(environ, f"finally on {threading.current_thread().name}")


def naps(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Wait in C, where nothing can be raised; then run Python code again."""
    try:
        time.sleep(float(query(environ, "seconds")))
        sum(range(100))
    except BaseException as error:
        say(environ, type(error).__name__)
        raise
    say(environ, "nothing was raised")
    return text(start_response, "late")


def holds(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Compute in C with the GIL, for some seconds, and keep it from before the test is told."""
    numbers = range(10**8 * int(query(environ, "rounds")))
    # What gates does gives the GIL while it tells, and others would be served first; a function of
    # a PyDLL does not, and within sum nobody is asked to give it.
    write = ctypes.PyDLL(None).write
    with connect(environ) as gate:
        tells = map(write, (gate.fileno(),), (b"in\n",), (3,))
        return text(start_response, sum(chain(tells, numbers)))


def trickles(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
    """Begin an answer, and never end it; then perhaps clean up for some seconds."""
    start_response("200 OK", [TEXT])
    try:
        while True:
            yield b"drop"
            time.sleep(0.002)
    finally:
        tidy(float(query(environ, "seconds") or 0))
        say(environ, "closed")


def uploads(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    try:
        environ["wsgi.input"].read()
    except OSError as error:
        say(environ, f"{type(error).__name__}: {error}")
        raise
    return text(start_response, "whole")


def tidies(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Clean up in Python code when the body does not come."""
    try:
        environ["wsgi.input"].read()
    except OSError as error:
        try:
            tidy(float(query(environ, "seconds")))
        except BaseException as second:
            say(environ, type(second).__name__)
            raise
        say(environ, f"tidied after {type(error).__name__}")
        raise
    return text(start_response, "whole")


def tidy(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sum(range(100))


def outlives(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
    """Answer, and then do not end."""
    start_response("200 OK", [TEXT, ("Content-Length", "2")])
    try:
        yield b"ok"
        while True:
            sum(range(100))
    finally:
        say(environ, "ended")


def floods(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
    """Give more than a client takes, without taking time for it."""
    start_response("200 OK", [TEXT])
    for _ in range(int(query(environ, "blocks"))):
        yield bytes(65536)


def nearly(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """End just when the time is over, from a stack that takes a while to be looked at."""

    def deeper(levels: int) -> None:
        if levels:
            deeper(levels - 1)
        else:
            end = time.monotonic() + float(query(environ, "seconds"))
            while time.monotonic() < end:
                time.sleep(0.0005)

    deeper(40)
    return text(start_response, "done")


def waits(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    wait(environ, "in")
    return text(start_response, "let through")


def quick(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    for _ in range(1000):
        pass
    return text(start_response, threading.current_thread().name)


HANDLERS: dict[str, Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]] = {
    f"/{handler.__name__}": handler
    for handler in (
        spins,
        naps,
        holds,
        trickles,
        uploads,
        tidies,
        outlives,
        floods,
        nearly,
        waits,
        quick,
    )
}


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    return HANDLERS[str(environ["PATH_INFO"])](environ, start_response)
