"""A loop that threads hand calls to: what it has accepted, and what has become of that."""

import asyncio
import contextlib
import logging
import sys
import time
from asyncio import runners
from collections import deque
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Any

from sluice._blocking_errors import loop_stopped
from sluice._blocking_imports import LockOfLoop
from sluice._count import Count
from sluice._loop_waited import handing_over

if TYPE_CHECKING:
    from sluice._blocking_calls import Call

_LOGGER = logging.getLogger("sluice")

#: Runs an iterator to its end, in C.
exhaust: Callable[[Any], None] = deque[Any](maxlen=0).extend

#: What may become of a call.
COMPLETED, FAILED, CANCELLED, STOPPED = "completed", "failed", "cancelled", "stopped"

#: Seconds that others have, at the end, to do what they are at.
_PATIENCE = 1.0

#: What cancels all tasks of a loop that ends.
_ENDINGS = {runners._cancel_all_tasks.__code__}  # type: ignore[attr-defined]

#: What could not be logged yet, as no loop was there to do it.
unreported: deque[tuple[str, BaseException]] = deque()


class Portal:
    """Any thread may hand it calls, at any point of any code: nothing here is locked.

    A call that is accepted is in `pending` until something has become of it. It is put there and
    counted in one step of C code; whoever takes it out counts that. Whoever hands one over looks
    afterwards whether the loop has stopped, while the loop, when it has, first says so and then
    looks what is there. So nothing is forgotten, and the sums have to agree.
    """

    def __init__(
        self, loop: Any, own: bool = False, ended: Callable[["Portal"], object] | None = None
    ) -> None:
        """own says that the loop is run for us only; ended is called when it has stopped."""
        self.loop = loop
        self.own = own
        self.pending: dict[Call, int] = {}
        self.stopped = False
        #: Whether the loop says when it is about to end.
        self.may_end = hasattr(loop, "ending")
        #: Makes room on a thread that is about to wait, if it is one of a pool.
        self.room: Callable[[], contextlib.AbstractContextManager[object] | None] | None = None
        #: Stands for the loop's thread where modules are imported.
        self.module_lock = LockOfLoop(self.thread_ident, "of the loop")
        self._soon: Callable[..., object] = loop.call_soon_threadsafe
        self._soon_waiting = handing_over(loop)
        self._ended = ended
        self._door = getattr(getattr(loop, "_selector", None), "number", -1)
        self._accepted = Count()
        self._enter = self.pending.__setitem__
        self._leave = self.pending.pop
        self._outcomes = {each: Count() for each in (COMPLETED, FAILED, CANCELLED, STOPPED)}
        self._ends = {outcome: count.steps for outcome, count in self._outcomes.items()}
        self._watch_for_the_end()

    def _watch_for_the_end(self) -> None:
        close = self.loop.close

        def closing() -> None:
            close()
            self.end()

        self.loop.close = closing

    def thread_ident(self) -> int | None:
        """The thread that runs the loop, if one does and that can be told."""
        ident: int | None = getattr(self.loop, "_thread_id", None)
        return ident

    def door(self) -> int:
        """What Java knows the loop by while it runs, if it is one of ours; or -1."""
        return -1 if self._door == -1 or self.loop._thread_id is None else self._door

    def is_here(self) -> bool:
        """Whether the calling thread runs the loop."""
        return asyncio._get_running_loop() is self.loop

    # -- on any thread

    def submit(self, call: "Call", waits: bool = False) -> None:
        """Has the loop begin a call; where it has stopped, the call is settled with the reason.
        waits says that the thread waits for it next.

        What is raised is that the loop cannot be woken, or comes from a signal's handler: then the
        call is not begun, or cancelled if it has been.
        """
        try:
            self.accept(call)
            if not self.stopped:
                (self._soon_waiting if waits else self._soon)(call.begin)
        except BaseException as error:
            if self.loop.is_closed():
                self.end()
            if not self.stopped:
                call.withdraw()
                raise
            self.abandon(call)
            if not isinstance(error, RuntimeError):  # which is what a closed loop raises
                raise
        if self.stopped:
            self.abandon(call)

    def accept(self, call: "Call") -> None:
        """From now on something has to become of that call."""
        # It is entered with the next number.
        exhaust(map(self._enter, (call,), self._accepted.steps))

    def soon(self, function: Callable[..., object], *args: Any) -> bool:
        """Has the loop call something, if it still does; whether it does."""
        if self.stopped:
            return False
        try:
            self._soon(function, *args)
        except RuntimeError:
            return False
        return True

    def report(self, text: str, failure: BaseException) -> None:
        """Has the loop log a failure, as this may be a place where nothing should be logged."""
        if not self.soon(log_failure, text, failure):
            unreported.append((text, failure))

    def abandon(self, call: "Call") -> None:
        """Settles a call that the loop does not do any more, unless somebody else has."""
        if self.close(call, STOPPED):
            call.settle(None, loop_stopped(call.what), None)

    # -- on the loop's thread, or when it has stopped

    def is_ending(self) -> bool:
        """Whether the loop is about to stop: then it begins nothing any more."""
        return self.stopped or (self.may_end and self.loop.ending)

    def ends_its_tasks(self) -> bool:
        """Whether a task that is cancelled is so because the loop ends; in that task."""
        if self.is_ending():
            return True
        # What runs programs of asyncio's cancels all tasks when the main one has ended.
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            if frame.f_code in _ENDINGS:
                return True
            frame = frame.f_back
        return False

    # -- on any thread

    def close(self, call: "Call", outcome: str) -> bool:
        """Something has become of a call; whether that was not known yet."""
        # It leaves and is counted in one step.
        try:
            for _ in zip(map(self._leave, (call,)), self._ends[outcome], strict=False):
                return True
        except KeyError:
            pass
        return False

    def end(self) -> None:
        """The loop has stopped, and does nothing of what is left."""
        if self.stopped:
            return
        self.stopped = True
        for call in list(self.pending):
            self.abandon(call)
        if self._ended is not None:
            self._ended(self)
        self._check()

    def _check(self) -> None:
        until = time.monotonic() + _PATIENCE
        while self.difference() and time.monotonic() < until:
            time.sleep(0.001)
        difference = self.difference()
        if difference:
            _LOGGER.error(
                "sluice SL171: a loop has accepted %d calls, and only so many have come to an end:"
                " %s; this is a defect of Sluice",
                self._accepted.total(),
                self.sums(),
            )

    def sums(self) -> dict[str, int]:
        """How many calls have become what."""
        return {outcome: count.total() for outcome, count in self._outcomes.items()}

    def difference(self) -> int:
        """How many calls have been accepted of which nothing has become."""
        return self._accepted.total() - sum(self.sums().values())


def log_failure(text: str, failure: BaseException) -> None:
    """Logs it, with its traceback."""
    _LOGGER.error("%s", text, exc_info=failure)


def log_unreported() -> None:
    """Logs what no loop was there for."""
    while unreported:
        log_failure(*unreported.popleft())
