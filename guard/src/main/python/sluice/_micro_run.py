"""Microthreads: plain functions that a loop runs, each on a stack of its own (a greenlet).

All of a microthread runs on the thread of its loop, from the loop's ready queue. Where it waits, it
goes back to the loop, which takes it up again when there is something to go on with.
"""

import asyncio
import contextvars
import itertools
import sys
import time
from asyncio import _get_running_loop, _set_running_loop
from collections.abc import Callable
from contextvars import copy_context
from typing import Any

from sluice import _micro_errors, _micro_threads
from sluice._finalizers import is_collecting
from sluice._guard_policy import thread_ident, watched
from sluice._micro_homes import Home, at_thread_end, home_of

now = time.monotonic
_names = itertools.count(1)

#: All that have not ended; also what keeps their stacks, which must not be thrown away.
alive: dict[int, "Microthread"] = {}
#: Where microthreads have been suspended, by call and place, and how often.
yields: dict[tuple[str, str], int] = {}
_MANY = 10_000


class Wait:
    """One wait of a microthread, which whoever comes first ends."""

    __slots__ = ("_open", "_owner", "call", "since", "value", "where")

    def __init__(self, owner: "Microthread", call: str, where: str) -> None:
        self._owner = owner
        self._open = [True]
        self.call = call
        self.where = where
        self.since = now()
        #: What it was ended with.
        self.value: Any = None

    def wake(self, value: Any = None) -> bool:
        """Ends the wait; whether it was still to be ended. Any thread."""
        try:
            self._open.pop()
        except IndexError:
            return False
        self.value = value
        self._owner.resume()
        return True

    def is_open(self) -> bool:
        return bool(self._open)


class _Outcome:
    __slots__ = ("error", "value")

    def __init__(self) -> None:
        self.value: Any = None
        self.error: BaseException | None = None


def _main(
    home: Home, outcome: _Outcome, function: Callable[..., Any], args: Any, kwargs: Any
) -> None:
    """What its stack begins with."""
    try:
        outcome.value = function(*args, **kwargs)
    except BaseException as error:
        outcome.error = error
    # What it has in thread-locals ends while it is still there, as a thread's does.
    del function, args, kwargs
    view = home.view
    first, second = view[home.first], view[home.second]
    if first or second:
        view[home.first] = view[home.second] = 0
        home.words.release(first, second)


class Microthread(asyncio.Future[Any]):
    """A function that runs as a microthread; awaitable, and to be cancelled as a task is."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        name: str | None = None,
        context: contextvars.Context | None = None,
        *,
        starts_soon: bool = True,
    ) -> None:
        super().__init__(loop=loop)
        self.home: Home = home_of(loop)
        self.ident = _micro_threads.new_ident()
        self._name = name or f"microthread-{next(_names)}"
        self._work: Any = (function, args, kwargs)
        self._context = copy_context() if context is None else context
        # The one that the loop runs its steps in.
        self._steps = contextvars.Context()
        self._stack: Any = None
        self._outcome = _Outcome()
        self._first = self._second = 0
        self._inner_loop: Any = None
        self._java = 0
        #: What it waits for, if it does.
        self.wait: Wait | None = None
        self._must_cancel = False
        self._message: Any = None
        #: The blocks that forbid to suspend it: where they are.
        self.forbidden: list[str] = []
        #: RLocks that it has taken, by their numbers.
        self.claims: dict[int, Any] = {}
        alive[self.ident] = self
        if starts_soon:
            asyncio.tasks._register_task(self)  # type: ignore[arg-type]
            loop.call_soon(self._step, context=self._steps)

    def start(self) -> None:
        """Starts it here and now, where the loop calls: what was made not to start soon. Whoever
        does so cancels it when the loop ends."""
        self._steps.run(self._step)

    # -- steps: by the loop ----------------------------------------------------------------------

    def resume(self) -> None:
        """Has the loop take it up; any thread."""
        loop = self.get_loop()
        try:
            if thread_ident() == self.home.ident:
                loop.call_soon(self._step, context=self._steps)
            else:
                loop.call_soon_threadsafe(self._step, context=self._steps)
        except RuntimeError:
            if not loop.is_closed():
                raise

    def _step(self) -> None:
        if self.done():
            return
        home = self.home
        if thread_ident() != home.ident or home.thread.ended:
            if self._stack is not None:
                self._strand(_micro_errors.other_thread(self._name))
                return
            home = self.home = home_of(self.get_loop())
        java = home.java
        stack = self._stack
        if stack is None:
            if self._must_cancel:
                self._end(None)
                return
            self._java = java[0]
            stack = self._stack = home.new_stack(_main, home.current())
            stack.gr_context = self._context
            _micro_threads.enter(self)
        elif java[0] != self._java:
            self._strand(_micro_errors.java_between(self._name))
            return
        elif stack.parent is not home.current():
            stack.parent = home.current()
        key = -home.ident
        loop = _get_running_loop()
        outer = watched.get(key)
        view, first, second = home.view, home.first, home.second
        one, other = view[first], view[second]
        try:
            view[first] = self._first
            view[second] = self._second
            watched[key] = self
            _set_running_loop(self._inner_loop)
            if self._work is None:
                stack.switch()
            else:
                work, self._work = self._work, None
                stack.switch(home, self._outcome, *work)
        finally:
            # Where a signal's exception may come in between, it finds everything in its place.
            self._first, self._second = view[first], view[second]
            view[first] = one
            view[second] = other
            if outer is None:
                del watched[key]
            else:
                watched[key] = outer
            try:
                self._inner_loop = _get_running_loop()
            finally:
                _set_running_loop(loop)
        if self.claims or home.lock_waits:
            home.look_at_locks(self)
        if stack.dead:
            self._end(self._outcome)

    def _strand(self, error: BaseException) -> None:
        self._outcome.error = error
        outcome = self._outcome
        home = self.home
        home.keep(self._stack)  # as it cannot be ended where it is
        self._stack = None
        self._first = self._second = 0
        self._end(outcome)

    def _end(self, outcome: _Outcome | None) -> None:
        alive.pop(self.ident, None)
        _micro_threads.leave(self)
        asyncio.tasks._unregister_task(self)  # type: ignore[arg-type]
        first, second = self._first, self._second
        self._first = self._second = 0
        self._stack = self._work = None
        self.forbidden.clear()
        if first or second:
            self.home.words.release(first, second)
        error: BaseException | None = None
        if outcome is not None:
            error, outcome.error = outcome.error, None
        if self.done():
            return
        if outcome is None:
            super().cancel(self._message)
        elif error is None:
            super().set_result(outcome.value)
            outcome.value = None
        elif isinstance(error, asyncio.CancelledError):
            super().cancel(*error.args[:1])
        elif isinstance(error, StopIteration):
            wrapped = RuntimeError("the microthread raised StopIteration")
            wrapped.__cause__ = error
            super().set_exception(wrapped)
        elif isinstance(error, KeyboardInterrupt | SystemExit):
            super().set_exception(error)
            raise error
        else:
            super().set_exception(error)

    # -- waiting: within the microthread ---------------------------------------------------------

    def obstacle(self) -> str | None:
        """Why it cannot be suspended here and now, if it cannot; no_switch() is asked elsewhere."""
        if self.home.java[0] != self._java:
            return "Java code lies between it and the microthread's start"
        if self.wait is not None:
            return "it interrupts the microthread while that is about to wait"
        if self.home.current() is not self._stack:
            return "another greenlet runs within the microthread"
        if is_collecting():
            return "the garbage collector runs it"
        tracer = sys.gettrace() or sys.getprofile()
        if tracer is not None and _is_called(tracer):
            return "a trace function runs it"
        return None

    def begin(self, call: str, where: str, is_cancellable: bool = True) -> Wait:
        """Begins a wait, which pause() carries out; nobody else may in between."""
        if self.forbidden:
            raise _micro_errors.switch_forbidden(call, where, self.forbidden[-1])
        if self._must_cancel and is_cancellable:
            self._raise_cancelled()
        wait = self.wait = Wait(self, call, where)
        return wait

    def pause(self, wait: Wait, is_cancellable: bool = True) -> Any:
        """Suspends it until the wait is ended; what it was ended with. A cancellation ends it, too,
        and is left to the next wait if this one cannot be cancelled."""
        key = wait.call, wait.where
        yields[key] = yields.get(key, 0) + 1
        if len(yields) > _MANY:
            yields.clear()
        try:
            while wait._open:
                self._stack.parent.switch()
            # The one who has ended it has had the loop take it up: here, or just before.
        finally:
            self.wait = None
        if self._must_cancel and is_cancellable:
            self._raise_cancelled()
        return wait.value

    def _raise_cancelled(self) -> None:
        self._must_cancel = False
        message, self._message = self._message, None
        raise asyncio.CancelledError(*(() if message is None else (message,)))

    def sleep(self, seconds: float, call: str, where: str) -> None:
        wait = self.begin(call, where)
        among = self.home.timers.add(self.get_loop(), seconds, wait)
        try:
            self.pause(wait)
        finally:
            among.pop(wait, None)

    # -- what others ask of it -------------------------------------------------------------------

    def cancel(self, msg: Any = None) -> bool:
        """Has it raise CancelledError where it waits, or where it next would; on its thread."""
        if self.done():
            return False
        self._must_cancel = True
        self._message = msg
        wait = self.wait
        if wait is not None:
            wait.wake()
        return True

    def join(self, timeout: float | None = None) -> None:
        """Waits for its end; other threads, and other microthreads."""
        _joined(self, timeout)

    def set_result(self, result: object) -> None:
        raise RuntimeError("Microthread does not support set_result operation")

    def set_exception(self, exception: object) -> None:
        raise RuntimeError("Microthread does not support set_exception operation")

    def get_name(self) -> str:
        return self._name

    def set_name(self, value: object) -> None:
        self._name = str(value)

    @property
    def name(self) -> str:
        return self._name

    # What asyncio's own tools ask of tasks.
    def get_coro(self) -> None:
        return None

    def get_context(self) -> contextvars.Context:
        return self._context

    def cancelling(self) -> int:
        return int(self._must_cancel)

    def get_stack(self, *, limit: int | None = None) -> list[Any]:
        frame: Any = None if self._stack is None else self._stack.gr_frame
        frames: list[Any] = []
        while frame is not None and (limit is None or len(frames) < limit):
            frames.append(frame)
            frame = frame.f_back
        return frames[::-1]

    def __repr__(self) -> str:
        state = "done" if self.done() else "running" if self.wait is None else "waiting"
        waits = self.wait
        what = f" for {waits.call} at {waits.where}" if waits is not None else ""
        return f"<Microthread {self._name!r} {state}{what}>"


#: The stacks of those whose thread has ended: nobody can take them off.
_stranded: list[Any] = []


def _forget(thread: Any) -> None:
    """A thread has ended with microthreads that have not."""
    for each in list(alive.values()):
        if each.home.thread is thread:
            alive.pop(each.ident, None)
            _micro_threads.leave(each)
            _stranded.append(each._stack)


at_thread_end.append(_forget)


def _is_called(tracer: Any) -> bool:
    code = getattr(tracer, "__code__", None)
    frame: Any = sys._getframe(2)
    while frame is not None:
        if frame.f_code is code:
            return True
        frame = frame.f_back
    return False


def _joined(microthread: Microthread, timeout: float | None) -> None:
    import threading  # noqa: PLC0415 (guarded, so that a microthread waits as one)

    if current() is microthread:
        raise RuntimeError("cannot join current thread")
    ended = threading.Event()
    loop = microthread.get_loop()

    def watch() -> None:
        microthread.add_done_callback(lambda _: ended.set())

    loop.call_soon_threadsafe(watch)
    ended.wait(timeout)


def current() -> Microthread | None:
    """The microthread that calls this, or None."""
    return watched.get(-thread_ident())
