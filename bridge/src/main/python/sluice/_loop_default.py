"""Sluice's loop for programs: run one, make one, or have asyncio make them by itself."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from sluice import _loop_later
from sluice._loop import Loop
from sluice._wrong_thread import Policy

_T = TypeVar("_T")


def new_event_loop(*, wrong_thread: Policy | None = None) -> asyncio.AbstractEventLoop:
    """A new loop, which is not run yet; close it after its last run.

    wrong_thread is what becomes of uses on a wrong thread: "raise" or "repair". A microthread gets
    one of asyncio's own, whose sleep suspends only the microthread.
    """
    if _loop_later.Default.is_plain():
        return asyncio.SelectorEventLoop()
    loop: asyncio.AbstractEventLoop = Loop(
        _loop_later.Default.wrong_thread if wrong_thread is None else wrong_thread
    )
    return loop


def run(
    main: Coroutine[Any, Any, _T],
    *,
    debug: bool | None = None,
    wrong_thread: Policy | None = None,
    loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None,
) -> _T:
    """asyncio.run on a loop of Sluice's: runs the coroutine, and returns what it returns."""

    def factory() -> asyncio.AbstractEventLoop:
        return new_event_loop(wrong_thread=wrong_thread)

    with asyncio.Runner(debug=debug, loop_factory=loop_factory or factory) as runner:
        return runner.run(main)
