"""What a SafeQueue does, with a bound and without, on threads."""

import contextlib
import copy
import gc
import os
import pickle
import queue
import signal
import sys
import time
import unittest
import weakref
from collections.abc import Iterator
from typing import Any
from unittest import mock

from ledger import SOON, on_thread, until

import sluice
from sluice import _queue_waiting


class Thing:
    """Something that can be dropped."""


class Either(unittest.TestCase):
    """What is the same with a bound and without."""

    bound = 0

    def setUp(self) -> None:
        self.queue: Any = sluice.SafeQueue(self.bound)

    def asleep(self, count: int) -> None:
        until(lambda: len(self.queue._getters.sleepers) == count)

    def test_first_in_first_out(self) -> None:
        for number in range(3):
            self.queue.put(number)
        self.queue.put_nowait(3)
        self.assertEqual(4, self.queue.qsize())
        self.assertFalse(self.queue.empty())
        self.assertEqual([0, 1], [self.queue.get(), self.queue.get(False)])
        self.assertEqual([2, 3], [self.queue.get(timeout=1), self.queue.get_nowait()])
        self.assertTrue(self.queue.empty())

    def test_without_an_item(self) -> None:
        self.assertRaises(queue.Empty, self.queue.get_nowait)
        self.assertRaises(queue.Empty, self.queue.get, False)
        began = time.monotonic()
        self.assertRaises(queue.Empty, self.queue.get, timeout=0.05)
        self.assertGreaterEqual(time.monotonic() - began, 0.05)
        self.assertRaises(queue.Empty, self.queue.get, timeout=0)
        self.assertRaises(ValueError, self.queue.get, timeout=-1)

    def test_timeouts_hold_when_signals_are_handled(self) -> None:
        signal.signal(signal.SIGALRM, lambda *_: time.sleep(0.05))
        signal.setitimer(signal.ITIMER_REAL, 0.08)
        began = time.monotonic()
        self.assertRaises(queue.Empty, self.queue.get, timeout=0.1)
        # Not what it was: on a busy machine the signal may still be on its way.
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        self.assertLess(time.monotonic() - began, SOON)

    def test_idle_waits_leave_nothing(self) -> None:
        for _ in range(20):
            self.assertRaises(queue.Empty, self.queue.get, timeout=0.001)
        side = self.queue._getters
        self.assertEqual([0, 0], [len(side.sleepers), len(side.armed)])

    def test_a_put_wakes_one(self) -> None:
        waiting = [on_thread(self.queue.get) for _ in range(3)]
        self.asleep(3)
        for number in range(3):
            self.queue.put(number)
        self.assertEqual([0, 1, 2], sorted(wait() for wait in waiting))
        self.asleep(0)

    def test_a_put_wakes_one_with_a_timeout(self) -> None:
        wait = on_thread(lambda: self.queue.get(timeout=SOON))
        until(lambda: self.queue._getters.sleepers)
        self.queue.put("item")
        self.assertEqual("item", wait())

    def test_threads_leave_no_descriptor(self) -> None:
        if not os.path.isdir("/proc/self/fd"):
            self.skipTest("descriptors cannot be counted here")

        def sleep() -> None:
            waiting = [on_thread(self.queue.get) for _ in range(20)]
            self.asleep(20)
            for number in range(20):
                self.queue.put(number)
                until(lambda left=19 - number: len(self.queue._getters.sleepers) <= left)  # type: ignore[misc]
            self.assertEqual(list(range(20)), sorted(wait() for wait in waiting))

        self.queue = sluice.SafeQueue(self.bound and 100)
        sleep()
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(3):
            sleep()
        until(lambda: len(os.listdir("/proc/self/fd")) <= before)

    def test_what_was_put_is_kept_as_it_is(self) -> None:
        for item in (None, False, object(), queue.Empty, IndexError("no"), StopIteration):
            self.queue.put(item)
            self.assertIs(item, self.queue.get())

    def test_it_keeps_no_item(self) -> None:
        thing = Thing()
        alive = weakref.ref(thing)
        self.queue.put(thing)
        del thing
        self.assertIsNotNone(alive())
        self.queue.get()
        self.assertIsNone(alive())
        with contextlib.suppress(queue.Empty):
            self.queue.get(timeout=0.001)
        self.queue.put(Thing())
        alive = weakref.ref(self.queue)
        gc.collect()
        gc.disable()
        self.queue = None
        gc.enable()
        self.assertIsNone(alive())

    def test_closed(self) -> None:
        self.queue.put(1)
        self.queue.put(2)
        put = self.queue.put
        self.queue.close()
        self.queue.close()
        self.assertTrue(self.queue.closed)
        for refused in (put, self.queue.put, self.queue.put_nowait):
            self.assertRaises(sluice.QueueClosed, refused, 3)
        self.assertEqual(1, self.queue.get())
        self.assertEqual(2, self.queue.get(timeout=1))
        for call in (self.queue.get, self.queue.get_nowait, lambda: self.queue.get(timeout=1)):
            self.assertRaises(sluice.QueueClosed, call)
        if sys.version_info >= (3, 13):
            self.assertTrue(issubclass(sluice.QueueClosed, queue.ShutDown))

    def test_what_was_put_before_the_end_is_got(self) -> None:
        """Also where that came while a getter was on its way to sleep."""
        sleep = _queue_waiting.Side._sleep
        tested = self.queue

        def puts_and_closes(side: Any, *args: Any) -> None:
            if not tested.closed:
                tested.put("last")
                tested.close()
            sleep(side, *args)

        with mock.patch.object(_queue_waiting.Side, "_sleep", puts_and_closes):
            self.assertEqual("last", tested.get(timeout=SOON))
            self.assertRaises(sluice.QueueClosed, tested.get)

    def test_taking_where_waiting_is_refused(self) -> None:
        found: list[object] = []

        def closed() -> Iterator[None]:
            try:
                yield
            finally:
                try:
                    with self.queue.taking(timeout=SOON) as item:
                        found.append(item)
                except queue.Empty as refused:
                    found.append(str(refused))

        generator = closed()
        next(generator)
        generator.close()  # type: ignore[attr-defined]
        self.assertEqual(["what closes a generator must not wait"], found)

    def test_taken_twice(self) -> None:
        self.queue.put(1)
        taking = self.queue.taking()
        with taking:
            pass
        with self.assertRaisesRegex(RuntimeError, "dealt with already"):
            taking.__exit__(None, None, None)

    def test_closed_at_once(self) -> None:
        self.queue.put(1)
        self.queue.close(immediate=True)
        self.assertRaises(sluice.QueueClosed, self.queue.get)

    def test_close_wakes_all_getters(self) -> None:
        waiting = [on_thread(self.queue.get) for _ in range(3)]
        waiting.append(on_thread(lambda: self.queue.get(timeout=SOON)))
        until(lambda: len(self.queue._getters.sleepers) + len(self.queue._getters.armed) == 4)
        self.queue.close()
        for wait in waiting:
            self.assertRaises(sluice.QueueClosed, wait)

    def test_iteration_ends_when_it_is_closed(self) -> None:
        wait = on_thread(lambda: list(self.queue))
        for number in range(100):
            self.queue.put(number)
        self.queue.close()
        self.assertEqual(list(range(100)), wait())

    def test_taking(self) -> None:
        self.queue.put(1)
        self.queue.put(2)
        with self.queue.taking() as item:
            self.assertEqual(1, item)
            self.assertEqual(1, self.queue.qsize())
        for block in (self.raises, self.is_dropped):
            block()
            self.assertEqual(1, self.queue.qsize())
        with self.queue.taking() as item:
            self.assertEqual(2, item)
        self.assertRaises(queue.Empty, self.queue.taking(False).__enter__)
        self.assertRaises(queue.Empty, self.queue.taking(timeout=0.01).__enter__)

    def raises(self) -> None:
        with self.assertRaises(KeyError), self.queue.taking() as item:
            raise KeyError(item)

    def is_dropped(self) -> None:
        self.assertEqual(2, self.queue.taking().__enter__())

    def test_an_item_that_goes_back_is_the_first(self) -> None:
        self.queue.put(1)
        self.queue.put(2)
        with contextlib.suppress(KeyError), self.queue.taking():
            raise KeyError
        self.assertEqual([1, 2], [self.queue.get(), self.queue.get()])

    def test_an_item_that_goes_back_wakes_somebody(self) -> None:
        for back in (self.gives_back, self.drops):
            self.queue.put("item")
            wait = back()
            self.assertEqual("item", wait())

    def gives_back(self) -> Any:
        with contextlib.suppress(KeyError), self.queue.taking():
            wait = on_thread(self.queue.get)
            self.asleep(1)
            raise KeyError
        return wait

    def drops(self) -> Any:
        taking = self.queue.taking()
        taking.__enter__()
        wait = on_thread(self.queue.get)
        self.asleep(1)
        del taking
        return wait

    def test_it_stays_where_it_is(self) -> None:
        for method in (copy.copy, copy.deepcopy, pickle.dumps):
            with self.assertRaisesRegex(TypeError, "cannot be pickled or copied"):
                method(self.queue)

    def test_its_name(self) -> None:
        self.queue.put(1)
        self.assertRegex(repr(self.queue), r"^<sluice\.SafeQueue: 1( of 9)? items>$")
        self.queue.close()
        self.assertIn("closed", repr(self.queue))

    def test_other_places_may_wait(self) -> None:
        wait = on_thread(lambda: [self.queue.get() for _ in range(2)])
        self.asleep(1)
        self.queue.put(1)
        self.queue.put(2)
        self.assertEqual([1, 2], wait())


class Bounded(Either):
    """What there is with a bound only."""

    bound = 9

    def setUp(self) -> None:
        super().setUp()
        self.small: Any = sluice.SafeQueue(1)
        self.small.put("first")

    def test_without_room(self) -> None:
        self.assertTrue(self.small.full())
        self.assertRaises(queue.Full, self.small.put_nowait, 1)
        self.assertRaises(queue.Full, self.small.put, 1, False)
        self.assertRaises(queue.Full, self.small.put, 1, timeout=0.01)
        self.assertRaises(ValueError, self.small.put, 1, timeout=-1)
        self.assertEqual("first", self.small.get())
        self.assertFalse(self.small.full())

    def test_a_get_makes_room(self) -> None:
        for options in ({}, {"timeout": SOON}):
            wait = on_thread(lambda options=options: self.small.put("second", **options))  # type: ignore[misc]
            until(lambda: self.small._putters.sleepers)
            self.assertEqual("first", self.small.get())
            wait()
            self.assertEqual("second", self.small.get())
            self.small.put("first")

    def test_a_taken_item_keeps_its_room_until_the_end(self) -> None:
        with self.small.taking() as item:
            self.assertEqual("first", item)
            self.assertTrue(self.small.full())
            wait = on_thread(lambda: self.small.put("second"))
            until(lambda: self.small._putters.sleepers)
        wait()
        self.assertEqual("second", self.small.get())

    def test_a_full_queue_takes_back(self) -> None:
        taking = self.small.taking()
        taking.__enter__()
        self.assertRaises(queue.Full, self.small.put_nowait, "second")
        del taking
        self.assertEqual("first", self.small.get())
        self.small.put_nowait("third")

    def test_close_wakes_putters(self) -> None:
        wait = on_thread(lambda: self.small.put("second"))
        until(lambda: self.small._putters.sleepers)
        self.small.close()
        self.assertRaises(sluice.QueueClosed, wait)
        self.assertEqual(["first"], list(self.small))

    def test_a_subclass_has_no_bound(self) -> None:
        class Own(sluice.SafeQueue[int]):
            pass

        own = Own()
        own.put(1)
        self.assertEqual(1, own.get())
        with self.assertRaisesRegex(TypeError, "Own has no bound"):
            Own(3)


if __name__ == "__main__":
    unittest.main()
