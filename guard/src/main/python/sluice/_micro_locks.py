"""How a microthread waits for what another one, or a thread, gives back or puts into a queue.

Who gives back a lock by release() tells the first that waits. A with statement does not tell, as a
function of Python's in the place of its end could be hit by a signal, and leave the lock held. So
after each step of a microthread the loop looks at the locks that others wait for; and one that
another thread may hold, it looks at again after some time.
"""

import contextlib
import threading
from _queue import SimpleQueue
from _thread import LockType
from collections import deque
from collections.abc import Callable
from typing import Any

from sluice._micro_homes import called, is_taken, waiting, wake_next
from sluice._micro_run import Microthread, now

#: Seconds: how soon the first that waits looks again, and at last; and all others, who are told.
_SOONEST = 0.0005
_LATEST = 0.02
_SELDOM = 0.25
_TOLD = 1.0

_CONDITION_WAIT = threading.Condition.wait.__code__


class Turn:
    """A microthread's wait for one lock or queue: on its thread, but for wake."""

    def __init__(self, microthread: Microthread, call: str, where: str, target: Any) -> None:
        self._microthread = microthread
        self._call = call
        self._where = where
        self._target = target
        self._deadline: float | None = None
        self._pause = _SOONEST
        self._wait: Any = None
        self._woken = False
        self._again = False
        #: Whether whoever gives it back says so.
        self.is_told = False
        #: Whether a cancellation ends the wait.
        self.is_cancellable = True

    def until(self, timeout: float | None) -> None:
        if timeout is not None and timeout != -1:
            if timeout < 0:
                raise ValueError("'timeout' must be a non-negative number")
            self._deadline = now() + timeout

    def called_from(self, code: Any) -> None:
        self.is_told = code is _CONDITION_WAIT or isinstance(self._target, SimpleQueue)

    def wake(self) -> bool:
        """Has it try again; any thread."""
        self._woken = True
        wait = self._wait
        return wait is None or wait.wake(True)

    def _is_worth_it(self) -> bool:
        if isinstance(self._target, SimpleQueue):
            return self._target.qsize() > 0
        return type(self._target) is LockType and not is_taken(self._target)

    def wait(self) -> bool:
        """Waits until it is worth trying; False if the time is up."""
        me = self._microthread
        key = id(self._target)
        left = None if self._deadline is None else self._deadline - now()
        if left is not None and left <= 0:
            return False
        queue = waiting.get(key)
        if queue is None:
            queue = waiting.setdefault(key, deque())
        is_first = not queue
        self._woken = False
        wait = self._wait = me.begin(self._call, self._where, self.is_cancellable)
        among = None
        try:
            if self._again:
                queue.appendleft(self)
            else:
                queue.append(self)
                self._again = True
            # So an RLock that another thread has is not looked at after each step.
            if not self.is_told and is_taken(self._target):
                me.home.lock_waits[key] = self._target
            # Whoever gave it back before this did not know that somebody waits.
            if not self._woken and not self._is_worth_it():
                pause = _TOLD if self.is_told else self._pause if is_first else _SELDOM
                self._pause = min(2 * self._pause, _LATEST)
                seconds = pause if left is None else min(pause, left)
                among = me.home.timers.add(me.get_loop(), seconds, wait)
                me.pause(wait, self.is_cancellable)
        except BaseException:
            self._leave(queue, key)
            if self._woken:
                wake_next(key)
            raise
        finally:
            me.wait = self._wait = None
            if called.get(key) is self:
                del called[key]
            if among is not None:
                among.pop(wait, None)
        self._leave(queue, key)
        return True

    def _leave(self, queue: deque[Any], key: int) -> None:
        with contextlib.suppress(ValueError):
            queue.remove(self)
        if not queue:
            if waiting.get(key) is queue and not queue:
                waiting.pop(key, None)
            self._microthread.home.lock_waits.pop(key, None)


#: Seconds between two looks at what nobody tells about: a thread's end, a semaphore of processes.
_FIRST_LOOK = 0.001


def look_until(
    microthread: Microthread,
    call: str,
    where: str,
    test: Callable[[], bool],
    timeout: float | None,
) -> bool:
    """Looks from time to time until something is true; whether it became so in time."""
    deadline = None if timeout is None else now() + timeout
    pause = _FIRST_LOOK
    while not test():
        left = pause if deadline is None else min(pause, deadline - now())
        if left <= 0:
            return False
        microthread.sleep(left, call, where)
        pause = min(2 * pause, _LATEST)
    return True
