"""An application whose exit function takes its time."""

import atexit
import time
from collections.abc import Callable, Iterable
from typing import Any

atexit.register(time.sleep, 3600)


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("204 No Content", [])
    return []
