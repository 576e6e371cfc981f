"""Loops that daemon threads run: nobody ends those threads, and the program's end would wait for
them, since they sleep in Java."""

import atexit
import contextlib
import time
from collections.abc import Callable
from threading import current_thread
from typing import Any, NoReturn

#: Seconds that the threads have to leave their loops.
_PATIENCE = 1.0

_loops: list[Any] = []


def run(loop: Any, run_forever: Callable[[], None]) -> None:
    """Runs a loop on another thread than the main one."""
    # One that is ended by whoever has started it says so.
    if not current_thread().daemon or hasattr(loop, "ending"):
        run_forever()
        return
    _loops.append(loop)
    try:
        run_forever()
    finally:
        _loops.remove(loop)


@atexit.register
def _end_them() -> None:
    # Registered before the program's own exit functions, so it runs behind them.
    for loop in tuple(_loops):
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_end_thread)
    until = time.monotonic() + _PATIENCE
    while _loops and time.monotonic() < until:
        time.sleep(0.001)


def _end_thread() -> NoReturn:
    raise SystemExit  # comes out of the loop, and ends a thread without a word
