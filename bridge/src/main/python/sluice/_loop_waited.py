"""Handing something over to a loop of ours on a thread that waits next for what comes of it."""

from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from typing import Any

from sluice._loop import Loop
from sluice._loop_handles import ThreadSafeHandle, note_origin


def hand_over(loop: Loop, callback: Callable[[], object]) -> None:
    """As loop.call_soon_threadsafe; the thread may get the result before it has to sleep."""
    if loop._closed:
        loop._check_closed()
    # As make_handle does, without a call of Python's.
    handle: Any = ThreadSafeHandle()
    handle._context = copy_context()
    handle._loop = loop
    handle._callback = callback
    handle._args = ()
    handle._cancelled = False
    handle._repr = handle._source_traceback = None
    if loop._debug:
        note_origin(handle)
    loop._ready.append(handle)
    selector = loop._selector
    if selector is not None and selector.asleep:
        try:
            selector.rouse(True)
        except BaseException:
            handle.cancel()
            raise


def handing_over(loop: Any) -> Callable[[Callable[[], object]], object]:
    """How to hand something over to a loop of any kind, and to wait for what comes of it."""
    if isinstance(loop, Loop):
        return partial(hand_over, loop)
    soon: Callable[[Callable[[], object]], object] = loop.call_soon_threadsafe
    return soon
