"""Waits that would never end, and threads that are few."""

import asyncio
import signal
import threading
import time
import unittest
from collections.abc import Callable
from typing import Any

from helpers import SOON, OtherLoop, Started, await_blocked, recorded, turns

import sluice
from sluice import _blocking_setup, _loop_door
from sluice._blocking_portal import Portal
from sluice._blocking_results import EventualResult

#: So many tasks the workers of an interpreter run at a time.
WORKERS = 64


def call(portal: Portal, function: Callable[[], Any]) -> EventualResult[Any]:
    """Has a loop call a function."""
    result: EventualResult[Any] = EventualResult(portal, function)
    portal.submit(result)
    return result


def ask_until(over: Callable[[], bool], portal: Portal) -> None:
    # In a function of its own: what a signal's handler raises where a loop goes back is not seen
    # by a `try` or `with` around that loop (as of CPython 3.13).
    while not over():
        call(portal, lambda: 1).wait(SOON)


def own_portal() -> Portal:
    portal = _blocking_setup.choice.portal
    assert portal is not None
    return portal


class Circles(unittest.TestCase):
    def test_two_loops_that_wait_for_each_other(self) -> None:
        one = own_portal()
        with OtherLoop() as other:

            def on_other() -> str:
                try:
                    return str(call(one, lambda: "never").wait(SOON))
                except RuntimeError as error:
                    return str(error)

            def on_one() -> str:
                return str(call(other.portal, on_other).wait(SOON))

            refusal = call(one, on_one).wait(SOON)
            self.assertRegex(refusal, "SL143.*on other-loop: .*<lambda>.*on_other")
            # Both go on.
            self.assertEqual(1, call(one, lambda: 1).wait(SOON))
            self.assertEqual(1, call(other.portal, lambda: 1).wait(SOON))

    def test_a_loop_that_waits_for_another_is_no_circle(self) -> None:
        one = own_portal()
        with OtherLoop() as other:

            def on_one() -> int:
                return int(call(other.portal, lambda: 4).wait(SOON))

            for _ in range(200):
                self.assertEqual(4, call(one, on_one).wait(SOON))

    def test_a_wait_that_ended_is_none(self) -> None:
        """A thread has its result and has not gone on yet, when the loop waits for the thread."""
        one = own_portal()
        with OtherLoop() as other:
            for _ in range(300):
                result = call(one, lambda: None)

                def on_one() -> object:
                    return call(other.portal, lambda: None).wait(SOON)

                waiting = call(other.portal, lambda result=result: result.wait(SOON))
                second = call(one, on_one)
                waiting.wait(SOON)
                second.wait(SOON)


class Workers(unittest.TestCase):
    def test_one_that_waits_makes_room_for_another(self) -> None:
        @sluice.wait_for(SOON)
        async def needs_a_worker() -> int:
            return await asyncio.to_thread(lambda: 1)

        async def main() -> int:
            many = WORKERS + 16
            return sum(
                await asyncio.gather(*(asyncio.to_thread(needs_a_worker) for _ in range(many)))
            )

        began = time.monotonic()
        self.assertEqual(WORKERS + 16, call(own_portal(), main).wait(4 * SOON))
        self.assertLess(time.monotonic() - began, SOON)


class Signals(unittest.TestCase):
    def test_an_interrupt_ends_the_wait_and_cancels(self) -> None:
        cancelled = threading.Event()

        @sluice.wait_for(SOON)
        async def forever() -> None:
            try:
                await asyncio.get_running_loop().create_future()
            except asyncio.CancelledError:
                cancelled.set()
                raise

        main = threading.main_thread()

        def interrupt() -> None:
            await_blocked(main)
            signal.raise_signal(signal.SIGINT)

        with recorded() as log:
            thread = Started(interrupt)
            began = time.monotonic()
            with self.assertRaises(KeyboardInterrupt):
                forever()
            self.assertLess(time.monotonic() - began, SOON / 2)
            thread.result()
            self.assertTrue(cancelled.wait(SOON))
            turns()
        self.assertEqual([], log.texts())

    def test_a_handler_may_make_a_call_of_its_own_meanwhile(self) -> None:
        """Waits nest: the inner one is over before the outer one goes on."""
        found: list[int] = []

        @sluice.wait_for(SOON)
        async def late(number: int, seconds: float) -> int:
            await asyncio.sleep(seconds)
            return number

        def handle(signum: int, frame: object) -> None:
            found.append(late(1, 0))

        before = signal.signal(signal.SIGUSR1, handle)
        try:
            main = threading.main_thread()

            def interrupt() -> None:
                await_blocked(main)
                signal.raise_signal(signal.SIGUSR1)
                signal.pthread_kill(main.ident or 0, signal.SIGUSR1)

            thread = Started(interrupt)
            self.assertEqual(2, late(2, 0.5))
            thread.result()
            self.assertIn(1, found)
        finally:
            signal.signal(signal.SIGUSR1, before)

    def test_frequent_handlers_that_call_lose_nothing(self) -> None:
        portal = own_portal()
        results: list[EventualResult[int]] = []

        def handle(signum: int, frame: object) -> None:
            results.append(call(portal, lambda: 1))

        signal.signal(signal.SIGALRM, handle)
        signal.setitimer(signal.ITIMER_REAL, 0.002, 0.002)
        try:
            for number in range(1_000):
                self.assertEqual(number, call(portal, lambda number=number: number).wait(SOON))
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, signal.SIG_IGN)  # one may be on its way still
        self.assertGreater(len(results), 5)
        self.assertEqual([1] * len(results), [each.wait(SOON) for each in results])

    def test_a_handler_that_raises_leaves_the_sums_right(self) -> None:
        class Raised(Exception):
            pass

        handled = 0

        def handle(signum: int, frame: object) -> None:
            nonlocal handled
            handled += 1
            raise Raised

        signal.signal(signal.SIGALRM, handle)
        raised = sent = 0
        limit = time.monotonic() + 60
        with OtherLoop() as other:
            try:
                # Those that come in a finaliser are not raised here: on some machines most.
                while raised < 300 and time.monotonic() < limit:
                    sent += 1
                    try:
                        signal.setitimer(signal.ITIMER_REAL, 0.0002 + 1e-6 * (sent % 600))
                        ask_until(lambda number=sent: handled == number, other.portal)
                    except Raised:
                        raised += 1
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
                signal.signal(signal.SIGALRM, signal.SIG_IGN)
            self.assertEqual(1, call(other.portal, lambda: 1).wait(SOON))
        self.assertEqual(sent, handled)
        self.assertEqual(300, raised)
        self.assertEqual(0, other.portal.difference(), other.portal.sums())

    def test_whoever_is_interrupted_while_handing_over_leaves_nothing_running(self) -> None:
        """At whichever point: what the loop has begun is cancelled, the rest never begins."""

        class Raised(Exception):
            pass

        begun: list[int] = []
        ended: list[int] = []

        async def forever(number: int) -> None:
            begun.append(number)
            try:
                await asyncio.sleep(SOON)
            finally:
                ended.append(number)

        def handle(signum: int, frame: object) -> None:
            raise Raised

        def ask(call: Callable[[int], None], number: int) -> bool:
            try:
                signal.setitimer(signal.ITIMER_REAL, 10e-6 + 1e-6 * (number % 300))
                call(number)
            except Raised:
                return True
            except sluice.TimeoutError:
                return False  # it has come where CPython ignores what is raised
            raise AssertionError("that waits for ever")

        signal.signal(signal.SIGALRM, handle)
        raised = 0
        with OtherLoop() as other:
            call = sluice.wait_for(2)(forever)
            try:
                for number in range(600):
                    raised += ask(call, number)
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
                signal.signal(signal.SIGALRM, signal.SIG_IGN)
            turns(20)
            limit = time.monotonic() + SOON
            while len(ended) < len(begun) and time.monotonic() < limit:
                turns()
            self.assertEqual(sorted(begun), sorted(ended))
            self.assertEqual({}, other.portal.pending)
        self.assertGreater(raised, 500)
        self.assertGreater(len(begun), 0)
        self.assertEqual(0, other.portal.difference(), other.portal.sums())


class Door(unittest.TestCase):
    def test_what_java_is_told_is_taken_back(self) -> None:
        number = 1 << 62
        _loop_door.block(7, number, own_portal().door(), "something()")
        _loop_door.settled(number)
        _loop_door.unblock(7)
        _loop_door.unblock(7)  # nothing more
        _loop_door.settled(number)
        _loop_door.forget(number, number)
        self.assertEqual(1, call(own_portal(), lambda: 1).wait(SOON))


if __name__ == "__main__":
    sluice.setup()
    unittest.main()
