"""An application that takes the signals for itself when it is imported."""

import signal
from collections.abc import Callable, Iterable
from typing import Any

signal.signal(signal.SIGTERM, print)
signal.signal(signal.SIGINT, signal.SIG_IGN)


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("204 No Content", [])
    return []
