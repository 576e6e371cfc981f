"""A SafeQueue awaited by tasks of one loop and of several, ours and asyncio's own."""

import asyncio
import contextlib
import gc
import os
import queue
import random
import threading
import time
import unittest
from collections.abc import Callable, Coroutine
from typing import Any

import ledger

import sluice

SOON = 10.0
TIER = os.environ.get("QUEUE_TEST_TIER", "ci")


def _asyncios() -> asyncio.AbstractEventLoop:
    return asyncio.SelectorEventLoop()


#: What makes loops: asyncio's own, and what `sluice run` gives.
FACTORIES: list[Callable[[], asyncio.AbstractEventLoop]] = [asyncio.new_event_loop, _asyncios]


def run(main: Coroutine[Any, Any, Any], factory: Any = asyncio.new_event_loop) -> Any:
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(asyncio.wait_for(main, 60))


class Async(unittest.TestCase):
    """Tasks of one loop."""

    bound = 0

    def each(self, main: Callable[[Any], Coroutine[Any, Any, Any]]) -> None:
        for factory in FACTORIES:
            with self.subTest(factory.__name__):
                tested: Any = sluice.SafeQueue(self.bound)
                run(main(tested), factory)
                side = tested._getters
                self.assertEqual(0, len(side.armed))
                self.assertEqual({}, side.crowds)

    def test_what_is_there_is_got_at_once(self) -> None:
        async def main(tested: Any) -> None:
            await tested.put_async(1)
            tested.put(2)
            self.assertEqual([1, 2], [await tested.get_async(), await tested.get_async()])

        self.each(main)

    def test_a_put_on_a_thread_wakes_a_task(self) -> None:
        async def main(tested: Any) -> None:
            for number in range(200):
                task = asyncio.ensure_future(tested.get_async())
                await asyncio.sleep(0)
                thread = threading.Thread(target=tested.put, args=(number,))
                thread.start()
                self.assertEqual(number, await task)
                thread.join()

        self.each(main)

    def test_tasks_are_served_in_order(self) -> None:
        async def main(tested: Any) -> None:
            tasks = [asyncio.ensure_future(tested.get_async()) for _ in range(5)]
            await asyncio.sleep(0)
            for number in range(5):
                tested.put(number)
            self.assertEqual(list(range(5)), await asyncio.gather(*tasks))

        self.each(main)

    def test_a_put_wakes_no_more_than_it_serves(self) -> None:
        async def main(tested: Any) -> None:
            tasks = [asyncio.ensure_future(tested.get_async()) for _ in range(50)]
            await asyncio.sleep(0)
            (crowd,) = tested._getters.crowds.values()
            tested.put("only one")
            while not any(task.done() for task in tasks):
                await asyncio.sleep(0)
            self.assertEqual(49, len(crowd.futures))
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        self.each(main)

    def test_a_cancelled_get_takes_nothing(self) -> None:
        async def main(tested: Any) -> None:
            first = asyncio.ensure_future(tested.get_async())
            second = asyncio.ensure_future(tested.get_async())
            await asyncio.sleep(0)
            tested.put("item")
            # It has been woken, and is cancelled before it runs.
            (crowd,) = tested._getters.crowds.values()
            crowd.rung()
            first.cancel()
            self.assertEqual("item", await second)
            self.assertTrue(first.cancelled())
            side = tested._getters
            for waker in list(side.armed):
                side.disarm(waker)

        self.each(main)

    def test_timeouts_leave_nothing(self) -> None:
        async def main(tested: Any) -> None:
            for _ in range(20):
                with self.assertRaises(asyncio.TimeoutError):
                    await asyncio.wait_for(tested.get_async(), 0.001)

        self.each(main)

    def test_close_wakes_tasks(self) -> None:
        async def main(tested: Any) -> None:
            tasks = [asyncio.ensure_future(tested.get_async()) for _ in range(5)]
            await asyncio.sleep(0)
            threading.Timer(0.01, tested.close).start()
            for result in await asyncio.gather(*tasks, return_exceptions=True):
                self.assertIsInstance(result, sluice.QueueClosed)
            with self.assertRaises(sluice.QueueClosed):
                await tested.put_async(1)

        self.each(main)

    def test_iteration(self) -> None:
        async def main(tested: Any) -> None:
            def produce() -> None:
                for number in range(1_000):
                    tested.put(number)
                tested.close()

            thread = threading.Thread(target=produce)
            thread.start()
            self.assertEqual(list(range(1_000)), [item async for item in tested])
            thread.join()

        self.each(main)

    def test_a_loop_that_stands_still_holds_nobody_up(self) -> None:
        tested: Any = sluice.SafeQueue(self.bound)
        still = asyncio.new_event_loop()
        # The task waits, but its loop is not run any more.
        waiting = still.create_task(tested.get_async())
        still.run_until_complete(asyncio.sleep(0.01))

        async def main() -> None:
            task = asyncio.ensure_future(tested.get_async())
            await asyncio.sleep(0)
            tested.put("item")
            self.assertEqual("item", await task)

        run(main())
        tested.put("another")
        self.assertEqual("another", still.run_until_complete(waiting))
        still.close()

    def test_a_task_that_is_dropped_with_its_loop(self) -> None:
        tested: Any = sluice.SafeQueue(self.bound)
        dropped = asyncio.new_event_loop()
        waiting = dropped.create_task(tested.get_async())
        waiting._log_destroy_pending = False  # type: ignore[attr-defined]
        dropped.run_until_complete(asyncio.sleep(0.01))
        dropped.close()
        del waiting, dropped
        gc.collect()
        tested.put("item")
        self.assertEqual("item", tested.get())

    def test_a_descriptor_that_fails(self) -> None:
        async def main(tested: Any) -> None:
            task = asyncio.ensure_future(tested.get_async())
            await asyncio.sleep(0)
            (crowd,) = tested._getters.crowds.values()
            bell = crowd._bell
            if not hasattr(os, "eventfd"):
                self.skipTest("there is no eventfd")
            # As full as it can be: the next stroke would block.
            os.eventfd_write(bell.wake.descriptor, 2**64 - 2)
            tested.put("item")
            self.assertEqual("item", await task)

        self.each(main)

    def test_no_descriptor_is_left(self) -> None:
        async def main(tested: Any) -> None:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(tested.get_async(), 0.001)
            task = asyncio.ensure_future(tested.get_async())
            await asyncio.sleep(0)
            tested.put(1)
            await task

        if not os.path.isdir("/proc/self/fd"):
            self.skipTest("descriptors cannot be counted here")
        self.each(main)
        gc.collect()
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(10):
            self.each(main)
        gc.collect()
        self.assertLessEqual(len(os.listdir("/proc/self/fd")), before)


class AsyncBounded(Async):
    bound = 1_000

    def test_a_put_waits_for_room(self) -> None:
        async def main() -> None:
            tested: Any = sluice.SafeQueue(2)

            async def produce() -> None:
                for number in range(500):
                    await tested.put_async(number)

            task = asyncio.ensure_future(produce())
            for number in range(500):
                self.assertEqual(number, await tested.get_async())
                self.assertLessEqual(tested.qsize(), 2)
            await task
            self.assertEqual({}, tested._putters.crowds)

        for factory in FACTORIES:
            run(main(), factory)

    def test_close_wakes_those_who_wait_for_room(self) -> None:
        async def main() -> None:
            tested: Any = sluice.SafeQueue(1)
            tested.put(1)
            task = asyncio.ensure_future(tested.put_async(2))
            await asyncio.sleep(0)
            tested.close()
            with self.assertRaises(sluice.QueueClosed):
                await task
            self.assertEqual(1, await tested.get_async())

        run(main())


class Many(unittest.TestCase):
    """Threads and loops, tasks that are cancelled all the time, for a while."""

    def work(self, bound: int) -> None:
        tested: Any = sluice.SafeQueue(bound)
        producers = ledger.Producers(tested)
        until = time.monotonic() + (20.0 if TIER == "full" else 2.0)
        shares: list[ledger.Share] = []

        async def produce(name: str) -> None:
            while time.monotonic() < until:
                for _ in range(random.randrange(20)):
                    await tested.put_async((name, producers.put[name]))
                    producers.put[name] += 1
                await asyncio.sleep(random.choice((0, 0.001)))

        def produce_on_thread(name: str) -> None:
            while time.monotonic() < until:
                for _ in range(random.randrange(20)):
                    producers.put_next(name)
                time.sleep(random.choice((0, 0.001)))

        async def get(share: ledger.Share) -> None:
            while True:
                share.enter(await tested.get_async())

        async def consume() -> None:
            """Gets that are cancelled at any point."""
            share = ledger.Share()
            shares.append(share)
            while True:
                task = asyncio.ensure_future(get(share))
                await asyncio.sleep(random.choice((0, 0.0005, 0.002)))
                task.cancel()
                try:
                    await task
                except asyncio.CancelledError:
                    continue
                except sluice.QueueClosed:
                    return

        async def main(number: int) -> None:
            ends = [asyncio.ensure_future(consume()) for _ in range(4)]
            await asyncio.gather(*(produce(f"task {number} {each}") for each in range(2)))
            produced.put(number)
            await asyncio.gather(*ends)

        def consume_on_thread() -> None:
            share = ledger.Share()
            shares.append(share)
            with contextlib.suppress(sluice.QueueClosed):
                while True:
                    with contextlib.suppress(queue.Empty):
                        share.enter(tested.get(timeout=random.choice((0.0001, 0.01))))

        produced: queue.Queue[int] = queue.Queue()
        loops = [threading.Thread(target=run, args=(main(n), FACTORIES[n % 2])) for n in range(3)]
        getters = [threading.Thread(target=consume_on_thread) for _ in range(2)]
        putters = [
            threading.Thread(target=produce_on_thread, args=(f"thread {n}",)) for n in range(2)
        ]
        for thread in loops + getters + putters:
            thread.start()
        for thread in putters:
            thread.join()
        for _ in loops:
            produced.get(timeout=60)
        tested.close()
        for thread in loops + getters:
            thread.join(60)
            self.assertFalse(thread.is_alive(), "a consumer was not woken")
        print(f"{bound or 'no'} bound: {ledger.account(shares, producers)} items")

    def test_without_a_bound(self) -> None:
        self.work(0)

    def test_with_a_bound(self) -> None:
        self.work(5)


if __name__ == "__main__":
    unittest.main()
