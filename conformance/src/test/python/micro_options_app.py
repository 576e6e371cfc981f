"""Requests that tell how they are run, and what becomes of a call that would block."""

import sqlite3
import time
from collections.abc import Callable
from time import sleep
from wsgiref.types import StartResponse, WSGIEnvironment

import sluice.guard
from gates import query
from sluice import microthread

#: Made by the thread that imports this, which the requests' is not.
shared = sqlite3.connect(":memory:", check_same_thread=False)
shared.execute("CREATE TABLE names (name TEXT)")
within = 0
peak = 0


def kind(_environ: WSGIEnvironment) -> str:
    return "thread" if microthread.current() is None else "microthread"


def sleeps(environ: WSGIEnvironment) -> str:
    try:
        sleep(float(query(environ, "seconds", "0.01")))
    except sluice.guard.BlockingCallError as error:
        return type(error).__name__
    return "slept"


def peaks(_environ: WSGIEnvironment) -> str:
    """How many requests were here at once, so far."""
    global within, peak  # noqa: PLW0603
    within += 1
    peak = max(peak, within)
    sleep(0.05)
    within -= 1
    return str(peak)


def spins(_environ: WSGIEnvironment) -> str:
    """Compute for so long that it counts as a stall."""
    until = time.monotonic() + 1
    while time.monotonic() < until:
        pass
    return "spun"


def stores(environ: WSGIEnvironment) -> str:
    """Use a connection of the request's own, and one that all have."""
    name = query(environ, "name")
    own = sqlite3.connect(query(environ, "file"), timeout=60)
    try:
        with own:
            own.execute("CREATE TABLE IF NOT EXISTS names (name TEXT)")
            own.execute("INSERT INTO names VALUES (?)", (name,))
        found = own.execute("SELECT name FROM names WHERE name = ?", (name,)).fetchall()
    finally:
        own.close()
    shared.execute("INSERT INTO names VALUES (?)", (name,))
    also = shared.execute("SELECT name FROM names WHERE name = ?", (name,)).fetchall()
    return f"{found} {also}"


def asks(_environ: WSGIEnvironment) -> str:
    return input()


def app(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    views: tuple[Callable[[WSGIEnvironment], str], ...] = (kind, sleeps, peaks, spins, stores, asks)
    view = {f"/{each.__name__}": each for each in views}[environ["PATH_INFO"]]
    text = view(environ).encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))])
    return [text]
