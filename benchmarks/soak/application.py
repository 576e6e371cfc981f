"""What is served: each view tells the request's id, so that no answer is taken for another."""

from __future__ import annotations

import hashlib
import os
import time
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import generation
from pieces import PIECE, PIECES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIEnvironment

LARGE_PIECES = 4000
LATE_SECONDS = 12.0
FILE = os.environ["SOAK_FILE"]


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    view = environ["PATH_INFO"].strip("/")
    name = parse_qs(environ["QUERY_STRING"])["id"][0]
    headers = [("X-Id", name), ("X-Generation", str(generation.NUMBER))]
    if view == "raise":
        raise RuntimeError(f"asked for by {name}")
    if view == "slow":
        time.sleep(0.05)
    elif view == "late":
        end = time.monotonic() + LATE_SECONDS
        while time.monotonic() < end:
            time.sleep(0.01)
    elif view == "upload":
        name += f" {_digest(environ)}"
    start_response("200 OK", headers)
    if view == "stream":
        return _pieces(name, PIECES)
    if view == "large":
        return _pieces(name, LARGE_PIECES)
    if view == "file":
        wrapper = environ["wsgi.file_wrapper"]
        result: Iterable[bytes] = wrapper(open(FILE, "rb"), 8192)  # noqa: SIM115 the server closes it
        return result
    return [name.encode()]


def _pieces(name: str, count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield PIECE
    yield name.encode()


def _digest(environ: WSGIEnvironment) -> str:
    digest = hashlib.sha256()
    size = 0
    while True:
        piece = environ["wsgi.input"].read(16384)
        if not piece:
            return f"{size} {digest.hexdigest()}"
        size += len(piece)
        digest.update(piece)
