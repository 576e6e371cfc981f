"""When the waits of microthreads end for lack of time; on the loop's thread.

Waits of one length end in the order in which they began, so one timer of the loop is enough for all
of them, and nearly all have one of a few lengths: a socket's timeout, a program's sleep. A wait
that ends before costs no more than an entry in a dictionary.
"""

import contextvars
from functools import partial
from typing import Any

#: Seconds: of a loop that does not say what its own is.
_RESOLUTION = 0.001


class Timers:
    """The loop's."""

    def __init__(self) -> None:
        #: When each wait ends, by how long it lasts, the first first.
        self._lengths: dict[float, dict[Any, float]] = {}
        self._context = contextvars.Context()

    def add(self, loop: Any, seconds: float, wait: Any) -> dict[Any, float]:
        """Ends a wait with None after some seconds; the dictionary to take it from before."""
        waits = self._lengths.get(seconds)
        until = loop.time() + seconds
        if waits is None:
            loop.call_at(until, partial(self._ring, loop, seconds), context=self._context)
            waits = self._lengths[seconds] = {}
        waits[wait] = until
        return waits

    def _ring(self, loop: Any, seconds: float) -> None:
        waits = self._lengths[seconds]
        until = loop.time() + getattr(loop, "_clock_resolution", _RESOLUTION)
        over = []
        following = None
        for wait, end in waits.items():
            if end > until:
                following = end
                break
            over.append(wait)
        for wait in over:
            del waits[wait]
            wait.wake()
        if following is None:
            del self._lengths[seconds]
        else:
            loop.call_at(following, partial(self._ring, loop, seconds), context=self._context)
