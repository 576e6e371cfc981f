"""How threads wait on a SafeQueue, and how they are woken.

Nothing here is locked. See SafeQueue for the argument why that is safe; its terms are used here:
what is *straight* is code between whose parts CPython looks neither for signals nor for other
threads. (So it handles no exception: from a handler, the way back to what follows is a jump
backwards, at which CPython looks.)
"""

import contextlib
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from itertools import chain, repeat
from queue import Full
from typing import Any

from sluice._queue_places import place_that_must_not_wait
from sluice._queue_wakes import Wake, of_this_thread

#: The files that operations of a queue run in.
machinery: set[str] = {__file__}

_NOTHING: Any = object()


class Line(deque[Any]):
    """A deque whose first item is removed by an operator, as that is straight where a call is not:
    after a call of C code, CPython looks for signals. Of all ways to do so it is the fastest."""

    __slots__ = ()
    __invert__ = deque.popleft


if sys.version_info >= (3, 13):
    from queue import ShutDown as _Closed
else:

    class _Closed(Exception):
        """What queue.ShutDown is from 3.13 on."""


class QueueClosed(_Closed):
    """The queue is closed: nothing can be put, and nothing is left to get."""


class Side:
    """Those who wait until there is something: getters for items, putters for room.

    What is in `sleepers` wakes a thread, each an iterator by its next step. Whoever makes a change
    removes one and wakes it; that thread takes what is there, or wakes the next. What is in `armed`
    wakes a loop, or a thread that sleeps elsewhere; all are woken for every change.
    """

    __slots__ = (
        "armed",
        "crowds",
        "open",
        "refusal",
        "ring_all",
        "sleepers",
        "stock",
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
        self.sleepers: dict[Iterator[Any], Iterator[Any]] = {}
        self.armed: dict[Iterator[Any], Iterator[Any]] = {}
        #: Tasks that wait, by the bell of their loop.
        self.crowds: dict[Any, Any] = {}
        # These give nothing where there is nobody, and may be asked again.
        self.wake_one = map(next, _taken_from(self.sleepers))
        self.ring_all = map(deque, repeat(map(next, _taken_from(self.armed))), repeat(0))

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
        if self._is_over():
            raise QueueClosed("the queue is closed")
        place = place_that_must_not_wait(machinery)
        if place is not None:
            raise self.refusal(f"{place} must not wait")
        until = None if timeout is None else time.monotonic() + timeout
        wake = of_this_thread()
        while True:
            sleeper = wake.strokes()
            # Made before there is anything to leave, so that leaving is straight.
            leaving = map(dict.pop, (self.sleepers,), (sleeper,), (None,))
            result = _NOTHING
            try:
                self.sleepers[sleeper] = sleeper
                attend()
                try:  # noqa: SIM105 (a call is not straight)
                    result = perform(change, wakes)
                except IndexError:
                    pass
                if result is _NOTHING:
                    self._sleep(wake, until)
                    try:  # noqa: SIM105
                        result = perform(change, wakes)
                    except IndexError:
                        pass
            finally:
                for found in leaving:  # noqa: B007
                    break
                # Whoever has woken this thread has made a change: it may be for another now.
                if found is None and self.stock:
                    for _ in self.wake_one:
                        break
            if result is not _NOTHING:
                return result

    def _is_over(self) -> bool:
        # What is left may still be got, also if it came between a look and the end.
        return not self.open and (not self.stock or self.refusal is Full)

    def _sleep(self, wake: Wake, until: float | None) -> None:
        if not self.open:
            if self._is_over():
                raise QueueClosed("the queue is closed")
            return
        seconds = None if until is None else until - time.monotonic()
        if seconds is not None and seconds <= 0:
            raise self.refusal(
                "there was no room in time" if self.refusal is Full else "nothing came in time"
            )
        wake.wait(seconds)
        wake.silence()

    def disarm(self, waker: Iterator[Any]) -> None:
        """Nobody is to be woken by that any more."""
        self.armed.pop(waker, None)

    def waking_all(self) -> Iterator[Any]:
        """An iterator in C, whose steps wake everybody."""
        return chain(map(next, _taken_from(self.sleepers)), map(next, _taken_from(self.armed)))


def _taken_from(line: dict[Iterator[Any], Iterator[Any]]) -> Iterator[Iterator[Any]]:
    """An iterator in C that takes the first ones out."""
    return map(dict.pop, repeat(line), map(next, map(iter, repeat(line))))


def perform(change: Iterator[Any], wakes: Side) -> Any:
    """Makes a change, which is one step of an iterator in C, wakes who waits for it, and returns
    what the step gave; straight from that step on.

    IndexError means that it cannot be made now, and was not.
    """
    for result in change:  # noqa: B007
        break
    if wakes.sleepers:
        for _ in wakes.wake_one:
            break
    if wakes.armed:
        try:
            for _ in wakes.ring_all:
                break
        except OSError:
            _ring_again(wakes)
    return result


def _ring_again(wakes: Side) -> None:
    """A descriptor could not be written to; the others are rung, and that loop is told its own
    way."""
    from sluice import _queue_loops  # noqa: PLC0415 (not before a loop has waited)

    while wakes.armed:
        with contextlib.suppress(OSError):
            next(wakes.ring_all)
    _queue_loops.tell_all()
