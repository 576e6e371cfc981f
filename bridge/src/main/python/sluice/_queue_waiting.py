"""How threads wait on a SafeQueue, and how they are woken.

Nothing here is locked. See SafeQueue for the argument why that is safe; its terms are used here:
what is *straight* is code between whose parts CPython looks neither for signals nor for other
threads.
"""

import contextlib
import sys
import time
from _queue import Empty, SimpleQueue
from _thread import LockType, allocate_lock
from collections import deque
from collections.abc import Callable, Iterator
from itertools import chain, repeat, takewhile
from operator import truth
from typing import Any

from sluice._queue_places import place_that_must_not_wait

#: The files that operations of a queue run in.
machinery: set[str] = {__file__}

#: Before 3.13, a SimpleQueue that waits with a limit of time waits for ever where the limit is
#: over when a signal has been handled.
_LIMITS_HOLD = sys.version_info >= (3, 13)


class Line(deque[Any]):
    """A deque whose operations are attributes, as reading and setting those is straight where a
    call is not: after a call of C code, CPython looks for signals."""

    __slots__ = ()
    entry = property(None, deque.append)
    exit = property(deque.popleft)


class Tokens(SimpleQueue[None]):
    """What wakes sleeping threads: each takes one."""

    __slots__ = ()
    exit = property(SimpleQueue.get)
    exit_now = property(SimpleQueue.get_nowait)


if sys.version_info >= (3, 13):
    from queue import ShutDown as _Closed
else:

    class _Closed(Exception):
        """What queue.ShutDown is from 3.13 on."""


class QueueClosed(_Closed):
    """The queue is closed: nothing can be put, and nothing is left to get."""


class Side:
    """Those who wait until there is something: getters for items, putters for room.

    A thread that sleeps has an entry in `sleepers`; whoever wakes it makes a token of that. There
    are never fewer entries and tokens together than threads that sleep, so that nobody is slept
    past; one too many wakes somebody in vain. What is in `armed` is rung for every change: each is
    an iterator, and its next step wakes somebody, once.
    """

    __slots__ = (
        "armed",
        "attend",
        "crowds",
        "open",
        "refusal",
        "ring_all",
        "sleepers",
        "stock",
        "tokens",
        "wake_one",
    )

    def __init__(
        self, stock: deque[Any], is_open: deque[bool], refusal: Callable[[str], Exception]
    ) -> None:
        #: What is waited for.
        self.stock = stock
        #: Not empty until the queue is closed.
        self.open = is_open
        #: What is raised in the place of waiting.
        self.refusal = refusal
        self.sleepers = Line()
        self.tokens = Tokens()
        self.armed: Line = Line()
        #: Tasks that wait, by the bell of their loop.
        self.crowds: dict[Any, Any] = {}
        self.wake_one = map(self.tokens.put, map(deque.popleft, repeat(self.sleepers)))
        # Ends by the IndexError of the last popleft, whatever was there.
        self.ring_all = map(
            deque, repeat(map(next, map(deque.popleft, repeat(self.armed)))), repeat(0)
        )

    def acquire(
        self,
        change: Iterator[Any],
        wakes: "Side",
        attend: Callable[[], object],
        timeout: float | None,
    ) -> Any:
        """Waits until the change can be made, and makes it.

        attend tells those who make the change that is waited for that somebody waits.
        """
        if not self.open and not self.stock:
            raise QueueClosed("the queue is closed")
        place = place_that_must_not_wait(machinery)
        if place is not None:
            raise self.refusal(f"{place} must not wait")
        if timeout is None:
            return self._sleep(change, wakes, attend, None)
        until = time.monotonic() + timeout
        if _LIMITS_HOLD:
            return self._sleep(change, wakes, attend, until)
        return self._sleep_with_lock(change, wakes, attend, until)

    def _sleep(
        self,
        change: Iterator[Any],
        wakes: "Side",
        attend: Callable[[], object],
        until: float | None,
    ) -> Any:
        while True:
            try:
                self.sleepers.entry = None
                attend()
                result = perform(change, wakes)
            except IndexError:
                pass
            except BaseException:
                self._forget()
                raise
            else:
                # As _forget, but straight: the result is not to be lost here.
                try:
                    _ = self.sleepers.exit
                except IndexError:
                    try:  # noqa: SIM105 (not straight)
                        _ = self.tokens.exit_now
                    except Empty:
                        pass
                return result
            try:
                self._refuse_if_closed()
                if until is None:
                    _ = self.tokens.exit
                else:
                    self._refuse_if_over(until)
                    for _ in map(self.tokens.get, (True,), (left(until),)):
                        break
            except Empty:
                self._forget()
                raise self.refusal("nothing came in time") from None
            except BaseException:
                self._forget()
                raise
            try:
                return perform(change, wakes)
            except IndexError:
                pass  # somebody else was faster
            except BaseException:
                # The token was for something that is still there: it is another's now.
                if self.sleepers:
                    for _ in self.wake_one:
                        break
                raise

    def _sleep_with_lock(
        self,
        change: Iterator[Any],
        wakes: "Side",
        attend: Callable[[], object],
        until: float,
    ) -> Any:
        while True:
            lock = allocate_lock()
            lock.acquire()
            waker = map(LockType.release, (lock,))
            try:
                self.armed.entry = waker
                attend()
                return perform(change, wakes)
            except IndexError:
                pass
            except BaseException:
                self.disarm(waker)
                raise
            try:
                self._refuse_if_closed()
                if not lock.acquire(True, left(until)):
                    raise self.refusal("nothing came in time")
            except BaseException:
                self.disarm(waker)
                raise

    def _refuse_if_closed(self) -> None:
        if not self.open:
            raise QueueClosed("the queue is closed")

    def _refuse_if_over(self, until: float) -> None:
        if until <= time.monotonic():
            raise Empty

    def _forget(self) -> None:
        """A thread sleeps no more, whose token was not taken."""
        try:
            _ = self.sleepers.exit
        except IndexError:
            with contextlib.suppress(Empty):
                _ = self.tokens.exit_now

    def disarm(self, waker: Iterator[Any]) -> None:
        """Nobody is to be woken by that any more."""
        with contextlib.suppress(ValueError):  # it was rung
            self.armed.remove(waker)

    def waking_all(self) -> Iterator[Any]:
        """An iterator in C, whose steps wake everybody."""
        return chain(map(self.tokens.put, _popped(self.sleepers)), map(next, _popped(self.armed)))


def _popped(line: deque[Any]) -> Iterator[Any]:
    return map(deque.popleft, takewhile(truth, repeat(line)))


def left(until: float) -> float:
    """The time that is left, in seconds."""
    return max(until - time.monotonic(), 0.0)


def perform(change: Iterator[Any], wakes: Side) -> Any:
    """Makes a change, which is one step of an iterator in C, wakes who waits for it, and returns
    what the step gave; straight from that step on.

    IndexError means that it cannot be made now, and was not.
    """
    for result in change:  # noqa: B007
        break
    if wakes.sleepers:
        try:
            for _ in wakes.wake_one:
                break
        except IndexError:
            pass
    if wakes.armed:
        try:
            for _ in wakes.ring_all:
                break
        except IndexError:
            pass
        except OSError:
            _ring_again(wakes)
    return result


def _ring_again(wakes: Side) -> None:
    """A descriptor could not be written to; the others are rung, and that loop is told its own
    way."""
    from sluice import _queue_loops  # noqa: PLC0415 (not before a loop has waited)

    while wakes.armed:
        try:
            next(wakes.ring_all)
        except IndexError:
            break
        except OSError:
            pass
    _queue_loops.tell_all()
