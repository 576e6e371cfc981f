"""What a thread gets for a call that a loop makes for it: see EventualResult."""

import asyncio
import contextlib
import itertools
import sys
import weakref
from asyncio import CancelledError
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from functools import partial
from typing import Any, Generic, TypeVar

from sluice import _loop_door
from sluice._blocking_calls import Call, is_worth_a_report
from sluice._blocking_errors import TimeoutError, cancelled, other_loop, wait_circle
from sluice._blocking_portal import Portal
from sluice._blocking_waits import wait_until_done
from sluice._java_stages import owner

_T = TypeVar("_T")
_T_co = TypeVar("_T_co", covariant=True)

_stash: "dict[int, EventualResult[Any]]" = {}
_stash_numbers = itertools.count(1)
#: Those that have failed; most of them are collected soon.
_failed: "weakref.WeakSet[EventualResult[Any]]" = weakref.WeakSet()


class EventualResult(Call, Generic[_T_co]):
    """The result, when it comes, of a call that a loop makes; any thread may have it.

    It belongs to the loop that makes the call. A failure that nobody has collected (`wait`,
    `original_failure`, `await`) is logged with its origin when the object is dropped.
    """

    __slots__ = ("_collected",)

    def __init__(
        self,
        portal: Portal,
        function: Callable[..., Any],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        name: str | None = None,
    ) -> None:
        self._collected = False
        super().__init__(portal, function, args, kwargs or {}, name)

    def wait(self, timeout: float | None = None) -> _T_co:
        """Returns the result, or raises what the call has raised; as often as it is asked.

        Raises sluice.TimeoutError if that takes longer than so many seconds; the call goes on.
        Raises a RuntimeError, and does not wait, on the loop's own thread, and where the loop needs
        the calling thread.
        """
        try:
            if wait_until_done(self, timeout):
                if type(self.failure) is CancelledError:
                    self._collected = True
                    raise self._cancellation(self.failure).with_traceback(self.traceback)
                return self._collect()
            raise TimeoutError(f"{self.what} was not done within {timeout} seconds, and goes on")
        finally:
            del self  # an exception knows this frame

    def _cancellation(self, failure: CancelledError) -> BaseException:
        return cancelled(failure)

    def _collect(self) -> _T_co:
        self._collected = True
        try:
            result: _T_co = self.result()
            return result
        finally:
            del self

    def cancel(self) -> None:
        """Has the call cancelled, if it is not done: its task, or its Deferred. It may refuse."""
        super().cancel()

    def stash(self) -> int:
        """Keeps the object under a number, by which retrieve_result gives it, once."""
        number = next(_stash_numbers)
        _stash[number] = self
        return number

    def original_failure(self) -> Any:
        """What the call has raised, with the traceback that it came with; None if it has not, or
        is not done."""
        failure = self.failure if self.done else None
        if failure is None:
            return None
        self._collected = True
        return failure.with_traceback(self.traceback)

    @staticmethod
    def gather(
        *results: "EventualResult[_T]", return_exceptions: bool = False
    ) -> "EventualResult[list[_T]]":
        """The results of several, in order, as one: of the same loop.

        It fails with the first failure, and the others go on; or with return_exceptions, failures
        stand among the results. Cancelling it cancels all.
        """
        if not results:
            raise ValueError("there is nothing to gather")
        portal = getattr(results[0], "portal", None)
        for each in results:
            if not isinstance(each, EventualResult):
                raise TypeError(f"EventualResults are to be gathered, not {each!r}")
            if each.portal is not portal:
                raise other_loop(
                    f"{results[0].what} and {each.what} run on different loops, and cannot be"
                    " gathered. Wait for each."
                )
        assert portal is not None
        gathered: EventualResult[list[_T]] = EventualResult(
            portal, _gather, (results, return_exceptions)
        )
        gathered.site = results[0].site
        portal.submit(gathered)
        return gathered

    # -- awaiting

    def __await__(self) -> Generator[Any, None, _T_co]:
        """On any loop of asyncio's kind. Whoever cancels the task that awaits cancels the call."""
        if not self.done:
            future = self._future()
            awaiting = owner(asyncio.current_task())
            try:
                if awaiting is not None:
                    self._need(awaiting)
                yield from future
            except CancelledError:
                self.cancel()
                raise
            finally:
                if awaiting is not None:
                    _loop_door.forget(awaiting, self.number)
        return self._collect()

    def _need(self, awaiting: int) -> None:
        circle = _loop_door.need(awaiting, self.know())
        if circle is not None and not self.done:
            raise wait_circle(circle)

    def _future(self) -> "asyncio.Future[None]":
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        if loop is self.portal.loop:
            self.observers.append(partial(_wake, future))
        else:
            self.observers.append(partial(_tell, loop, future))
        if self.done:  # and perhaps whoever has settled it has not seen us
            _wake(future)
        return future

    # -- the end

    def settle(self, value: Any, failure: BaseException | None, outcome: str | None) -> None:
        super().settle(value, failure, outcome)
        if failure is not None and not self._collected and is_worth_a_report(failure):
            _failed.add(self)

    def report_if_lost(self) -> None:
        """Has a failure logged that nobody has collected, once."""
        if self.done and not self._collected and is_worth_a_report(self.failure):
            self._collected = True
            assert self.failure is not None
            self.portal.report(
                f"{self.describe()}, has failed, and nobody has collected the result",
                self.failure.with_traceback(self.traceback),
            )

    def __del__(self) -> None:
        with contextlib.suppress(AttributeError):  # __init__ has failed
            self.report_if_lost()

    def __repr__(self) -> str:
        if not self.done:
            state = "not done"
        else:
            state = repr(self.value) if self.failure is None else repr(self.failure)
        return f"<{type(self).__qualname__} of {self.describe()}: {state}>"

    def __reduce__(self) -> Any:
        raise TypeError("an EventualResult belongs to its loop, and cannot be copied or pickled")


def retrieve_result(result_id: int) -> EventualResult[Any]:
    """What was stashed under a number; KeyError if nothing was, or it was retrieved before."""
    return _stash.pop(result_id)


def report_lost() -> None:
    """At the end: forgets what is stashed, and has failures logged that nobody has collected."""
    _stash.clear()
    for each in list(_failed):
        each.report_if_lost()


async def _gather(results: Sequence[Awaitable[_T]], return_exceptions: bool) -> list[Any]:
    return await asyncio.gather(*results, return_exceptions=return_exceptions)


def _tell(loop: asyncio.AbstractEventLoop, future: "asyncio.Future[None]") -> None:
    try:
        loop.call_soon_threadsafe(_wake, future)
    except RuntimeError:
        if not loop.is_closed():  # else nobody awaits it any more
            raise


def _wake(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)


def here() -> Any:
    """Where whoever called our caller is: code and line."""
    frame = sys._getframe(2)
    return frame.f_code, frame.f_lineno
