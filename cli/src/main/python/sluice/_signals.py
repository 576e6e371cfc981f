"""Signals for a program in a Java virtual machine, as it knows them from python.

CPython's own handler notes a signal on whatever thread gets it, and Python's main thread runs the
Python handler later. In python the main thread is the process's first one, which is also the one
that the kernel interrupts; here it is not, so a main thread that blocks in a system call would not
notice. Therefore CPython's wakeup descriptor leads to a thread, which then sends a signal to the
main thread alone: its handler does nothing, but the system call ends, and CPython runs what is due.
A loop of ours that the main thread runs is woken as other threads wake it.
A main thread that waits in Java is interrupted by Java, which sees each signal first
(SignalWatch.java).
"""

import _thread
import atexit
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

# By default ignored, and of no use to nearly everybody.
_WAKE = signal.SIGURG
_FIRST_PAUSE = 0.01
_LONGEST_PAUSE = 1.0


class _Waker:
    """Wakes the main thread; runs on a thread of its own, which threading does not list."""

    def __init__(
        self,
        on_wake: Callable[[int, FrameType | None], Any],
        wakes: Callable[[], int],
        watch: Callable[[int, int, int], bool],
    ):
        self._on_wake = on_wake
        self._wakes = wakes
        self._main = threading.main_thread().ident
        source, self._writer = os.pipe()
        os.set_blocking(self._writer, False)
        handed_on, sink = os.pipe()
        is_watched = watch(source, sink, _WAKE)
        self._reader, unused = (handed_on, source) if is_watched else (source, handed_on)
        os.close(sink)
        os.close(unused)
        self._set_wakeup_fd = signal.set_wakeup_fd

    def start(self) -> None:
        signal.signal(_WAKE, self._on_wake)
        self._set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        signal.set_wakeup_fd = self.set_wakeup_fd
        _thread.start_new_thread(self._run, ())
        # Registered first, so run last: after the program's own threads and exit functions.
        atexit.register(self._stop)

    def set_wakeup_fd(self, fd: int, *, warn_on_full_buffer: bool = True) -> int:
        """Stands in for signal.set_wakeup_fd: falls back to our descriptor instead of none.

        asyncio sets one of its own while it handles signals, and none when it is done.
        """
        if fd == -1:
            old = self._set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        else:
            old = self._set_wakeup_fd(fd, warn_on_full_buffer=warn_on_full_buffer)
        return -1 if old == self._writer else old

    def _run(self) -> None:
        while numbers := os.read(self._reader, 512):
            if any(number != _WAKE for number in numbers):
                self._wake()
        os.close(self._reader)

    def _wake(self) -> None:
        """Sends again until it was seen: it may come just before the main thread starts to wait."""
        before = self._wakes()
        pause = _FIRST_PAUSE
        while self._main is not None:
            _wake_loop()
            signal.pthread_kill(self._main, _WAKE)
            if signal.getsignal(_WAKE) != self._on_wake:
                return  # The program uses that signal itself, so nobody can tell.
            time.sleep(pause)
            if self._wakes() != before:
                return
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _stop(self) -> None:
        self._set_wakeup_fd(-1)
        os.close(self._writer)


def _wake_loop() -> None:
    """A main thread that sleeps in a loop of ours is woken as the loop is."""
    loops = sys.modules.get("sluice._loop_runs")
    if loops is not None:
        loops.wake_main()


def install(
    on_wake: Callable[[int, FrameType | None], Any],
    wakes: Callable[[], int],
    watch: Callable[[int, int, int], bool],
) -> None:
    """Gives the program its signals; once, on the main thread.

    on_wake is the handler of the signal that wakes, and wakes says how often it ran; watch has Java
    see the signals that come from one descriptor, and hand them on to another. Java brings them
    (WakeSignal.java and SignalWatch.java say why).
    """
    if not hasattr(signal, "pthread_kill"):
        return
    # The virtual machine's handlers, which Python cannot name (so that what signal.signal returned
    # could not be put back), make place for what python begins with.
    if signal.getsignal(signal.SIGINT) is None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for ending in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(ending) is None:
            signal.signal(ending, signal.SIG_DFL)
    _Waker(on_wake, wakes, watch).start()
