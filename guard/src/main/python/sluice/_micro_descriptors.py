"""Microthreads that wait until descriptors are ready: all in one epoll, which the loop watches.

On the loop's thread. Each wait costs one system call, and does not meet what programs have
registered with the loop itself.
"""

import errno
import select
from collections.abc import Callable, Iterable
from typing import Any

from sluice._micro_locks import look_until
from sluice._micro_run import Microthread, now

IN = 1
PRI = 2
OUT = 4
ALWAYS = 8 | 16  # an error, a hang-up
_ONCE = 1 << 30
_KNOWN = IN | PRI | OUT

_Wake = Callable[[Any], object]


class Descriptors:
    """What waits on one loop."""

    def __init__(self, loop: Any) -> None:
        self._poll = select.epoll()
        self._known: set[int] = set()
        self._waits: dict[int, list[tuple[int, _Wake]]] = {}
        loop.add_reader(self._poll.fileno(), self._ready)

    def add(self, fd: int, mask: int, wake: _Wake) -> None:
        waits = self._waits.setdefault(fd, [])
        waits.append((mask, wake))
        try:
            self._arm(fd, waits)
        except BaseException:
            self.remove(fd, wake)
            raise

    def remove(self, fd: int, wake: _Wake) -> None:
        waits = [each for each in self._waits.get(fd, ()) if each[1] is not wake]
        if waits:
            self._waits[fd] = waits
        else:
            self._waits.pop(fd, None)

    def _arm(self, fd: int, waits: Iterable[tuple[int, _Wake]]) -> None:
        mask = _ONCE
        for each, _ in waits:
            mask |= each
        if fd in self._known:
            try:
                self._poll.modify(fd, mask)
                return
            except FileNotFoundError:
                pass  # it was closed, and opened again
        try:
            self._poll.register(fd, mask)
        except FileExistsError:
            self._poll.modify(fd, mask)
        self._known.add(fd)

    def _ready(self) -> None:
        for fd, events in self._poll.poll(0):
            waits = self._waits.pop(fd, None)
            if waits is None:
                continue
            rest = []
            for each in waits:
                mask, wake = each
                if events & (mask | ALWAYS):
                    wake(True)
                else:
                    rest.append(each)
            if rest:
                self._waits[fd] = rest
                try:
                    self._arm(fd, rest)
                except OSError:
                    for _, wake in rest:
                        wake(True)


def has_descriptors() -> bool:
    """Whether this system can do it."""
    return hasattr(select, "epoll")


def wait_ready(
    microthread: Microthread,
    call: str,
    where: str,
    wanted: Iterable[tuple[int, int]],
    timeout: float | None,
) -> bool:
    """Waits until one of some descriptors is ready for what its mask says, or the time is up.

    Raises what the system says of a descriptor that cannot be waited for, as an ordinary file.
    """
    home = microthread.home
    wait = microthread.begin(call, where)
    among = None
    wake = wait.wake
    added = []
    try:
        if home.descriptors is None:
            home.descriptors = Descriptors(microthread.get_loop())
        for fd, mask in wanted:
            home.descriptors.add(fd, mask & _KNOWN, wake)
            added.append(fd)
        if timeout is not None:
            among = home.timers.add(microthread.get_loop(), timeout, wait)
        found = microthread.pause(wait)
    finally:
        microthread.wait = None
        if among is not None:
            among.pop(wait, None)
        for fd in added:
            home.descriptors.remove(fd, wake)
    return found is True


def wait_until(
    microthread: Microthread,
    call: str,
    where: str,
    wanted: Iterable[tuple[int, int]],
    test: Callable[[], Any],
    timeout: float | None,
) -> Any:
    """What a test says as soon as that is something, or when the time is up.

    Descriptors of which the system cannot tell are looked at from time to time.
    """
    deadline = None if timeout is None else now() + timeout
    found = test()
    wanted = list(wanted)
    while not found:
        left = None if deadline is None else deadline - now()
        if left is not None and left <= 0:
            return found
        try:
            wait_ready(microthread, call, where, wanted, left)
        except OSError as error:
            if error.errno not in (errno.ELOOP, errno.EPERM, errno.EBADF, errno.EINVAL):
                raise
            results: list[Any] = []

            def look(results: list[Any] = results) -> bool:
                results[:] = [test()]
                return bool(results[0])

            look_until(microthread, call, where, look, left)
            return results[0]
        found = test()
    return found
