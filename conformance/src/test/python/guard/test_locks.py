"""A guarded acquire is all or nothing, also where a signal handler raises at any point of it."""

import _thread
import signal
import sys
import threading
import time
import unittest
from typing import Any

from helpers import GuardTest

import sluice.guard

#: So many interrupts each; they come as often as the system allows.
_INTERRUPTS = 10_000
_MOST_SECONDS = 8.0


class Interrupt(Exception):
    """Raised by the signal handler."""


def interrupt(*_: object) -> None:
    raise Interrupt


class Held:
    """Counts the interrupts after which a lock was held."""

    def __init__(self, lock: Any, use: Any) -> None:
        self.lock = lock
        self.use = use
        self.interrupts = 0
        self.held = 0

    def run(self) -> None:
        until = time.monotonic() + _MOST_SECONDS
        armed = True
        while self.interrupts < _INTERRUPTS and time.monotonic() < until:
            try:
                signal.setitimer(signal.ITIMER_REAL, 20e-6)
                armed = True
                while True:
                    self.use(self.lock)
            except Interrupt:
                pass
            if armed:
                self.interrupts += 1
                armed = False
                self.look()

    def look(self) -> None:
        """Another thread tries whether it is free."""
        if isinstance(self.lock, type(threading.Lock())):
            if self.lock.locked():
                self.held += 1
                self.lock.release()
            return
        while self.lock._is_owned():
            self.held += 1
            self.lock.release()


def with_statement(lock: Any) -> None:
    with lock:
        pass


class AllOrNothing(GuardTest):
    """Beside the native locks: a with statement of theirs leaves none held."""

    def check(self, lock: Any, use: Any = with_statement) -> None:
        before = signal.signal(signal.SIGALRM, interrupt)
        try:
            held = Held(lock, use)
            held.run()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
        print(f"{type(lock).__name__}: {held.interrupts} interrupts, {held.held} held")
        self.assertGreater(held.interrupts, 300)
        self.assertEqual(0, held.held)

    def test_a_lock_of_a_thread_that_is_not_guarded(self) -> None:
        self.install()
        self.check(threading.Lock())

    def test_an_rlock_of_one(self) -> None:
        self.install()
        self.check(threading.RLock())

    def test_a_lock_of_a_guarded_thread(self) -> None:
        self.install()
        with sluice.guard.guarded():
            self.check(threading.Lock())

    def test_an_rlock_of_a_guarded_thread(self) -> None:
        self.install()
        with sluice.guard.guarded():
            self.check(threading.RLock())

    def test_a_lock_that_others_want(self) -> None:
        """So that it has to be waited for, which is reported."""
        self.install("report")
        lock = threading.Lock()
        ended = threading.Event()

        def contend() -> None:
            while not ended.is_set():
                with lock:
                    time.sleep(0)

        thread = threading.Thread(target=contend)
        thread.start()
        before = signal.signal(signal.SIGALRM, interrupt)
        interrupts = 0
        lost = 0
        until = time.monotonic() + 5
        with sluice.guard.guarded():
            while time.monotonic() < until:
                try:
                    signal.setitimer(signal.ITIMER_REAL, 200e-6)
                    while True:
                        with lock:
                            pass
                except Interrupt:
                    interrupts += 1
                signal.setitimer(signal.ITIMER_REAL, 0)
                with sluice.guard.allow("locks"):
                    if lock.acquire(timeout=5):
                        lock.release()
                    else:
                        lost += 1
                        lock.release()
        signal.signal(signal.SIGALRM, before)
        ended.set()
        thread.join()
        print(f"contended: {interrupts} interrupts, {lost} held")
        self.assertGreater(interrupts, 100)
        self.assertEqual(0, lost)


class AsBefore(GuardTest):
    """Locks do what they do without a guard."""

    def test_results(self) -> None:
        def results() -> list[object]:
            lock, recursive = threading.Lock(), threading.RLock()
            found: list[object] = [lock.acquire(), lock.acquire(False), lock.acquire(timeout=0.01)]
            found += [recursive.acquire(), recursive.acquire(), recursive.__enter__()]
            lock.release()
            found.append(lock.__enter__())
            for arguments in ((False, 1), (True, -2), (1, 2, 3)):
                try:
                    found.append(lock.acquire(*arguments))
                except (ValueError, TypeError) as error:
                    found.append(type(error))
            return found

        plain = results()
        self.install("off")
        self.assertEqual(plain, results())
        with sluice.guard.guarded():
            self.assertEqual(plain, results())
        self.assertIsInstance(_thread.allocate_lock(), type(threading.Lock()))

    def test_conditions_give_back_what_they_took(self) -> None:
        self.install()
        condition = threading.Condition()
        with condition:
            self.refused(condition.wait)
            self.assertTrue(condition._is_owned())  # type: ignore[attr-defined]
        self.assertTrue(condition.acquire(False))
        condition.release()


if __name__ == "__main__":
    sys.setswitchinterval(0.001)
    unittest.main()
