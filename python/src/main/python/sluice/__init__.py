"""CPython inside a Java virtual machine: see sluice.java, and sluice.run for asyncio's programs."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asyncio import to_thread as to_thread

    from sluice import crochet as crochet
    from sluice import guard as guard
    from sluice import java as java
    from sluice import microthread as microthread
    from sluice._blocking_decorators import run_in_loop as run_in_loop
    from sluice._blocking_decorators import wait_for as wait_for
    from sluice._blocking_errors import LoopStopped as LoopStopped
    from sluice._blocking_errors import TimeoutError as TimeoutError
    from sluice._blocking_results import EventualResult as EventualResult
    from sluice._blocking_results import retrieve_result as retrieve_result
    from sluice._blocking_setup import no_setup as no_setup
    from sluice._blocking_setup import setup as setup
    from sluice._loop_default import new_event_loop as new_event_loop
    from sluice._loop_default import run as run
    from sluice._queue_logging import SafeQueueHandler as SafeQueueHandler
    from sluice._queue_waiting import QueueClosed as QueueClosed
    from sluice._safe_queue import SafeQueue as SafeQueue
    from sluice._wrong_thread import WrongThreadError as WrongThreadError

_MODULES = {"crochet", "guard", "java", "microthread"}

#: Where the names are that are imported when they are first asked for.
_NAMES = {
    "EventualResult": "sluice._blocking_results",
    "LoopStopped": "sluice._blocking_errors",
    "QueueClosed": "sluice._queue_waiting",
    "SafeQueue": "sluice._safe_queue",
    "SafeQueueHandler": "sluice._queue_logging",
    "TimeoutError": "sluice._blocking_errors",
    "WrongThreadError": "sluice._wrong_thread",
    "new_event_loop": "sluice._loop_default",
    "no_setup": "sluice._blocking_setup",
    "retrieve_result": "sluice._blocking_results",
    "run": "sluice._loop_default",
    "run_in_loop": "sluice._blocking_decorators",
    "setup": "sluice._blocking_setup",
    "to_thread": "asyncio",
    "wait_for": "sluice._blocking_decorators",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"sluice.{name}")
    if name.endswith("_door"):
        _look_for_java(name)
    if name not in _NAMES:
        raise AttributeError(f"module 'sluice' has no attribute {name!r}", name=name)
    value = getattr(importlib.import_module(_NAMES[name]), name)
    globals()[name] = value
    return value


def _look_for_java(name: str) -> None:
    from importlib.util import find_spec  # noqa: PLC0415 (hardly ever needed)

    if find_spec(f"sluice.{name}") is None:
        raise ImportError(
            "there is no Java in this process, which was started as plain Python, as"
            " multiprocessing starts its children. Keep what needs Java behind"
            ' `if __name__ == "__main__":` in modules that they import.'
        )


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES, *_NAMES})
