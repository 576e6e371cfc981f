"""A descriptor by which a thread or a loop that sleeps is woken, in one step of C code.

Not a lock, nor anything else that waits in CPython's own list of sleepers: there, a signal that
comes at the wrong moment may end the process, in 3.13 and 3.14 as they were until April 2026
(https://github.com/python/cpython/issues/148820). In 3.14 that is every lock and every queue.
"""

import os
import select
import socket
import threading
from collections.abc import Iterator
from typing import Any


class Wake:
    """An eventfd; a pair of sockets where there is none."""

    __slots__ = ("__weakref__", "_closes", "_poll", "_sockets", "descriptor")

    def __init__(self) -> None:
        self._sockets: tuple[socket.socket, ...] = ()
        if hasattr(os, "eventfd"):
            self.descriptor = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
            # Closes it when this is freed, whatever descriptor it is. __del__ would do so while
            # other finalisers of the same garbage may yet ring, by then somebody else's.
            self._closes = select.epoll.fromfd(self.descriptor)
        else:
            self._sockets = socket.socketpair()
            for each in self._sockets:
                each.setblocking(False)
            self.descriptor = self._sockets[0].fileno()
        self._poll: Any = None

    def __del__(self) -> None:
        for each in self._sockets:
            each.close()

    def strokes(self) -> Iterator[Any]:
        """An iterator whose next step rings, once; it keeps the descriptor open."""
        if self._sockets:
            return map(socket.socket.send, self._sockets[1:], (b"\0",))
        return zip(map(os.eventfd_write, (self.descriptor,), (1,)), (self,), strict=False)

    def silence(self) -> None:
        """It is rung no more, until the next time."""
        try:
            if self._sockets:
                self._sockets[0].recv(4096)
            else:
                os.eventfd_read(self.descriptor)
        except OSError:
            pass  # it was not rung, or is nobody's any more

    def wait(self, seconds: float | None) -> None:
        """Waits until it is rung, or the time is over; may return earlier."""
        if hasattr(select, "poll"):
            if self._poll is None:
                self._poll = select.poll()
                self._poll.register(self.descriptor, select.POLLIN)
            # In milliseconds, rounded up.
            self._poll.poll(
                None if seconds is None else min(int(seconds * 1_000) + 1, 1_000_000_000)
            )
        else:
            select.select([self.descriptor], [], [], seconds)


class _Own(threading.local):
    """Each thread has one, which it makes when it first sleeps."""

    wake: Wake | None = None


_own = _Own()


def of_this_thread() -> Wake:
    """The calling thread's own."""
    wake = _own.wake
    if wake is None:
        wake = _own.wake = Wake()
    return wake
