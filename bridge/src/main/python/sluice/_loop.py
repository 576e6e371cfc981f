"""An asyncio event loop that sleeps in Java, where Netty serves its sockets beside Python's own."""

import asyncio
import contextvars
import heapq
from _thread import get_ident
from asyncio.log import logger
from collections import deque
from collections.abc import Callable
from contextvars import copy_context
from typing import Any

from sluice import _finalizers, _loop_door, _loop_runs, _wrong_thread
from sluice._loop_executor import WorkerExecutor
from sluice._loop_handles import (
    Handle,
    ThreadSafeHandle,
    TimerHandle,
    make_handle,
    note_origin,
    report,
)
from sluice._loop_selector import FusedSelector

_Context = contextvars.Context | None

#: Seconds: a day.
_LONGEST_SLEEP = 86_400

#: So many timers are cancelled before it is worth while to throw them away early.
_MANY_CANCELLED = 50

# What is needed of it is in no type stubs.
_Base: Any = asyncio.SelectorEventLoop


class Loop(_Base):  # type: ignore[misc]
    """asyncio's loop, run by one thread at a time, with Java below it.

    All of asyncio is there. Three things differ: the loop sleeps in Netty's event loop; waking it
    costs one system call for each sleep, and none while it is awake; and whoever uses it on a wrong
    thread is told so always, not only in debug mode.
    """

    #: For tracebacks that are not to show us.
    source_file = __file__

    _default_executor: Any

    def __init__(self, wrong_thread: _wrong_thread.Policy = "raise", door: Any = None) -> None:
        """wrong_thread says what becomes of uses on a wrong thread: "raise" has them fail, and ends
        the loop's run with the same error; "repair" does on the loop's thread what was asked, and
        reports each place once. door is how Java has made itself known to the loop, if it makes
        the loop."""
        if wrong_thread not in ("raise", "repair"):
            raise ValueError(f'wrong_thread is "raise" or "repair", not {wrong_thread!r}')
        obstacle = _loop_door.obstacle()
        if obstacle:
            raise RuntimeError(
                f"sluice SL161: there can be no loop of Sluice's in this process. {obstacle}."
                " Use asyncio's own loop (--loop asyncio)."
            )
        self._calls: deque[Callable[[], object]] = deque()
        self._policy = wrong_thread
        self._failure: _wrong_thread.WrongThreadError | None = None
        self._stranded: deque[asyncio.Handle] = deque()
        self._signal_pipe = False
        #: The handle whose call the loop makes.
        self.runs: asyncio.Handle | None = None
        super().__init__(_Later())
        self._repairs = _wrong_thread.Repairs(_report_repair)
        self._selector: FusedSelector | None = FusedSelector(
            door or _loop_door.open(), self._ready, self._on_calls
        )
        self._call_java = make_handle(Handle, self._run_calls, (), self, contextvars.Context())

    # -- running ---------------------------------------------------------------------------------

    def run_forever(self) -> None:
        # Here too, because CPython 3.13.0 forgets a loop that runs when it refuses to run it again.
        self._check_closed()
        self._check_running()
        selector = self._selector
        if selector is not None:
            selector.own()
            selector.look_at_once()
        _loop_runs.run(self, super().run_forever)

    def _run_once(self) -> None:
        many = self._timer_cancelled_count > _MANY_CANCELLED
        if self._debug or (many and 2 * self._timer_cancelled_count > len(self._scheduled)):
            # asyncio's own pass measures callbacks, and throws cancelled timers away.
            super()._run_once()
        else:
            self._pass()
        if self._failure is not None:
            failure, self._failure = self._failure, None
            while self._stranded:  # another thread may just be adding one
                self._ready.append(self._stranded.popleft())
            raise failure

    def _pass(self) -> None:
        """What asyncio's pass does, with fewer steps for each callback."""
        ready = self._ready
        timers = self._scheduled
        while timers and timers[0]._cancelled:
            self._timer_cancelled_count -= 1
            heapq.heappop(timers)._scheduled = False
        if ready or self._stopping:
            timeout: float | None = 0
        elif timers:
            timeout = min(max(0, timers[0]._when - self.time()), _LONGEST_SLEEP)
        else:
            timeout = None
        # No variable keeps the events, and with them their callbacks' arguments, beyond this.
        self._process_events(self._selector.select(timeout))  # type: ignore[union-attr]
        if timers:
            until = self.time() + self._clock_resolution
            while timers and timers[0]._when < until:
                timer = heapq.heappop(timers)
                timer._scheduled = False
                ready.append(timer)
        take = ready.popleft
        # Those that come meanwhile have their turn in the next pass.
        for _ in range(len(ready)):
            self.runs = handle = take()
            if handle._cancelled:
                continue
            args = handle._args
            callback = handle._callback
            if callback is None:
                continue
            # Spelled out, because CPython takes three times as long for an unpacking call.
            try:
                if not args:
                    handle._context.run(callback)
                elif len(args) == 1:
                    handle._context.run(callback, args[0])
                else:
                    handle._context.run(callback, *args)
            except (SystemExit, KeyboardInterrupt):
                self.runs = None
                raise
            except BaseException as error:
                report(self, handle, callback, args, error)
        # The traceback of an exception may keep this frame, which is not to keep what it ran.
        self.runs = handle = args = callback = None

    def run_handle(self, handle: Any) -> None:
        """Runs one, as a pass does; for asyncio's own pass."""
        self.runs = handle
        args = handle._args
        callback = handle._callback
        try:
            if callback is not None:
                handle._context.run(callback, *args)
        except (SystemExit, KeyboardInterrupt):
            raise
        except BaseException as error:
            report(self, handle, callback, args, error)
        finally:
            self.runs = handle = args = callback = None

    def _on_calls(self) -> None:
        """Java has calls for the loop: they are made when their turn comes."""
        selector = self._selector
        if selector is not None:
            self._calls.extend(selector.take())
            self._ready.append(self._call_java)

    def _run_calls(self) -> None:
        calls = self._calls
        try:
            while calls:
                function = calls.popleft()
                try:
                    function()
                except (SystemExit, KeyboardInterrupt):
                    raise
                except BaseException as error:
                    report(self, self._call_java, function, (), error)
        finally:
            if calls:
                self._ready.append(self._call_java)

    def close(self) -> None:
        super().close()
        self._calls.clear()
        self._stranded.clear()

    # -- waking ----------------------------------------------------------------------------------

    def _write_to_self(self) -> None:
        """Wakes the loop if it sleeps; any thread. Raises if it cannot be woken."""
        selector = self._selector
        if selector is not None and selector.asleep:
            selector.rouse()

    def _make_self_pipe(self) -> None:
        """There is none, until signals need one."""

    def _close_self_pipe(self) -> None:
        if self._signal_pipe:
            super()._close_self_pipe()

    def add_signal_handler(self, sig: int, callback: Callable[..., object], *args: Any) -> None:
        if not self._signal_pipe and not self._closed:
            super()._make_self_pipe()
            self._signal_pipe = True
        super().add_signal_handler(sig, callback, *args)

    # -- calls -----------------------------------------------------------------------------------

    def call_soon(
        self, callback: Callable[..., object], *args: Any, context: _Context = None
    ) -> Handle:
        if self._closed or self._debug:
            self._check(callback, "call_soon")
        owner = self._thread_id
        if owner is not None and owner != get_ident():
            return self._call_soon_elsewhere(callback, args, context)
        # As make_handle does, without a call of Python's.
        handle: Handle = Handle()
        handle._context = copy_context() if context is None else context
        handle._loop = self
        handle._callback = callback
        handle._args = args
        handle._cancelled = False
        handle._repr = handle._source_traceback = None
        if self._debug:
            note_origin(handle)
        self._ready.append(handle)
        return handle

    def call_soon_threadsafe(
        self, callback: Callable[..., object], *args: Any, context: _Context = None
    ) -> Handle:
        if self._closed or self._debug:
            self._check(callback, "call_soon_threadsafe")
        # As make_handle does, without a call of Python's.
        handle: Handle = ThreadSafeHandle()
        handle._context = copy_context() if context is None else context
        handle._loop = self
        handle._callback = callback
        handle._args = args
        handle._cancelled = False
        handle._repr = handle._source_traceback = None
        if self._debug:
            note_origin(handle)
        self._ready.append(handle)
        selector = self._selector
        if selector is not None and selector.asleep:
            try:
                selector.rouse()
            except BaseException:
                handle.cancel()
                raise
        return handle

    def call_at(
        self, when: float, callback: Callable[..., object], *args: Any, context: _Context = None
    ) -> asyncio.TimerHandle:
        if when is None:
            raise TypeError("when cannot be None")
        if self._closed or self._debug:
            self._check(callback, "call_at")
        timer = TimerHandle(when, callback, args, self, context)
        if self.allows("call_at", lambda: self._add_timer(timer)):
            self._add_timer(timer)
        return timer

    def _add_timer(self, timer: Any) -> None:
        if not timer._cancelled:
            heapq.heappush(self._scheduled, timer)
            timer._scheduled = True

    def _check(self, callback: Any, method: str) -> None:
        self._check_closed()
        if self._debug:
            self._check_callback(callback, method)

    def create_task(self, coro: Any, **options: Any) -> Any:
        self._check_closed()
        owner = self._thread_id
        if owner is not None and owner != get_ident():
            self._wrong("create_task", None)
            # An eager one would start on this thread.
            options.pop("eager_start", None)
            return asyncio.Task(coro, loop=self, **options)
        return super().create_task(coro, **options)

    def stop(self) -> None:
        if self.allows("stop", self.stop):
            super().stop()

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> Any:
        if executor is None and self._default_executor is None and not self._closed:
            self._check_default_executor()
            self._default_executor = WorkerExecutor()
        return super().run_in_executor(executor, func, *args)

    # -- descriptors -----------------------------------------------------------------------------

    def _add_reader(self, fd: Any, callback: Callable[..., object], *args: Any) -> Any:
        if self.allows("add_reader", lambda: self._add_reader(fd, callback, *args)):
            return super()._add_reader(fd, callback, *args)
        return None

    def _remove_reader(self, fd: Any) -> Any:
        if self.allows("remove_reader", lambda: self._remove_reader(fd)):
            return super()._remove_reader(fd)
        return True

    def _add_writer(self, fd: Any, callback: Callable[..., object], *args: Any) -> Any:
        if self.allows("add_writer", lambda: self._add_writer(fd, callback, *args)):
            return super()._add_writer(fd, callback, *args)
        return None

    def _remove_writer(self, fd: Any) -> Any:
        if self.allows("remove_writer", lambda: self._remove_writer(fd)):
            return super()._remove_writer(fd)
        return True

    # -- wrong threads ---------------------------------------------------------------------------

    def allows(self, what: str, again: Callable[[], object]) -> bool:
        """Whether the calling thread may do something; if not, it raises, or with the policy
        "repair" has it done on the right thread."""
        owner = self._thread_id
        if owner is None or owner == get_ident():
            return True
        self._wrong(what, make_handle(ThreadSafeHandle, again, (), self))
        return False

    def _call_soon_elsewhere(
        self, callback: Callable[..., object], args: tuple[Any, ...], context: _Context
    ) -> Handle:
        handle: Handle = make_handle(ThreadSafeHandle, callback, args, self, context)
        self._wrong("call_soon", handle, _wrong_thread.belongs_to_future(callback, args))
        return handle

    def _wrong(self, what: str, handle: asyncio.Handle | None, stranded: bool = False) -> None:
        """Deals with a use on a wrong thread; on that thread.

        stranded says that the handle has to run in any case: what it was to tell has happened, as
        when a future has got its result, and whoever waits for that must not wait for ever.
        """
        owner = self._thread_id
        if owner is None:
            self._ready.extend([] if handle is None else [handle])
        elif self._policy == "repair" or _finalizers.is_finalizer():
            self._repairs.note(what, owner)
            self._hand_over(handle)
        else:
            self._refuse(what, owner, handle if stranded else None)

    def _hand_over(self, handle: asyncio.Handle | None) -> None:
        if handle is not None:
            self._ready.append(handle)
            self._write_to_self()

    def _refuse(self, what: str, owner: int, stranded: asyncio.Handle | None) -> None:
        """Raises, and ends the run, so that nobody waits for what else is stranded."""
        failure = _wrong_thread.error(what, owner)
        if stranded is not None:
            self._stranded.append(stranded)
        if self._failure is None:
            self._failure = failure.again()
        self._hand_over(make_handle(ThreadSafeHandle, _nothing, (), self))
        raise failure


def _nothing() -> None:
    """Keeps the loop from sleeping."""


def _report_repair(text: str) -> None:
    logger.warning(text)


class _Later:
    """Stands for the selector until there is a loop that it can belong to."""
