"""Locks, queues and conditions between microthreads, and between them and threads."""

import asyncio
import collections
import multiprocessing
import queue
import signal
import threading
import time
import unittest
from functools import partial
from typing import Any

from helpers import LONG, MicrothreadTest

from sluice import microthread


def both(log: list[Any], lock: Any, number: int) -> None:
    """Notes a number twice, while others wait."""
    with lock:
        log.append(number)
        time.sleep(0.002)
        log.append(number)


def in_pairs(log: list[Any]) -> bool:
    return all(log[at] == log[at + 1] for at in range(0, len(log), 2))


class Exclusion(MicrothreadTest):
    def check(self, lock: Any, count: int = 20) -> None:
        log: list[int] = []
        self.together(*(lambda each=each: both(log, lock, each) for each in range(count)))  # type: ignore[misc]
        self.assertEqual(2 * count, len(log))
        self.assertTrue(in_pairs(log), log)

    def test_locks(self) -> None:
        self.check(threading.Lock())

    def test_rlocks(self) -> None:
        """The native one would let in all microthreads of a thread."""
        self.check(threading.RLock())

    def test_semaphores_and_conditions(self) -> None:
        self.check(threading.Semaphore())
        self.check(threading.Condition())
        self.check(threading.Condition(threading.Lock()))  # type: ignore[arg-type]

    def test_locks_of_processes(self) -> None:
        self.check(multiprocessing.get_context("spawn").Lock(), 4)

    def test_an_rlock_is_recursive_and_says_when_it_is_taken(self) -> None:
        lock = threading.RLock()
        log: list[Any] = []
        taken, tried = threading.Event(), threading.Event()

        def holder() -> None:
            with lock, lock:
                taken.set()
                tried.wait(LONG)
                log.append("held")

        def other() -> None:
            taken.wait(LONG)
            log.append(lock.acquire(blocking=False))
            log.append(lock.acquire(timeout=0.01))
            tried.set()
            with lock:
                log.append("mine")

        self.together(holder, other)
        self.assertEqual([False, False, "held", "mine"], log)

    def test_with_threads(self) -> None:
        for lock in (threading.Lock(), threading.RLock()):
            self.check_with_a_thread(lock)

    def check_with_a_thread(self, lock: Any) -> None:
        log: list[int] = []

        def other() -> None:
            for each in range(20):
                both(log, lock, -1 - each)

        thread = threading.Thread(target=other)
        thread.start()
        self.together(*(partial(both, log, lock, each) for each in range(20)))
        thread.join()
        self.assertEqual(80, len(log))
        self.assertTrue(in_pairs(log), log)

    def test_timeouts(self) -> None:
        lock = threading.Lock()
        lock.acquire()

        def plain() -> tuple[bool, bool]:
            began = time.monotonic()
            found = lock.acquire(timeout=0.05)
            return found, time.monotonic() - began >= 0.05

        self.assertEqual([(False, True)] * 3, self.together(*[plain] * 3))

    def test_wrong_timeouts_are_told(self) -> None:
        for kind in (threading.Lock, threading.RLock):
            for taken in (False, True):
                lock = kind()
                if taken:
                    lock.acquire()
                for arguments in ((True, -2), (False, 1), (False, 0)):
                    with self.subTest(kind=kind, taken=taken, arguments=arguments):
                        self.assertRaises(ValueError, self.alone, lock.acquire, *arguments)
                self.assertRaises(OverflowError, self.alone, lock.acquire, True, 1e100)
                self.assertRaises(TypeError, self.alone, lock.acquire, True, "1")


class HandedOver(MicrothreadTest):
    def test_events(self) -> None:
        event = threading.Event()

        def setter() -> None:
            time.sleep(0.02)
            event.set()

        self.assertEqual(
            [True] * 5 + [None], self.together(*[lambda: event.wait(LONG)] * 5, setter)
        )
        self.assertFalse(self.alone(threading.Event().wait, 0.01))

    def test_an_event_that_a_thread_sets(self) -> None:
        event = threading.Event()
        timer = threading.Timer(0.05, event.set)
        timer.start()
        self.assertTrue(self.alone(event.wait, LONG))
        timer.join()

    def test_barriers(self) -> None:
        barrier = threading.Barrier(5)
        self.assertEqual([0, 1, 2, 3, 4], sorted(self.together(*[barrier.wait] * 5)))

    def test_conditions_with_rlocks(self) -> None:
        condition = threading.Condition()
        items: collections.deque[int] = collections.deque()

        def taker() -> int:
            with condition:
                while not items:
                    condition.wait()
                return items.popleft()

        def giver() -> None:
            for each in range(5):
                time.sleep(0.002)
                with condition:
                    items.append(each)
                    condition.notify()

        found = self.together(*[taker] * 5, giver)
        self.assertEqual([0, 1, 2, 3, 4], sorted(found[:5]))

    def test_queues(self) -> None:
        for made in (queue.Queue(3), queue.LifoQueue(3), queue.SimpleQueue()):
            got: list[int] = []

            def producer(made: Any = made) -> None:
                for each in range(50):
                    made.put(each)
                    if not each % 10:
                        time.sleep(0.001)

            def consumer(made: Any = made, got: list[int] = got) -> None:
                got.extend(made.get(timeout=LONG) for _ in range(50))

            self.together(consumer, producer, consumer, producer)
            self.assertEqual(sorted([*range(50), *range(50)]), sorted(got))
            with self.assertRaises(queue.Empty):
                self.alone(lambda made=made: made.get(timeout=0.01))

    def test_a_queue_that_a_thread_fills(self) -> None:
        for made in (queue.Queue(), queue.SimpleQueue()):
            thread = threading.Thread(
                target=lambda made=made: [time.sleep(0.01) or made.put(each) for each in range(5)]
            )
            thread.start()
            found = self.alone(lambda made=made: [made.get(timeout=LONG) for _ in range(5)])
            thread.join()
            self.assertEqual([0, 1, 2, 3, 4], found)

    def test_threads_are_joined(self) -> None:
        thread = threading.Thread(target=time.sleep, args=(0.1,))

        def plain() -> bool:
            thread.start()
            thread.join(0.001)
            alive = thread.is_alive()
            thread.join()
            return alive and not thread.is_alive()

        def beside() -> float:
            began = time.monotonic()
            time.sleep(0.01)
            return time.monotonic() - began

        self.assertTrue(self.together(plain, beside)[0])

    def test_a_thread_joins_a_microthread(self) -> None:
        found: list[bool] = []

        async def main() -> None:
            spawned = microthread.spawn(time.sleep, 0.05)

            def wait() -> None:
                spawned.join(LONG)
                found.append(spawned.done())

            thread = threading.Thread(target=wait)
            thread.start()
            await spawned
            await asyncio.to_thread(thread.join)

        asyncio.run(main())
        self.assertEqual([True], found)


class Interrupt(Exception):
    """Raised by the signal handler."""


class AllOrNothing(MicrothreadTest):
    def test_a_lock_is_not_lost_to_signals(self) -> None:
        """A with statement in a microthread, hit by signals that raise at any point of it."""

        def interrupt(*_: object) -> None:
            raise Interrupt

        def plain() -> tuple[int, int]:
            lock = threading.Lock()
            interrupts = held = 0
            until = time.monotonic() + 60
            while interrupts < 200 and time.monotonic() < until:
                try:
                    signal.setitimer(signal.ITIMER_REAL, 50e-6)
                    while True:
                        with lock:
                            pass
                except Interrupt:
                    interrupts += 1
                    if lock.locked():
                        held += 1
                        lock.release()
            return interrupts, held

        before = signal.signal(signal.SIGALRM, interrupt)
        try:
            interrupts, held = self.alone(plain)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
        print(f"{interrupts} interrupts, {held} held")
        self.assertEqual(200, interrupts)
        self.assertEqual(0, held)


if __name__ == "__main__":
    unittest.main()
