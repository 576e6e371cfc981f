"""Applications that go wrong, each in a way of its own: none of them may take the server along."""

import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from gates import query, say

TEXT = ("Content-Type", "text/plain")

# At import, which is on Python's main thread, this is allowed; on another it would raise.
signal.signal(signal.SIGUSR2, lambda _number, _frame: None)

local = threading.local()


class DeliberateError(Exception):
    """Raised on purpose."""


def text(start_response: StartResponse, body: object) -> list[bytes]:
    start_response("200 OK", [TEXT])
    return [str(body).encode()]


# Raising


def raises_before(_environ: WSGIEnvironment, _start_response: StartResponse) -> list[bytes]:
    raise DeliberateError("before start_response")


def raises_after_start(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    start_response("200 OK", [TEXT, ("X-Half", "made")])
    raise DeliberateError("after start_response")


def raises_chained(_environ: WSGIEnvironment, _start_response: StartResponse) -> list[bytes]:
    try:
        raise DeliberateError("the cause \u20ac")
    except DeliberateError as error:
        raise LookupError("the effect") from error


def raises_in_java(_environ: WSGIEnvironment, _start_response: StartResponse) -> list[bytes]:
    from sluice import java  # noqa: PLC0415  (only inside of Sluice)

    java.type("java.util.ArrayList")().get(3)
    raise AssertionError("not reached")


def raises_first(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
    start_response("200 OK", [TEXT])
    yield from ()
    raise DeliberateError("at the first block")


def raises_midway(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
    length = query(environ, "length")
    start_response("200 OK", [TEXT] + ([("Content-Length", length)] if length else []))
    yield b"begun"
    raise DeliberateError("in the middle of the iteration")


def raises_in_close(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    class Body:
        def __iter__(self) -> Iterator[bytes]:
            return iter([b"all of it"])

        def close(self) -> None:
            raise DeliberateError("in close")

    start_response("200 OK", [TEXT, ("Content-Length", "9")])
    return Body()


def raises_after_write(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    start_response("200 OK", [TEXT])(b"begun")
    raise DeliberateError("after write")


def exits(_environ: WSGIEnvironment, _start_response: StartResponse) -> list[bytes]:
    sys.exit("asked to exit by a request")


def interrupts(_environ: WSGIEnvironment, _start_response: StartResponse) -> list[bytes]:
    raise KeyboardInterrupt


def badly_written_error(_environ: WSGIEnvironment, _start_response: StartResponse) -> list[bytes]:
    class UnprintableError(Exception):
        def __str__(self) -> str:
            raise DeliberateError("in __str__")

    raise UnprintableError


# Answers that cannot be sent: case=NAME picks one


def status_and_headers(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    wrong = WRONG_STARTS[query(_environ, "case")]
    start_response(*wrong)
    return [b"never"]


WRONG_STARTS: dict[str, tuple[Any, Any]] = {
    "header value with CR LF": ("200 OK", [TEXT, ("X-A", "b\r\nX-Injected: 1")]),
    "header value with LF": ("200 OK", [TEXT, ("X-A", "b\nX-Injected: 1")]),
    "header value with CR": ("200 OK", [TEXT, ("X-A", "b\rX-Injected: 1")]),
    "header value with NUL": ("200 OK", [TEXT, ("X-A", "b\0c")]),
    "header name with CR LF": ("200 OK", [TEXT, ("X-A: b\r\nX-Injected", "1")]),
    "header name with colon": ("200 OK", [TEXT, ("X-A:", "1")]),
    "header name with space": ("200 OK", [TEXT, ("X A", "1")]),
    "header name empty": ("200 OK", [TEXT, ("", "1")]),
    "header name not latin-1": ("200 OK", [TEXT, ("X-\u20ac", "1")]),
    "header value not latin-1": ("200 OK", [TEXT, ("X-A", "\u20ac")]),
    "header value not a string": ("200 OK", [TEXT, ("X-A", 1)]),
    "header value bytes": ("200 OK", [TEXT, ("X-A", b"1")]),
    "header not a pair": ("200 OK", [TEXT, ("X-A",)]),
    "headers None": ("200 OK", None),
    "status with CR LF": ("200 OK\r\nX-Injected: 1", [TEXT]),
    "status not latin-1": ("200 \u20ac", [TEXT]),
    "status bytes": (b"200 OK", [TEXT]),
    "status a number": (200, [TEXT]),
    "status without a number": ("OK", [TEXT]),
    "status too small": ("99 Low", [TEXT]),
    "status too large": ("1000 High", [TEXT]),
    "status empty": ("", [TEXT]),
    "Content-Length not a number": ("200 OK", [TEXT, ("Content-Length", "five")]),
    "Content-Length negative": ("200 OK", [TEXT, ("Content-Length", "-5")]),
    "two Content-Lengths": ("200 OK", [TEXT, ("Content-Length", "5"), ("Content-Length", "6")]),
    "Transfer-Encoding": ("200 OK", [TEXT, ("Transfer-Encoding", "chunked")]),
    "Connection": ("200 OK", [TEXT, ("Connection", "upgrade")]),
}

WRONG_BODIES: dict[str, Callable[[], Any]] = {
    "None": lambda: None,
    "a string": lambda: "text",
    "a number": lambda: 5,
    "a list of strings": lambda: ["text"],
    "a list of numbers": lambda: [1, 2],
    "a list with None": lambda: [None],
    "a generator of strings": lambda: (part for part in ("text",)),
    "an object without __iter__": object,
}


def wrong_body(environ: WSGIEnvironment, start_response: StartResponse) -> Any:
    start_response("200 OK", [TEXT])
    return WRONG_BODIES[query(environ, "case")]()


def writes_text(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    write: Callable[[Any], object] = start_response("200 OK", [TEXT])
    write("text")
    return []


# Recursion


def recursion(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Recurse without end, in Python or through C; raise what comes of it, or tell it."""
    kind = RECURSIONS[query(environ, "case")]
    if not query(environ, "thread"):
        return text(start_response, kind(0))
    outcome: list[str] = []

    def run() -> None:
        try:
            kind(0)
        except RecursionError as error:
            outcome.append(type(error).__name__)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return text(start_response, outcome)


def plain(depth: int) -> int:
    return plain(depth + 1) + 1


def through_sorted(depth: int) -> list[int]:
    return sorted([depth + 1], key=through_sorted)


def through_map(depth: int) -> list[Any]:
    return list(map(through_map, [depth + 1]))


class Nested:
    def __repr__(self) -> str:
        return repr([self])

    def __eq__(self, other: object) -> bool:
        return [Nested()] == [other]

    __hash__ = None  # type: ignore[assignment]


def through_repr(_depth: int) -> str:
    return repr(Nested())


def through_compare(_depth: int) -> bool:
    return Nested() == Nested()


RECURSIONS: dict[str, Callable[[int], object]] = {
    "plain": plain,
    "sorted": through_sorted,
    "map": through_map,
    "repr": through_repr,
    "compare": through_compare,
}


# Processes and threads


def fork(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    try:
        child = os.fork()
    except Exception as error:
        return text(start_response, f"{type(error).__name__}: {error}")
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return text(start_response, "forked")


def run_processes(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    shell = subprocess.run(["echo", "from a shell"], capture_output=True, text=True, check=True)
    version = "import sys; print('%d.%d' % sys.version_info[:2])"
    python = subprocess.run(
        [sys.executable, "-c", version], capture_output=True, text=True, check=True
    )
    here = "{}.{}".format(*sys.version_info)
    same = "same Python" if python.stdout.strip() == here else f"{python.stdout} is not {here}"
    return text(start_response, f"{shell.stdout.strip()}, {same}")


def spawn(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return text(start_response, pool.apply(abs, (-3,)))


def start_method(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    return text(start_response, multiprocessing.get_start_method())


def threads(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    results: list[int] = []
    workers = [threading.Thread(target=results.append, args=(n,)) for n in range(20)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return text(start_response, sum(results))


def thread_local(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
    """What a block keeps in a thread-local is there at each later one."""
    start_response("200 OK", [TEXT])
    mine = query(environ, "n")
    local.mine = mine
    for _ in range(100):
        time.sleep(0)
        if local.mine != mine:
            raise AssertionError(f"{local.mine} is another request's")
        yield b"."


def sqlite(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
    """A connection made at the first block refuses to be used on another thread."""
    start_response("200 OK", [TEXT])
    connection = sqlite3.connect(":memory:")
    connection.execute("create table numbers (number integer)")
    yield b""
    for number in range(int(query(environ, "rows", "50"))):
        connection.execute("insert into numbers values (?)", (number,))
        yield b"."
    yield str(connection.execute("select sum(number) from numbers").fetchone()[0]).encode()
    connection.close()


def endless(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    class Body:
        def __iter__(self) -> Iterator[bytes]:
            while True:
                yield b"x" * int(query(environ, "block", "65536"))

        def close(self) -> None:
            say(environ, "closed")

    start_response("200 OK", [TEXT])
    return Body()


def alive(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    return text(start_response, os.getpid())


HANDLERS: dict[str, Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]] = {
    f"/{handler.__name__}": handler
    for handler in (
        raises_before,
        raises_after_start,
        raises_chained,
        raises_in_java,
        raises_first,
        raises_midway,
        raises_in_close,
        raises_after_write,
        exits,
        interrupts,
        badly_written_error,
        status_and_headers,
        wrong_body,
        writes_text,
        recursion,
        fork,
        run_processes,
        spawn,
        start_method,
        threads,
        thread_local,
        sqlite,
        endless,
        alive,
    )
}


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    return HANDLERS[str(environ["PATH_INFO"])](environ, start_response)
