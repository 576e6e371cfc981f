"""The loops that run now, by the kind of thread that runs them.

Nobody ends daemon threads, and the program's end would wait for those that run loops, since they
sleep in Java: so their loops end them.
"""

import atexit
import contextlib
import time
from collections.abc import Callable
from threading import current_thread, main_thread
from typing import Any, NoReturn

#: Seconds that daemon threads have to leave their loops.
_PATIENCE = 1.0

#: Those that Python's main thread runs: one, or one within the other.
on_main: list[Any] = []
_on_daemons: list[Any] = []
_elsewhere: list[Any] = []


def run(loop: Any, run_forever: Callable[[], None]) -> None:
    """Runs a loop on the calling thread, until it is stopped."""
    thread = current_thread()
    if thread is main_thread():
        among = on_main
    elif thread.daemon and not hasattr(loop, "ending"):
        among = _on_daemons
    else:  # whoever has started it ends it
        among = _elsewhere
    among.append(loop)
    try:
        run_forever()
    finally:
        among.remove(loop)
        if loop._selector is not None:
            loop._selector.leave()


def wake_main() -> None:
    """Wakes the loop that the main thread sleeps in, so that it sees its signals; any thread."""
    for loop in on_main[-1:]:
        loop._write_to_self()


@atexit.register
def _end_daemons() -> None:
    # Registered before the program's own exit functions, so it runs behind them.
    for loop in tuple(_on_daemons):
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_end_thread)
    until = time.monotonic() + _PATIENCE
    while _on_daemons and time.monotonic() < until:
        time.sleep(0.001)


def _end_thread() -> NoReturn:
    raise SystemExit  # comes out of the loop, and ends a thread without a word
