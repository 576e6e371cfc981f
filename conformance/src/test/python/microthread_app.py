"""Plain blocking code, for requests that are microthreads."""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from time import sleep  # bound before anybody could patch it
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from gates import query, say, wait

TEXT = ("Content-Type", "text/plain")
lock = threading.Lock()
local = threading.local()
items: "queue.Queue[str]" = queue.Queue(maxsize=1)
kept: list[Any] = []
counted = 0


def text(start_response: StartResponse, body: object) -> list[bytes]:
    encoded = str(body).encode()
    start_response("200 OK", [TEXT, ("Content-Length", str(len(encoded)))])
    return [encoded]


def sleeps(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Wait, and tell the thread of the system."""
    sleep(float(query(environ, "seconds")))
    return text(start_response, threading.get_native_id())


def waits(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Wait for the test, and tell what was raised meanwhile."""
    try:
        wait(environ, "in")
    except BaseException as error:
        say(environ, f"{type(error).__name__}: {error}")
        raise
    return text(start_response, "let through")


def counts(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Only one at a time may be within, although it waits there."""
    global counted  # noqa: PLW0603
    with lock:
        before = counted
        sleep(0.001)
        counted = before + 1
    return text(start_response, counted)


def keeps(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Find what this request has put into its thread-locals, and no other."""
    found = getattr(local, "name", None)
    local.name = query(environ, "name")
    sleep(0.005)
    return text(start_response, f"{found} {local.name} {threading.current_thread() is not None}")


def puts(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    items.put(query(environ, "item"))
    return text(start_response, "put")


def gets(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    return text(start_response, items.get())


def reads(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    stream = environ["wsgi.input"]
    first = stream.read(1)
    say(environ, f"read {len(first)}")
    return text(start_response, (first + stream.read()).decode())


def keeps_input(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Keep what reads the body beyond the request."""
    kept.append(environ["wsgi.input"])
    return text(start_response, "kept")


def reads_kept(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Read the body of one that has ended, and then this one's."""
    try:
        late: object = kept.pop().read(5)
    except ValueError as error:
        late = error
    return text(start_response, f"{late}; {environ['wsgi.input'].read().decode()}")


def endless(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
    """Answer for ever, without ever waiting for anything but the client."""
    start_response("200 OK", [TEXT])
    piece = b"x" * int(query(environ, "size"))
    try:
        while True:
            yield piece
    finally:
        say(environ, "closed")


def large(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    start_response("200 OK", [TEXT])
    return [b"x" * 1_000_000] * 20


def steps(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
    """Send one piece after the other, each when the test lets it."""
    start_response("200 OK", [TEXT])
    try:
        for number in range(2):
            wait(environ, f"at {number}")
            yield f"piece {number}\n".encode()
    finally:
        say(environ, "closed")


def writes(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    write = start_response("200 OK", [TEXT])
    for _ in range(200):
        write(b"y" * 100_000)
    return []


def elsewhere(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Write from a thread of its own, which may be blocked."""
    write = start_response("200 OK", [TEXT])

    def work() -> None:
        for _ in range(100):
            write(b"z" * 100_000)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return []


def fails(_environ: WSGIEnvironment, _start_response: StartResponse) -> list[bytes]:
    sleep(0.001)
    raise LookupError("as it must")


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    views: dict[str, Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]] = {
        f"/{view.__name__}": view
        for view in (
            *(sleeps, waits, counts, keeps, puts, gets, reads),
            *(keeps_input, reads_kept, endless),
            *(large, steps, writes, elsewhere, fails),
        )
    }
    return views[environ["PATH_INFO"]](environ, start_response)
