"""EventualResult: waiting, cancelling, stashing, gathering, awaiting, and what nobody collects."""

import asyncio
import concurrent.futures
import contextlib
import gc
import logging
import pickle
import threading
import unittest
from typing import Any

from helpers import SOON, OtherLoop, Started, await_blocked, recorded, settled_and_logged, turns

import sluice


@sluice.run_in_loop
async def doubled(number: int) -> int:
    await asyncio.sleep(0)
    return 2 * number


@sluice.run_in_loop
async def fails(message: str = "on purpose") -> int:
    await asyncio.sleep(0)
    raise ValueError(message)


@sluice.run_in_loop
async def never() -> int:
    await asyncio.get_running_loop().create_future()
    return 0


class Waiting(unittest.TestCase):
    def test_the_result_is_had_as_often_as_wanted(self) -> None:
        result = doubled(4)
        self.assertEqual([8, 8], [result.wait(SOON), result.wait()])
        self.assertEqual(8, result.wait(0))

    def test_so_is_the_failure(self) -> None:
        result = fails()
        lengths = set()
        for _ in range(3):
            with self.assertRaises(ValueError) as caught:
                result.wait(SOON)
            tb, length = caught.exception.__traceback__, 0
            while tb is not None:
                tb, length = tb.tb_next, length + 1
            lengths.add(length)
        self.assertEqual(1, len(lengths))

    def test_several_threads_wait_for_one(self) -> None:
        release = threading.Event()

        @sluice.run_in_loop
        async def late() -> str:
            while not release.is_set():
                await asyncio.sleep(0.001)
            return "late"

        result = late()
        threads = [Started(result.wait, SOON) for _ in range(8)]
        for thread in threads:
            await_blocked(thread)
        release.set()
        self.assertEqual(["late"] * 8, [thread.result() for thread in threads])

    def test_when_the_time_is_over_it_goes_on(self) -> None:
        release = threading.Event()

        @sluice.run_in_loop
        async def late() -> str:
            while not release.is_set():
                await asyncio.sleep(0.001)
            return "late"

        result = late()
        for timeout in (0, 0.01, -1):
            with self.assertRaises(sluice.TimeoutError):
                result.wait(timeout)
        self.assertEqual([], result.waiters)
        release.set()
        self.assertEqual("late", result.wait(SOON))

    def test_cancelling(self) -> None:
        result = never()
        turns()
        result.cancel()
        with self.assertRaises(asyncio.CancelledError):
            result.wait(SOON)
        result.cancel()  # does nothing any more
        self.assertIn("CancelledError", repr(result))

    def test_cancelling_before_it_begins(self) -> None:
        free, blocked, ran = threading.Event(), threading.Event(), threading.Event()

        def block() -> None:
            blocked.set()
            free.wait(SOON)

        sluice.run_in_loop(block)()
        self.assertTrue(blocked.wait(SOON))
        result = sluice.run_in_loop(ran.set)()
        result.cancel()
        free.set()
        with self.assertRaises(asyncio.CancelledError):
            result.wait(SOON)
        self.assertFalse(ran.is_set())

    def test_one_that_cancels_itself(self) -> None:
        @sluice.run_in_loop
        async def gives_up() -> None:
            future = asyncio.get_running_loop().create_future()
            future.cancel()
            await future

        with self.assertRaises(asyncio.CancelledError):
            gives_up().wait(SOON)

    def test_original_failure(self) -> None:
        waiting = never()
        self.assertIsNone(waiting.original_failure())
        waiting.cancel()
        done = doubled(1)
        done.wait(SOON)
        self.assertIsNone(done.original_failure())
        failed = fails("this one")
        turns(5)
        failure = failed.original_failure()
        self.assertEqual("this one", str(failure))
        self.assertIsNotNone(failure.__traceback__)

    def test_what_a_function_of_another_loop_returns(self) -> None:
        with OtherLoop() as other:
            foreign = sluice.wait_for(SOON)(lambda: [other.loop.create_future()])()[0]
        with self.assertRaisesRegex(RuntimeError, "SL169.*belongs to another loop"):
            sluice.wait_for(SOON)(lambda: foreign)()

    def test_it_is_not_pickled(self) -> None:
        with self.assertRaises(TypeError):
            pickle.dumps(doubled(1))


class Stashing(unittest.TestCase):
    def test_it_is_retrieved_once(self) -> None:
        result = doubled(5)
        number = result.stash()
        again = result.stash()
        self.assertNotEqual(number, again)
        self.assertIs(result, sluice.retrieve_result(number))
        with self.assertRaises(KeyError):
            sluice.retrieve_result(number)
        self.assertIs(result, sluice.retrieve_result(again))

    def test_by_one_of_many(self) -> None:
        numbers = [doubled(number).stash() for number in range(200)]
        found: list[Any] = []

        def retrieve() -> None:
            for number in numbers:
                with contextlib.suppress(KeyError):
                    found.append(sluice.retrieve_result(number))

        for thread in [Started(retrieve) for _ in range(4)]:
            thread.result()
        self.assertEqual(200, len(found))
        self.assertEqual(200, len(set(map(id, found))))


class Futures(unittest.TestCase):
    def test_a_future_of_a_thread_is_followed(self) -> None:
        with concurrent.futures.ThreadPoolExecutor(1) as pool:

            @sluice.run_in_loop
            def asks() -> Any:
                return pool.submit(lambda: "done")

            self.assertEqual("done", asks().wait(SOON))


class Gathering(unittest.TestCase):
    def test_results_in_order(self) -> None:
        gathered = sluice.EventualResult.gather(doubled(1), doubled(2), doubled(3))
        self.assertEqual([2, 4, 6], gathered.wait(SOON))

    def test_the_first_failure(self) -> None:
        other = doubled(3)
        with recorded() as log:
            with self.assertRaisesRegex(ValueError, "on purpose"):
                sluice.EventualResult.gather(fails(), other).wait(SOON)
            self.assertEqual(6, other.wait(SOON))
            settled_and_logged()
        self.assertEqual([], log.texts())

    def test_failures_among_the_results(self) -> None:
        found = sluice.EventualResult.gather(doubled(1), fails(), return_exceptions=True)
        one, failure = found.wait(SOON)
        self.assertEqual((2, "on purpose"), (one, str(failure)))

    def test_cancelling_cancels_all(self) -> None:
        parts = [never(), never()]
        gathered = sluice.EventualResult.gather(*parts)
        turns(5)
        gathered.cancel()
        for each in (gathered, *parts):
            with self.assertRaises(asyncio.CancelledError):
                each.wait(SOON)

    def test_loops_are_not_mixed(self) -> None:
        one = doubled(1)
        with OtherLoop():
            other = doubled(2)
            with self.assertRaisesRegex(RuntimeError, "SL169.*different loops"):
                sluice.EventualResult.gather(one, other)
            other.wait(SOON)
        with self.assertRaises(ValueError):
            sluice.EventualResult.gather()


class Awaiting(unittest.TestCase):
    def test_on_its_own_loop(self) -> None:
        @sluice.wait_for(SOON)
        async def both() -> list[int]:
            return [await doubled(1), await doubled(2)]

        self.assertEqual([2, 4], both())

    def test_on_any_other(self) -> None:
        async def main() -> list[Any]:
            found: list[Any] = [await doubled(1)]
            found += await asyncio.gather(doubled(2), doubled(3))
            try:
                await fails()
            except ValueError as error:
                found.append(str(error))
            return found

        for factory in (sluice.new_event_loop, asyncio.SelectorEventLoop):
            with asyncio.Runner(loop_factory=factory) as runner:
                self.assertEqual([2, 4, 6, "on purpose"], runner.run(main()))

    def test_cancelling_who_awaits_cancels_it(self) -> None:
        result = never()

        async def main() -> None:
            with self.assertRaises(asyncio.TimeoutError):
                await asyncio.wait_for(result, 0.01)

        asyncio.run(main())
        with self.assertRaises(asyncio.CancelledError):
            result.wait(SOON)


class Uncollected(unittest.TestCase):
    def test_a_failure_is_logged_when_it_is_dropped(self) -> None:
        with recorded() as log:
            fails("lost")
            settled_and_logged()
        self.assertEqual(1, len(log.records), log.texts())
        record = log.records[0]
        self.assertIn("fails(), called at", log.texts()[0])
        self.assertRegex(log.texts()[0], r"test_results.py:\d+ in .*test_a_failure_is_logged")
        self.assertEqual("lost", str(record.exc_info[1]))  # type: ignore[index]
        self.assertTrue(record.threadName.startswith("sluice-loop-"))  # type: ignore[union-attr]

    def test_also_when_somebody_waited_too_short(self) -> None:
        release = threading.Event()

        @sluice.run_in_loop
        async def fails_late() -> None:
            while not release.is_set():
                await asyncio.sleep(0.001)
            raise ValueError("late")

        with recorded() as log:
            result = fails_late()
            with self.assertRaises(sluice.TimeoutError):
                result.wait(0.01)
            release.set()
            del result
            for _ in range(200):
                settled_and_logged()
                if log.records:
                    break
        self.assertEqual(1, len(log.records))

    def test_collected_ones_are_not(self) -> None:
        with recorded() as log:
            with self.assertRaises(ValueError):
                fails().wait(SOON)
            failed = fails()
            turns(5)
            self.assertIsNotNone(failed.original_failure())
            del failed

            async def awaits() -> None:
                with self.assertRaises(ValueError):
                    await fails()

            sluice.wait_for(SOON)(awaits)()
            cancelled = never()
            cancelled.cancel()
            del cancelled
            settled_and_logged()
        self.assertEqual([], log.texts())

    def test_nothing_is_logged_where_it_is_dropped(self) -> None:
        """It may be dropped by who holds any lock, that of a handler for instance."""
        with recorded() as log:
            result = fails()
            turns(5)
            holder: list[Any] = [result]
            del result
            lock = logging.getLogger().handlers[-1].lock
            assert lock is not None
            with lock:
                holder.clear()
                gc.collect()
                self.assertEqual([], log.records)
            settled_and_logged()
        self.assertEqual(1, len(log.records))


if __name__ == "__main__":
    sluice.setup()
    unittest.main()
