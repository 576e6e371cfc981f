"""What becomes of calls and waits when their loop stops, and the sums."""

import asyncio
import concurrent.futures
import contextlib
import threading
import unittest
from typing import Any

from helpers import SOON, OtherLoop, Started, await_blocked, recorded

import sluice
from sluice import _blocking_setup
from sluice._blocking_portal import Portal
from sluice._blocking_results import report_lost

THREADS = 64


@sluice.run_in_loop
async def forever() -> None:
    await asyncio.get_running_loop().create_future()


@sluice.run_in_loop
async def add(one: int, other: int) -> int:
    await asyncio.sleep(0)
    return one + other


class Ending(unittest.TestCase):
    def check_sums(self, portal: Portal) -> dict[str, int]:
        self.assertEqual({}, portal.pending)
        self.assertEqual(0, portal.difference())
        return portal.sums()

    def test_who_waits_is_told(self) -> None:
        with recorded() as log:
            with OtherLoop() as other:
                limited = Started(sluice.wait_for(SOON)(forever.__wrapped__))  # type: ignore[attr-defined]
                unlimited = Started(forever().wait)
                await_blocked(limited)
                await_blocked(unlimited)
                other.stop()
                for thread in (limited, unlimited):
                    with self.assertRaisesRegex(sluice.LoopStopped, "SL167: .*forever"):
                        thread.result()
            sums = self.check_sums(other.portal)
        self.assertEqual([], log.texts())
        self.assertEqual(2, sums["stopped"])

    def test_and_who_awaits(self) -> None:
        with OtherLoop() as other:
            result = forever()
            asking = threading.Event()

            async def main() -> None:
                asking.set()
                await result

            awaiting = Started(asyncio.run, main())
            self.assertTrue(asking.wait(SOON))
            other.stop()
            with self.assertRaises(sluice.LoopStopped):
                awaiting.result()

    def test_what_is_queued_never_begins(self) -> None:
        ran = threading.Event()
        free, blocked = threading.Event(), threading.Event()

        def block() -> str:
            blocked.set()
            free.wait(SOON)
            return "begun before"

        with OtherLoop() as other:
            begun = sluice.run_in_loop(block)()
            self.assertTrue(blocked.wait(SOON))
            stopping = Started(other.stop)
            while other.loop._ready.__len__() < 1:  # the stop is queued
                threading.Event().wait(0.001)
            queued = sluice.run_in_loop(ran.set)()
            free.set()
            stopping.result()
            self.assertEqual("begun before", begun.wait(SOON))
            with self.assertRaises(sluice.LoopStopped):
                queued.wait(SOON)
        self.assertFalse(ran.is_set())
        self.check_sums(other.portal)

    def test_what_comes_later_is_refused(self) -> None:
        with OtherLoop() as other:
            other.stop()
            with self.assertRaises(sluice.LoopStopped):
                add(1, 2).wait(SOON)
            with self.assertRaises(sluice.LoopStopped):
                sluice.wait_for(SOON)(add.__wrapped__)(1, 2)  # type: ignore[attr-defined]
            result = add(1, 2)
            result.cancel()
        self.assertEqual(3, self.check_sums(other.portal)["stopped"])

    def test_what_is_cancelled_by_others_is_not_said_to_be_stopped(self) -> None:
        with OtherLoop() as other:
            result = forever()
            result.cancel()
            with self.assertRaises(asyncio.CancelledError):
                result.wait(SOON)
            self.assertEqual(3, add(1, 2).wait(SOON))
        self.assertEqual(1, self.check_sums(other.portal)["cancelled"])

    def test_a_failure_after_the_stop_is_logged(self) -> None:
        with recorded() as log, OtherLoop() as other:
            failed = sluice.run_in_loop(lambda: 1 / 0)()
            with self.assertRaises(sluice.TimeoutError):
                forever().wait(0.01)
            other.stop()
            del failed
            _blocking_setup.log_unreported()
        self.assertEqual(1, len(log.records))

    def test_what_nobody_has_retrieved_is_logged_at_the_end(self) -> None:
        with recorded() as log, OtherLoop() as other:
            failed = sluice.run_in_loop(lambda: 1 / 0)()
            failed.stash()
            other.stop()
            del failed
            report_lost()
            _blocking_setup.log_unreported()
        self.assertEqual(1, len(log.records))

    def test_64_threads_submit_while_it_stops(self) -> None:
        for number in range(10):
            with recorded() as log, OtherLoop() as other:
                go = threading.Event()
                enough = threading.Event()
                count = [0] * THREADS

                def submit(
                    index: int,
                    go: threading.Event = go,
                    count: list[int] = count,
                    enough: threading.Event = enough,
                ) -> tuple[int, int]:
                    go.wait(SOON)
                    done = stopped = 0
                    while stopped < 20:
                        result = add(index, count[index])
                        count[index] += 1
                        if count[index] == 50:
                            enough.set()
                        try:
                            value = result.wait(SOON)
                        except sluice.LoopStopped:
                            stopped += 1
                        else:
                            assert value == index + count[index] - 1
                            done += 1
                    return done, stopped

                threads = [Started(submit, index) for index in range(THREADS)]
                go.set()
                if number % 2:
                    self.assertTrue(enough.wait(SOON))
                other.stop()
                outcomes = [thread.result() for thread in threads]
            sums = self.check_sums(other.portal)
            self.assertEqual(sum(count), sum(sums.values()))
            self.assertEqual(sum(done for done, _ in outcomes), sums["completed"])
            self.assertEqual(sum(stopped for _, stopped in outcomes), sums["stopped"])
            self.assertEqual([], log.texts())

    def test_a_sum_that_is_wrong_is_a_defect(self) -> None:
        with recorded() as log, OtherLoop() as other:
            lost = forever()
            del other.portal.pending[lost]
        self.assertEqual(1, len(log.records), log.texts())
        self.assertIn("SL171", log.texts()[0])

    def test_one_that_is_cancelled_alone_is_not_told_that_the_loop_ends(self) -> None:
        with OtherLoop() as other:
            result = forever()
            while not asyncio.all_tasks(other.loop):
                pass
            (task,) = asyncio.all_tasks(other.loop)
            other.loop.call_soon_threadsafe(task.cancel)
            with self.assertRaises(asyncio.CancelledError) as raised:
                result.wait(SOON)
            # An Exception for whoever has waited, as concurrent.futures raises it.
            self.assertIsInstance(raised.exception, concurrent.futures.CancelledError)
            self.assertEqual(3, add(1, 2).wait(SOON))


class ProgramsLoop(unittest.TestCase):
    """Loops that the program runs; each is forgotten when it ends."""

    def setUp(self) -> None:
        choice = _blocking_setup.choice
        self._before = choice.portal, choice.thread
        choice.portal = choice.thread = None

    def tearDown(self) -> None:
        choice = _blocking_setup.choice
        choice.is_programs = False
        choice.found = None
        choice.portal, choice.thread = self._before

    def test_without_either_it_is_said_what_to_do(self) -> None:
        for ask in (lambda: add(1, 2), sluice.wait_for(1)(add.__wrapped__)):  # type: ignore[attr-defined]
            with self.assertRaisesRegex(RuntimeError, "SL164: .*add.*sluice.setup"):
                ask()

    def test_no_loop_is_known(self) -> None:
        sluice.no_setup()
        with self.assertRaisesRegex(RuntimeError, "SL165: .*no_setup\\(loop\\)"):
            add(1, 2)

    def test_the_loop_that_runs_when_it_is_said(self) -> None:
        async def main() -> int:
            sluice.no_setup()
            sluice.setup()  # does nothing
            return await asyncio.to_thread(lambda: add(1, 2).wait(SOON))

        for factory in (sluice.new_event_loop, asyncio.SelectorEventLoop):
            with asyncio.Runner(loop_factory=factory) as runner:
                self.assertEqual(3, runner.run(main()))
            with self.assertRaises(sluice.LoopStopped):
                add(1, 2).wait(SOON)
        self.assertEqual(0, len(_blocking_setup._portals))

    def test_the_loop_that_is_given(self) -> None:
        with contextlib.closing(asyncio.SelectorEventLoop()) as loop:
            sluice.no_setup(loop)
            other = asyncio.SelectorEventLoop()
            with contextlib.closing(other), self.assertRaisesRegex(RuntimeError, "SL166"):
                sluice.no_setup(other)
            result = add(1, 2)  # begins when it runs
            loop.run_until_complete(asyncio.sleep(0.01))
            self.assertEqual(3, result.wait(0))
            queued = add(1, 2)
        with self.assertRaises(sluice.LoopStopped):
            queued.wait(SOON)

    def test_the_loop_that_calls_or_that_the_main_thread_runs(self) -> None:
        async def calls() -> int:
            return await add(1, 2)

        async def threads() -> int:
            return await asyncio.to_thread(lambda: add(2, 2).wait(SOON))

        sluice.no_setup()
        for _ in range(2):  # each time another loop
            self.assertEqual(3, asyncio.run(calls()))
            self.assertEqual(4, sluice.run(threads()))
        with self.assertRaisesRegex(RuntimeError, "SL165"):
            add(1, 2)

    def test_each_of_several_loops_runs_what_is_called_there(self) -> None:
        async def which() -> Any:
            return asyncio.get_running_loop()

        async def calls() -> bool:
            return await sluice.run_in_loop(which)() is asyncio.get_running_loop()

        sluice.no_setup()
        go = threading.Barrier(2)

        def work() -> bool:
            go.wait(SOON)
            return asyncio.run(calls())

        threads = [Started(work) for _ in range(2)]
        self.assertEqual([True, True], [thread.result() for thread in threads])

    def test_its_end_is_told(self) -> None:
        results: list[Any] = []

        async def main() -> None:
            sluice.no_setup()
            results.append(forever())
            results.append(Started(results[0].wait))
            await asyncio.sleep(0.01)

        for factory in (sluice.new_event_loop, asyncio.SelectorEventLoop):
            results.clear()
            with recorded() as log, asyncio.Runner(loop_factory=factory) as runner:
                runner.run(main())
            with self.assertRaises(sluice.LoopStopped):
                results[1].result()
            self.assertEqual([], log.texts())

    def test_no_setup_comes_first(self) -> None:
        _blocking_setup.choice.portal, _blocking_setup.choice.thread = self._before
        with self.assertRaisesRegex(RuntimeError, "SL166: no_setup\\(\\) came after setup\\(\\)"):
            sluice.no_setup()


class Setup(unittest.TestCase):
    def test_it_may_be_called_by_anybody_and_often(self) -> None:
        before = _blocking_setup.choice.portal
        for thread in [Started(sluice.setup) for _ in range(8)]:
            thread.result()
        self.assertIs(before, _blocking_setup.choice.portal)
        names = [thread.name for thread in threading.enumerate()]
        self.assertEqual(1, len([name for name in names if name.startswith("sluice-loop-")]))


if __name__ == "__main__":
    sluice.setup()
    unittest.main()
