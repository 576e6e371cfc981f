"""A call that a loop makes for a thread, and what becomes of it."""

import asyncio
import functools
import itertools
import sys
from _thread import LockType
from asyncio import CancelledError, futures
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future as ConcurrentFuture
from types import CodeType, CoroutineType, TracebackType
from typing import Any

from sluice import _deferreds, _loop_door
from sluice._blocking_errors import LoopStopped, cancelled, loop_stopped, other_loop
from sluice._blocking_portal import CANCELLED, COMPLETED, FAILED, STOPPED, Portal, exhaust

_EAGER = sys.version_info >= (3, 12)
_Task: Any = asyncio.Task
_numbers = itertools.count(_loop_door.first_number)
_release = LockType.release
_modules = sys.modules
_END_PROGRAMS = (KeyboardInterrupt, SystemExit)


class Call:
    """Made and waited for by any thread; begun and settled by the loop's.

    There is no lock that Python code could be interrupted under. Each thread that waits makes one
    of its own, which it has; puts it into `waiters`, then looks whether the call is done. Whoever
    settles the call says that it is done, then releases all that are there, in one call of C code
    with nothing before it at which CPython looks for signals. One of the two sees the other.
    """

    __slots__ = (
        "__weakref__",
        "_arguments",
        "_cancel",
        "done",
        "failure",
        "function",
        "is_known",
        "name",
        "number",
        "observers",
        "portal",
        "site",
        "timed_out",
        "traceback",
        "unwanted",
        "value",
        "waiters",
    )

    def __init__(
        self,
        portal: Portal,
        function: Callable[..., Any],
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        name: str | None = None,
    ) -> None:
        """name is what the function is called, if that is known."""
        self.portal = portal
        self.function = function
        self.name = name or name_of(function)
        self._arguments: Any = (args, kwargs)
        self._cancel: Callable[[], object] | None = None
        self.done = False
        self.value: Any = None
        self.failure: BaseException | None = None
        self.traceback: TracebackType | None = None
        #: Where it was called: code and line.
        self.site: tuple[CodeType, int] | None = None
        #: Whether somebody has asked for it to be cancelled.
        self.unwanted = False
        #: Whether whoever waited has given up.
        self.timed_out = False
        #: The locks of threads that wait.
        self.waiters: list[LockType] = []
        #: By which Java knows it, and whether it does: only if somebody waits for it, or it awaits
        #: something itself.
        self.number = next(_numbers)
        self.is_known = False
        #: What is called when it is done.
        self.observers: list[Callable[[], object]] = []

    # -- on any thread

    @property
    def what(self) -> str:
        """What is called, for people."""
        return f"{self.name}()"

    def is_done(self) -> bool:
        """Whether it is done now; as `done`, of which type checkers believe that it stays."""
        return self.done

    def cancel(self) -> None:
        """Has it cancelled, if it is not done."""
        if not self.done:
            self.unwanted = True
            if not self.portal.soon(self._cancel_here):
                self.portal.abandon(self)

    def withdraw(self) -> None:
        """Whoever has handed it over was interrupted, and nobody knows how far that has come."""
        self.unwanted = True
        # Whoever takes the arguments has the call: the loop, to make it, or we.
        arguments, self._arguments = self._arguments, None
        if arguments is None:
            self.cancel()
        elif self.portal.close(self, CANCELLED):
            self.settle(None, CancelledError(), None)

    def know(self) -> int:
        """Has Java know it; the number."""
        if not self.is_known:
            self.is_known = True
            _loop_door.know(self.number, self.portal.door(), self.what)
            if self.done:
                _loop_door.settled(self.number)
        return self.number

    def result(self) -> Any:
        """What has come out of it, which is done."""
        failure = self.failure
        if failure is None:
            return self.value
        try:
            # Each time as it was when it came here.
            raise failure.with_traceback(self.traceback)
        finally:
            del failure, self

    def take(self) -> Any:
        """The same for a thread that has waited, once; so the exception does not know this object,
        which knows it."""
        failure = self.failure
        if failure is None:
            return self.value
        if type(failure) is CancelledError:
            failure = cancelled(failure)
        traceback = self.traceback
        self.failure = self.traceback = None
        try:
            raise failure.with_traceback(traceback)
        finally:
            del failure, traceback

    def describe(self) -> str:
        """What was called, and where, if that is known."""
        if self.site is None:
            return self.what
        code, line = self.site
        return f"{self.what}, called at {code.co_filename}:{line} in {code.co_qualname}"

    # -- on the loop's thread

    def begin(self) -> None:
        """Makes the call."""
        arguments, self._arguments = self._arguments, None
        if self.done or arguments is None:
            return
        args, kwargs = arguments
        del arguments
        if self.unwanted:
            self._cancelled(CancelledError())
            return
        portal = self.portal
        if portal.stopped or (portal.may_end and portal.loop.ending):
            portal.abandon(self)
            return
        try:
            result = self.function(*args, **kwargs)
        except BaseException as error:
            self.fail(error)
            is_for_all = isinstance(error, _END_PROGRAMS) and not self.portal.own
            # The frames below know this one.
            del self, args, kwargs
            if is_for_all:
                raise
            return
        self._go_on(result)

    def _go_on(self, result: Any) -> None:
        kind = type(result)
        has_twisted = "twisted.internet.defer" in _modules
        if kind is CoroutineType:
            self._run(_deferreds.awaited(result) if has_twisted else result)
        elif has_twisted and _deferreds.is_deferred(result):
            self.follow(result)
        elif futures.isfuture(result) and result.get_loop() is not self.portal.loop:
            self.fail(
                other_loop(
                    f"{self.what} has returned {result!r}, which belongs to another loop than the"
                    " one that runs it. Make it on that one, or return what any loop can await."
                )
            )
        elif hasattr(kind, "__await__") or asyncio.iscoroutine(result):
            self._run(result)
        elif isinstance(result, ConcurrentFuture):
            self._run(asyncio.wrap_future(result, loop=self.portal.loop))
        else:
            self.settle(result, None, COMPLETED)

    def follow(self, deferred: Any) -> None:
        """Becomes what a Deferred becomes; any thread."""
        self._cancel = deferred.cancel
        _deferreds.connect(deferred, self._succeed, self._fail_as_deferred)

    def _succeed(self, value: Any) -> None:
        self.settle(value, None, COMPLETED)

    def _fail_as_deferred(self, error: BaseException) -> None:
        if self.unwanted and _deferreds.is_cancellation(error):
            self._keep_traceback(error)
            self.settle(None, error, CANCELLED)
        else:
            self.fail(error)

    def _run(self, awaitable: Any) -> None:
        loop = self.portal.loop
        drive = self._drive(awaitable)
        if _EAGER and (loop._task_factory if self.portal.own else loop.get_task_factory()) is None:
            task = _Task(drive, loop=loop, name=self.name, eager_start=True)
        else:
            task = loop.create_task(drive)
            # In case that it is cancelled before its first step.
            task.add_done_callback(functools.partial(self._task_ended, awaitable))
        if not self.done:
            self._cancel = task.cancel

    async def _drive(self, awaitable: Any) -> None:
        """What the task does: who waits is told in its last step, not by a callback behind that."""
        try:
            value = await awaitable
        except CancelledError as error:
            self._cancelled(error)
            raise
        except GeneratorExit:
            self.portal.abandon(self)  # nobody runs the loop any more
            raise
        except BaseException as error:
            self.fail(error)
            is_for_all = isinstance(error, _END_PROGRAMS) and not self.portal.own
            del self, awaitable
            if is_for_all:
                raise
        else:
            try:
                self.settle(value, None, COMPLETED)
            finally:
                if not self.done:  # a signal's handler has raised something before
                    self._cancelled(CancelledError())

    def _task_ended(self, awaitable: Any, task: "asyncio.Task[Any]") -> None:
        if not self.done:
            if asyncio.iscoroutine(awaitable):
                awaitable.close()
            self._cancelled(CancelledError())

    def _cancelled(self, error: CancelledError) -> None:
        if not self.unwanted and self.portal.ends_its_tasks():
            self.settle(None, loop_stopped(self.what), STOPPED)
        else:
            self._keep_traceback(error)
            self.settle(None, error, CANCELLED)

    def _cancel_here(self) -> None:
        if not self.done and self._cancel is not None:
            self._cancel()

    def _keep_traceback(self, error: BaseException) -> None:
        # Without our frame, which knows this object and with that the error.
        tb = error.__traceback__
        if tb is not None and tb.tb_frame.f_code.co_filename == __file__:
            tb = tb.tb_next
        self.traceback = error.__traceback__ = tb

    def fail(self, error: BaseException) -> None:
        """It has raised that."""
        self._keep_traceback(error)
        self.settle(None, error, FAILED)

    # -- on the loop's thread, or whoever knows that nobody else does it

    def settle(self, value: Any, failure: BaseException | None, outcome: str | None) -> None:
        """It is done. outcome is None where that is counted by whoever says so."""
        if self.done:
            return
        self.value = value
        self.failure = failure
        self._cancel = None
        wake = map(_release, self.waiters)
        self.done = True
        exhaust(wake)
        if self.is_known:
            _loop_door.settled(self.number)
        while self.observers:
            self.observers.pop(0)()
        if outcome is not None:
            self.portal.close(self, outcome)
        given_up = self.timed_out and outcome == FAILED
        if given_up and failure is not None and is_worth_a_report(failure):
            self.portal.report(
                f"{self.describe()}, failed after whoever waited had given up", failure
            )


def call_of(task: "asyncio.Task[Any] | None") -> Call | None:
    """The call whose task that is, if it is one's."""
    coroutine: Any = None if task is None else task.get_coro()
    if getattr(coroutine, "cr_code", None) is not _DRIVE or coroutine.cr_frame is None:
        return None
    call: Call = coroutine.cr_frame.f_locals["self"]
    return call


_DRIVE = Call._drive.__code__


def is_worth_a_report(failure: BaseException | None) -> bool:
    """Whether a failure says more than that something was not wanted any more."""
    return not (
        failure is None
        or isinstance(failure, (LoopStopped, CancelledError))
        or _deferreds.says_cancelled(failure)
    )


def name_of(function: Any) -> str:
    """What a function is called."""
    name = getattr(function, "__qualname__", None)
    while name is None and hasattr(function, "func"):  # functools.partial
        function = function.func
        name = getattr(function, "__qualname__", None)
    return name if isinstance(name, str) else type(function).__qualname__
