"""CPython inside a Java virtual machine: see sluice.java, and sluice.run for asyncio's programs."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sluice import java as java
    from sluice._loop_default import new_event_loop as new_event_loop
    from sluice._loop_default import run as run
    from sluice._queue_logging import SafeQueueHandler as SafeQueueHandler
    from sluice._queue_waiting import QueueClosed as QueueClosed
    from sluice._safe_queue import SafeQueue as SafeQueue
    from sluice._wrong_thread import WrongThreadError as WrongThreadError

#: Where the names are that are imported when they are first asked for.
_NAMES = {
    "QueueClosed": "sluice._queue_waiting",
    "SafeQueue": "sluice._safe_queue",
    "SafeQueueHandler": "sluice._queue_logging",
    "new_event_loop": "sluice._loop_default",
    "run": "sluice._loop_default",
    "WrongThreadError": "sluice._wrong_thread",
}


def __getattr__(name: str) -> Any:
    if name == "java":
        return importlib.import_module("sluice.java")
    if name not in _NAMES:
        raise AttributeError(f"module 'sluice' has no attribute {name!r}", name=name)
    value = getattr(importlib.import_module(_NAMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), "java", *_NAMES})
