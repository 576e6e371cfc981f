"""Signals for a program in a Java virtual machine, as it knows them from python.

CPython's own handler notes a signal on whatever thread gets it, and Python's main thread runs the
Python handler later. In python the main thread is the process's first one, which is also the one that
the kernel interrupts; here it is not, so a main thread that blocks in a system call would not notice.
Therefore CPython's wakeup descriptor leads to a thread, which then sends a signal to the main thread
alone: its handler does nothing, but the system call ends, and CPython runs what is due.
"""

import _thread
import atexit
import os
import signal
import threading
import time
from types import FrameType

# By default ignored, and of no use to nearly everybody.
_WAKE = signal.SIGURG
_FIRST_PAUSE = 0.01
_LONGEST_PAUSE = 1.0


class _Waker:
    """Wakes the main thread; runs on a thread of its own, which threading does not list."""

    def __init__(self) -> None:
        self._main = threading.main_thread().ident
        self._reader, self.writer = os.pipe()
        os.set_blocking(self.writer, False)
        self._seen = 0
        self._due = 0

    def on_wake(self, signum: int, frame: FrameType | None) -> None:
        """The handler of the signal that wakes; on the main thread."""
        self._seen = self._due

    def run(self) -> None:
        while numbers := os.read(self._reader, 512):
            if any(number != _WAKE for number in numbers):
                self._wake()
        os.close(self._reader)

    def _wake(self) -> None:
        """Sends again until it was seen: it may come just before the main thread starts to wait."""
        self._due += 1
        pause = _FIRST_PAUSE
        while self._main is not None:
            signal.pthread_kill(self._main, _WAKE)
            if signal.getsignal(_WAKE) != self.on_wake:
                return  # The program uses that signal itself, so nobody can tell.
            time.sleep(pause)
            if self._seen == self._due:
                return
            pause = min(2 * pause, _LONGEST_PAUSE)

    def stop(self) -> None:
        _set_wakeup_fd(-1)
        os.close(self.writer)


_waker: _Waker | None = None
_set_wakeup_fd = signal.set_wakeup_fd


def set_wakeup_fd(fd: int, *, warn_on_full_buffer: bool = True) -> int:
    """signal.set_wakeup_fd, which falls back to our descriptor instead of none (asyncio resets it)."""
    ours = -1 if _waker is None else _waker.writer
    if fd == -1:
        old = _set_wakeup_fd(ours, warn_on_full_buffer=False)
    else:
        old = _set_wakeup_fd(fd, warn_on_full_buffer=warn_on_full_buffer)
    return -1 if old == ours else old


def install() -> None:
    """Gives the program its signals; once, on the main thread."""
    global _waker
    if not hasattr(signal, "pthread_kill"):
        return
    if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    _waker = _Waker()
    signal.signal(_WAKE, _waker.on_wake)
    _set_wakeup_fd(_waker.writer, warn_on_full_buffer=False)
    signal.set_wakeup_fd = set_wakeup_fd
    _thread.start_new_thread(_waker.run, ())
    # Registered first, so run last: after the program's own threads and exit functions.
    atexit.register(_waker.stop)
