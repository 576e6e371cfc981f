"""The handles of a loop: calls that are due, soon or at a time."""

import asyncio
import contextvars
import time
from _thread import get_ident
from asyncio import format_helpers
from collections.abc import Callable, Sequence
from typing import Any, TypeVar


class Handle(asyncio.Handle):
    """A call that is due soon, which only the loop's thread may cancel.

    It is made without a call of Python's, which would cost more than all the rest: whoever makes
    one sets what it has. Loop.call_soon and Loop.call_soon_threadsafe do, and make_handle for those
    that are in no hurry.
    """

    __slots__ = ()

    __init__ = object.__init__

    _loop: Any
    _callback: Any
    _args: Any
    _context: contextvars.Context
    _repr: str | None
    _source_traceback: Any

    def cancel(self) -> None:
        if not self._cancelled and self._loop.allows("Handle.cancel", self.cancel):
            super().cancel()


#: From Python 3.14 on, who cancels a call that another thread is making waits for its end.
_WAITS = hasattr(asyncio.events, "_ThreadSafeHandle")

#: Seconds between two looks whether it has ended.
_PAUSE = 0.001

_ThreadSafe: Any = getattr(asyncio.events, "_ThreadSafeHandle", asyncio.Handle)


class ThreadSafeHandle(Handle, _ThreadSafe):  # type: ignore[misc]
    """A call that is due soon, and that any thread may cancel.

    Cancelling clears the callback before the arguments, so that whoever reads the arguments first
    and then finds a callback has both of them. The loop first says what it runs, then looks whether
    that is cancelled; who cancels it does so first, then looks what the loop runs. One of the two
    sees the other. No lock is needed for that, nor is there one for each handle.
    """

    __slots__ = ()

    __init__ = object.__init__

    def cancel(self) -> None:
        self._await_end()
        asyncio.Handle.cancel(self)
        self._await_end()

    def cancelled(self) -> bool:
        self._await_end()
        return self._cancelled

    def _await_end(self) -> None:
        """Waits while another thread runs it, which is rare."""
        loop = self._loop
        while _WAITS and loop.runs is self and loop._thread_id != get_ident():
            time.sleep(_PAUSE)

    def _run(self) -> None:
        self._loop.run_handle(self)


class TimerHandle(asyncio.TimerHandle):
    """A call that is due at a time, which only the loop's thread may cancel."""

    __slots__ = ()

    _loop: Any

    def __init__(
        self,
        when: float,
        callback: Callable[..., object],
        args: Sequence[Any],
        loop: Any,
        context: contextvars.Context | None,
    ) -> None:
        super().__init__(when, callback, args, loop, context)
        if loop._debug:
            note_origin(self)

    def cancel(self) -> None:
        if not self._cancelled and self._loop.allows("TimerHandle.cancel", self.cancel):
            super().cancel()


_Kind = TypeVar("_Kind", bound=Handle)


def make_handle(
    kind: type[_Kind],
    callback: Callable[..., object],
    args: Sequence[Any],
    loop: Any,
    context: contextvars.Context | None = None,
) -> _Kind:
    """A handle of one kind or the other."""
    handle: _Kind = kind()
    handle._context = contextvars.copy_context() if context is None else context
    handle._loop = loop
    handle._callback = callback
    handle._args = args
    handle._cancelled = False
    handle._repr = None
    handle._source_traceback = None
    if loop._debug:
        note_origin(handle)
    return handle


def note_origin(handle: Any) -> None:
    """Has the handle say who made it: whoever called the loop."""
    stack = format_helpers.extract_stack()
    own = __file__, handle._loop.source_file
    while stack and stack[-1].filename in own:
        del stack[-1]
    handle._source_traceback = stack


def report(
    loop: Any,
    handle: Any,
    callback: Callable[..., object],
    args: Sequence[Any],
    error: BaseException,
) -> None:
    """Tells the loop's exception handler that a call has failed."""
    source: Any = format_helpers
    told = {
        "message": f"Exception in callback {source._format_callback_source(callback, args)}",
        "exception": error,
        "handle": handle,
    }
    if handle._source_traceback:
        told["source_traceback"] = handle._source_traceback
    loop.call_exception_handler(told)
