"""Places that must not wait: a SafeQueue refuses there, and says why."""

import gc
import queue
import signal
import sys
import threading
import unittest
import weakref
from collections.abc import Callable, Iterator
from typing import Any

from ledger import SOON, until

import sluice


class Thing:
    """Something that can be dropped."""


class Places(unittest.TestCase):
    """Getters, without a bound."""

    def setUp(self) -> None:
        self.queue: Any = sluice.SafeQueue()

    def refuses_to_wait(self, place: str) -> None:
        with self.assertRaisesRegex(queue.Empty, place):
            self.queue.get()
        with self.assertRaisesRegex(queue.Empty, place):
            self.queue.get(timeout=SOON)
        self.done.append(place)

    def check(self, place: str, run: Callable[[], object]) -> None:
        self.done: list[str] = []
        with self.subTest(place):
            run()
            self.assertEqual([place], self.done)

    def test_a_handler_does_not_wait(self) -> None:
        for handler in (
            lambda *_: self.refuses_to_wait("a signal handler"),
            self.handles,
            Handler(self),
        ):
            before = signal.signal(signal.SIGUSR1, handler)
            self.check("a signal handler", lambda: signal.raise_signal(signal.SIGUSR1))
            signal.signal(signal.SIGUSR1, before)

    def test_a_handler_that_is_called_as_others_are_waits(self) -> None:
        def handle(*_: object) -> None:
            got.append(self.queue.get())

        got: list[object] = []
        before = signal.signal(signal.SIGUSR1, handle)
        thread = threading.Timer(0.02, self.queue.put, ("item",))
        thread.start()
        handle(signal.SIGUSR1, None)
        signal.signal(signal.SIGUSR1, before)
        self.assertEqual(["item"], got)

    def handles(self, *_: object) -> None:
        self.refuses_to_wait("a signal handler")

    def test_a_finaliser_does_not_wait(self) -> None:
        check = self.refuses_to_wait

        class Ends:
            def __init__(self, place: str) -> None:
                self.place = place

            def __del__(self) -> None:
                check(self.place)

        def closes() -> Iterator[None]:
            try:
                yield
            finally:
                check("what closes a generator")

        def collects() -> None:
            circle: Any = Ends("a garbage collection")
            circle.itself = circle
            del circle
            gc.collect()

        def drops_generator() -> None:
            generator = closes()
            next(generator)
            del generator

        def drops_referent() -> None:
            thing = Thing()
            kept = weakref.ref(thing, lambda _: check("a callback of a weak reference"))
            del thing
            self.assertIsNone(kept())

        self.check("__del__", lambda: Ends("__del__") and None)
        self.check("a garbage collection", collects)
        self.check("what closes a generator", drops_generator)
        self.check("a callback of a weak reference", drops_referent)

    def test_a_thread_may_wait_whose_argument_is_a_reference_that_is_dead(self) -> None:
        """As those of concurrent.futures get one to whoever has started them."""

        def work(reference: Any, found: list[object]) -> None:
            found.append(self.queue.get(timeout=SOON))

        dead = weakref.ref(Thing())
        found: list[object] = []
        threads = [
            threading.Thread(target=target, args=(dead, found)) for target in (work, self.takes)
        ]
        for thread in threads:
            thread.start()
        until(lambda: len(self.queue._getters.sleepers) == 2)
        self.queue.put(1)
        self.queue.put(2)
        for thread in threads:
            thread.join(SOON)
        self.assertEqual([1, 2], sorted(found))

    def takes(self, reference: Any, found: list[object]) -> None:
        found.append(self.queue.get(timeout=SOON))

    def test_what_watches_does_not_wait(self) -> None:
        place = "a trace or profile function"

        def look(*_: object) -> None:
            if not self.done:
                self.refuses_to_wait(place)

        def watched(install: Any) -> None:
            install(look)
            until(lambda: True)
            install(None)

        for install in (sys.settrace, sys.setprofile):
            self.check(place, lambda install=install: watched(install))  # type: ignore[misc]

    def test_what_interrupts_a_wait_does_not_wait(self) -> None:
        def monitored(*_: object) -> None:
            self.refuses_to_wait("an operation of a queue that was interrupted")

        def interrupt() -> None:
            monitored()
            self.queue.put("item")

        def waits() -> None:
            # A handler that is no longer installed when it asks.
            self.assertEqual("item", self.queue.get())

        def handle(*_: object) -> None:
            signal.signal(signal.SIGALRM, signal.SIG_IGN)
            interrupt()

        signal.signal(signal.SIGALRM, handle)
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        self.check("an operation of a queue that was interrupted", waits)


class Handler:
    """A handler that is an object."""

    def __init__(self, test: Places) -> None:
        self.test = test

    def __call__(self, *_: object) -> None:
        self.test.handles()


class Room(unittest.TestCase):
    """Putters, without room."""

    def setUp(self) -> None:
        self.small: Any = sluice.SafeQueue(1)
        self.small.put("first")

    def test_a_finaliser_does_not_wait_for_room(self) -> None:
        raised: list[Exception] = []
        small = self.small

        class Ends:
            def __del__(self) -> None:
                try:
                    small.put("more")
                except queue.Full as full:
                    raised.append(full)

        Ends()
        self.assertEqual("__del__ must not wait", str(raised[0]))

    def test_a_handler_does_not_wait_for_room(self) -> None:
        before = signal.signal(signal.SIGUSR1, lambda *_: self.small.put("more"))
        with self.assertRaisesRegex(queue.Full, "a signal handler must not wait"):
            signal.raise_signal(signal.SIGUSR1)
        signal.signal(signal.SIGUSR1, before)


if __name__ == "__main__":
    unittest.main()
