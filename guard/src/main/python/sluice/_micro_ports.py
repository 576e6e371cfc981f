"""Microthreads that wait for sockets: each socket is registered once, in one epoll for each loop.

On the loop's thread. The system tells each change once (edge-triggered), so only those may wait
here who have tried, and were told that they would have to wait.
"""

import select
import weakref
from typing import Any

from sluice._micro_descriptors import ALWAYS, IN, OUT, PRI

_EDGES = IN | OUT | PRI | (1 << 13) | (1 << 31)  # and the end of what the other side sends


class Port:
    """A socket, and who waits for it."""

    __slots__ = ("dry", "full", "sock", "waits")

    def __init__(self) -> None:
        self.sock: Any = None
        #: Whether it was tried in vain since the last change: to receive, to send.
        self.dry = self.full = False
        self.waits: list[tuple[int, Any]] = []


class Ports:
    """What waits on one loop."""

    def __init__(self, loop: Any) -> None:
        self._poll = select.epoll()
        #: By descriptor. Another socket may have it by now.
        self.by_fd: dict[int, Port] = {}
        loop.add_reader(self._poll.fileno(), self._ready)

    def of(self, sock: Any) -> Port | None:
        """The socket's; None if it cannot have one."""
        fd = sock.fileno()
        port = self.by_fd.get(fd)
        if port is not None and port.sock() is sock:
            return port
        try:
            reference = weakref.ref(sock)
        except TypeError:
            return None
        if port is None:
            port = Port()
        # Whoever waits for the socket that had it tries again.
        try:
            self._poll.register(fd, _EDGES)
        except FileExistsError:
            self._poll.modify(fd, _EDGES)
        port.sock = reference
        port.dry = port.full = False
        self.by_fd[fd] = port
        return port

    def _ready(self) -> None:
        known = self.by_fd.get
        for fd, events in self._poll.poll(0):
            port = known(fd)
            if port is None:
                continue
            if events & ~OUT:
                port.dry = False
            if events & (OUT | ALWAYS):
                port.full = False
            waits = port.waits
            if len(waits) == 1:
                mask, wait = waits[0]
                if events & (mask | ALWAYS):
                    waits.clear()
                    wait.wake(True)
            elif waits:
                port.waits = [each for each in waits if not events & (each[0] | ALWAYS)]
                for mask, wait in waits:
                    if events & (mask | ALWAYS):
                        wait.wake(True)


def wait_for(
    microthread: Any, call: str, where: str, port: Port, mask: int, timeout: float | None
) -> bool:
    """Waits until a socket is ready, or the time is up; for who has tried and noted that."""
    wait = microthread.begin(call, where)
    among = None
    entry = (mask, wait)
    try:
        port.waits.append(entry)
        if timeout is not None:
            among = microthread.home.timers.add(microthread.get_loop(), timeout, wait)
        return microthread.pause(wait) is True
    finally:
        microthread.wait = None
        if among is not None:
            among.pop(wait, None)
        if wait.value is not True:
            port.waits = [each for each in port.waits if each is not entry]


def ports_of(microthread: Any) -> Ports:
    """Those of its loop."""
    home = microthread.home
    if home.ports is None:
        home.ports = Ports(microthread.get_loop())
    found: Ports = home.ports
    return found
