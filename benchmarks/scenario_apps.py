"""The WSGI applications of scenarios.py: the same for every server."""

import time
from collections.abc import Callable
from typing import Any

StartResponse = Callable[..., Any]
Environ = dict[str, Any]

TEN_KILOBYTES = b"0123456789abcdef" * 640


def ten_kilobytes(_environ: Environ, start_response: StartResponse) -> list[bytes]:
    """A page of ordinary size."""
    headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(TEN_KILOBYTES)))]
    start_response("200 OK", headers)
    return [TEN_KILOBYTES]


def upload(environ: Environ, start_response: StartResponse) -> list[bytes]:
    """Reads the body as frameworks do, in pieces."""
    received = 0
    while piece := environ["wsgi.input"].read(65536):
        received += len(piece)
    body = str(received).encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


def sleeping(_environ: Environ, start_response: StartResponse) -> list[bytes]:
    """Waits as for a database."""
    time.sleep(0.01)
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
    return [b"awake"]
