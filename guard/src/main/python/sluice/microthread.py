"""Plain blocking functions as microthreads: each waits for itself, and all run on a loop's thread.

    sluice.guard.install("farm", "all")
    ...
    page = await sluice.microthread.spawn(requests.get, url)

See docs/guide/microthreads.md.
"""

import asyncio
import atexit
import contextlib
import contextvars
import logging
import sys
from collections.abc import Awaitable, Callable, Iterator
from types import TracebackType
from typing import Any, TypeVar

# All of it now: what is imported later would be imported by a microthread that waits.
from sluice import _micro_calls, _micro_door, _micro_errors, _micro_locks, _micro_pool, _micro_run
from sluice._micro_errors import SwitchError
from sluice._micro_run import Microthread, current, now

__all__ = [
    "Microthread",
    "SwitchError",
    "current",
    "farm_threads",
    "no_switch",
    "priority",
    "report",
    "running",
    "spawn",
    "wait",
    "yield_points",
]

_T = TypeVar("_T")
_loaded = (_micro_calls, _micro_locks)


def spawn(
    function: Callable[..., Any],
    /,
    *args: Any,
    name: str | None = None,
    context: contextvars.Context | None = None,
    **kwargs: Any,
) -> Microthread:
    """Has the running loop run a function as a microthread, from its ready queue.

    The result is awaitable, and can be cancelled as a task can. name and context are the
    microthread's; a function's arguments of these names are to be bound to it before.
    """
    inner = current()
    loop = asyncio._get_running_loop()
    if loop is None:
        if inner is None:
            raise RuntimeError("no running event loop")
        loop = inner.get_loop()
    return Microthread(loop, function, args, kwargs, name, context)


def wait(awaitable: Awaitable[_T], timeout: float | None = None) -> _T:
    """Awaits a coroutine, a task, a future or another microthread, within a microthread."""
    me = current()
    if me is None:
        if asyncio.iscoroutine(awaitable):
            awaitable.close()
        raise _micro_errors.outside()
    frame = sys._getframe(1)
    where = f"{frame.f_code.co_filename}:{frame.f_lineno} in {frame.f_code.co_qualname}"
    obstacle = me.obstacle()
    if asyncio._get_running_loop() is not None:
        obstacle = "a loop runs within the microthread"
    if obstacle is not None:
        raise RuntimeError(f"the microthread cannot be suspended here: {obstacle}")
    return _Waited(me, where).result(awaitable, timeout)  # type: ignore[no-any-return]


class _Waited:
    """Something of asyncio's that a microthread waits for."""

    def __init__(self, microthread: Microthread, where: str) -> None:
        self._microthread = microthread
        self._where = where
        self._future: asyncio.Future[Any] | None = None
        self._failure: BaseException | None = None

    def _begin(self, awaitable: Any, wake: Callable[[Any], object]) -> None:
        """By the loop, as asyncio's objects ask which one runs."""
        try:
            self._future = asyncio.ensure_future(awaitable, loop=self._microthread.get_loop())
            self._future.add_done_callback(wake)
        except BaseException as error:
            self._failure = error
            wake(None)

    def result(self, awaitable: Any, timeout: float | None) -> Any:
        me = self._microthread
        loop = me.get_loop()
        if awaitable is me:
            raise RuntimeError("a microthread cannot wait for itself")
        pause = me.begin("microthread.wait", self._where)
        timer = None
        try:
            loop.call_soon(self._begin, awaitable, pause.wake)
            if timeout is not None:
                timer = loop.call_later(timeout, pause.wake)
            me.pause(pause)
        except asyncio.CancelledError:
            if self._future is not None:
                self._future.cancel()
            elif asyncio.iscoroutine(awaitable):
                loop.call_soon(self._cancel)
            raise
        finally:
            me.wait = None
            if timer is not None:
                timer.cancel()
        if self._failure is not None:
            raise self._failure
        future = self._future
        if future is None or not future.done():
            loop.call_soon(self._cancel)
            self._until_done()
            future = self._future
            if future is None or future.cancelled():
                raise TimeoutError
        return future.result()

    def _cancel(self) -> None:
        if self._future is not None:
            self._future.cancel()

    def _until_done(self) -> None:
        """As asyncio.wait_for does: until what was cancelled has ended."""
        me = self._microthread
        while self._future is None or not self._future.done():
            pause = me.begin("microthread.wait", self._where)
            try:
                if self._future is not None:
                    me.get_loop().call_soon(self._future.add_done_callback, pause.wake)
                me.pause(pause)
            finally:
                me.wait = None


class no_switch:  # noqa: N801 (as a function)
    """Forbids to suspend the microthread within a with block; elsewhere it does nothing.

    A call that would do so raises a SwitchError, before anything is done.
    """

    def __init__(self) -> None:
        frame = sys._getframe(1)
        self._place = f"{frame.f_code.co_filename}:{frame.f_lineno} in {frame.f_code.co_qualname}"
        self._whose: list[Microthread | None] = []

    def __enter__(self) -> None:
        me = current()
        if me is not None:
            me.forbidden.append(self._place)
        self._whose.append(me)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        me = self._whose.pop()
        if me is not None and me.forbidden:
            me.forbidden.pop()


@contextlib.contextmanager
def priority(value: int) -> Iterator[None]:
    """What the block hands to farm threads goes before what has a higher value; else it is 0."""
    token = _micro_pool.priority.set(value)
    try:
        yield
    finally:
        _micro_pool.priority.reset(token)


def farm_threads(limit: int) -> None:
    """How many farm threads there are at most."""
    if limit < 1:
        raise ValueError("at least one farm thread is needed")
    _micro_pool.farm.limit = limit


def yield_points() -> list[dict[str, Any]]:
    """Where microthreads have been suspended so far, the most frequent first."""
    return [
        {"call": call, "site": where, "count": count}
        for (call, where), count in sorted(
            _micro_run.yields.items(), key=lambda each: each[1], reverse=True
        )
    ]


def running() -> list[dict[str, Any]]:
    """The microthreads that have not ended, and what each waits for, since how many seconds."""
    moment = now()
    rows = []
    for each in list(_micro_run.alive.values()):
        waits = each.wait
        rows.append(
            {
                "name": each.get_name(),
                "state": "ready" if waits is None or not waits.is_open() else "waiting",
                "call": None if waits is None else waits.call,
                "site": None if waits is None else waits.where,
                "seconds": 0.0 if waits is None else moment - waits.since,
            }
        )
    return rows


def report() -> dict[str, Any]:
    """All of it, as JSON can take it."""
    return {
        "microthreads": running(),
        "farm": _micro_pool.farm.report(),
        "yield_points": yield_points(),
    }


@atexit.register
def _name_abandoned() -> None:
    """What is left when the program ends is never run again, nor taken off the stack."""
    left = list(_micro_run.alive.values())
    for each in left:
        if each._stack is not None:
            _micro_door.keep(each._stack)
    if left:
        names = ", ".join(each.get_name() for each in left[:10])
        logging.getLogger("sluice.microthread").warning(
            "The program ends while %d microthread(s) have not: %s%s.",
            len(left),
            names,
            ", ..." if len(left) > 10 else "",
        )
