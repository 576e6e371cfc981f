"""The selector of a loop that sleeps in Java; on the loop's thread."""

import selectors
from collections.abc import Callable, Mapping, Sized
from time import monotonic
from typing import Any

_DESCRIPTORS = 1
_CALLS = 2
_FOR_EVER = -1

#: While there are callbacks to run, it looks for events this often: seconds. Each look costs as
#: much as several callbacks, and gives other threads the GIL.
_LOOKS_EVERY = 100e-6

Ready = list[tuple[selectors.SelectorKey, int]]


class FusedSelector(selectors.BaseSelector):
    """Python's descriptors in an epoll of their own, which is one descriptor more in Netty's.

    Whoever hands the loop something on another thread first puts it into the queue, then looks
    whether the loop is asleep; the loop first says that it is, then looks into the queue. One of
    the two sees the other.
    """

    def __init__(self, door: Any, queue: Sized, called: Callable[[], None]) -> None:
        """door are the functions of dev.sluice.bridge.LoopDoor; queue is what must be empty for the
        loop to sleep, and called what to do when Java has calls for the loop."""
        self._await, self.take, self._wake, self._wake_and_wait, *others = door
        self.own, self.leave, self._watch, self._close, self.number = others
        self._queue = queue
        self._called = called
        self._inner = selectors.EpollSelector()
        self._watched = False
        #: Whether the loop has to be woken; any thread may ask, and whoever wakes it says no.
        self.asleep = False
        #: When it looked for events, by the monotonic clock.
        self._looked = 0.0
        #: Whether descriptors were ready when it last looked.
        self._busy = False

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        if not self._watched:
            self._watch(self._inner.fileno())
            self._watched = True
        return self._inner.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._inner.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._inner.modify(fileobj, events, data)

    def get_key(self, fileobj: Any) -> selectors.SelectorKey:
        return self._inner.get_key(fileobj)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._inner.get_map()

    def select(self, timeout: float | None = None) -> Ready:
        if timeout is not None and timeout <= 0:
            now = monotonic()
            if now - self._looked < _LOOKS_EVERY:
                return []
            self._looked = now
            return self._found(self._await(0))
        if self._busy:
            # The descriptors are likely to be ready again; Java has its turn soon.
            ready = self._inner.select(0)
            if ready and monotonic() - self._looked < _LOOKS_EVERY:
                return ready
            self._busy = False
            if ready:
                self._looked = monotonic()
                return ready + self._found(self._await(0) & _CALLS)
        self.asleep = True
        nanos = _FOR_EVER if timeout is None else int(timeout * 1e9)
        found = self._await(0 if self._queue else nanos)
        self.asleep = False
        self._looked = monotonic()
        return self._found(found)

    def _found(self, what: int) -> Ready:
        """What is ready now, as Java has told."""
        if what & _CALLS:
            self._called()
        if not what & _DESCRIPTORS:
            return []
        ready = self._inner.select(0)
        self._busy = bool(ready)
        return ready

    def look_at_once(self) -> None:
        """Has the next pass look for events even if there has been a look just before."""
        self._looked = 0.0

    def rouse(self, waits: bool = False) -> None:
        """Wakes the loop, which is asleep; any thread, which may say that it waits next for what
        comes of it. If that fails, whoever tries next hears of it as well."""
        self.asleep = False
        try:
            if waits:
                self._wake_and_wait()
            else:
                self._wake()
        except BaseException:
            self.asleep = True
            raise

    def close(self) -> None:
        self._inner.close()
        self._close()
