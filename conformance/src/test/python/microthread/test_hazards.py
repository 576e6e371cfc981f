"""Where a microthread must not be suspended: below Java, in the collector; and what it leaves."""

import array
import asyncio
import gc
import os
import resource
import sys
import threading
import time
import unittest
import unittest.mock
import weakref
from typing import Any

from helpers import LONG, MicrothreadTest

import sluice.java
from sluice import _micro_homes, _micro_run, _micro_words, microthread

ArrayList = sluice.java.type("java.util.ArrayList")
System = sluice.java.type("java.lang.System")


class UnknownPythons(unittest.TestCase):
    """SL193: where thread-locals cannot be found, or are not what was found."""

    def assert_refused(self, words: "array.array[int]", what: str) -> None:
        with (
            unittest.mock.patch.object(_micro_words.door, "thread_words", return_value=words),
            self.assertRaisesRegex(RuntimeError, f"SL193.*{what}"),
        ):
            _micro_words.ThreadWords()

    def test_thread_locals_are_not_found(self) -> None:
        self.assert_refused(array.array("Q", [0] * 64), "of thread-locals")

    def test_what_was_found_is_something_else(self) -> None:
        """A copy of the thread's state looks right, and exchanging its words does nothing."""
        copied = array.array("Q", memoryview(_micro_words.door.thread_words()).tolist())
        self.assert_refused(copied, "what thread-locals hang on")


class BelowJava(MicrothreadTest):
    def test_the_call_blocks_and_is_reported(self) -> None:
        """Microthread, Java, Python, sleep: Java's frames must stay where they are."""
        order: list[str] = []
        items = ArrayList()
        items.add("item")

        def through_java() -> None:
            items.forEach(
                lambda _: (order.append("sleeps"), time.sleep(0.05), order.append("slept"))
            )
            time.sleep(0.001)
            order.append("end")

        with self.assertLogs("sluice.guard") as logs:
            self.together(through_java, lambda: order.append("other"))
        self.assertEqual(["sleeps", "slept", "other", "end"], order)
        self.assertIn("Java code lies between", logs.output[0])

    def test_java_before_and_after_is_no_obstacle(self) -> None:
        def plain() -> bool:
            for _ in range(20):
                items = ArrayList()
                items.add(1)
                items.forEach(lambda _: None)
                time.sleep(0.0005)
            return items.size() == 1

        async def main() -> list[bool]:
            stop = asyncio.Event()

            async def collect() -> None:
                while not stop.is_set():
                    System.gc()
                    gc.collect()
                    await asyncio.sleep(0.02)

            collecting = asyncio.create_task(collect())
            found = await asyncio.gather(*(microthread.spawn(plain) for _ in range(50)))
            stop.set()
            await collecting
            return found

        self.assertEqual([True] * 50, asyncio.run(main()))

    def test_a_loop_that_java_runs(self) -> None:
        """A microthread that began outside of Java's call cannot go on within it."""
        loop = asyncio.new_event_loop()

        async def begin() -> Any:
            spawned = microthread.spawn(time.sleep, 0.01)
            await asyncio.sleep(0)
            return spawned

        spawned = loop.run_until_complete(begin())
        items = ArrayList()
        items.add(1)

        def again(_: object) -> None:
            loop.run_until_complete(asyncio.wait([spawned], timeout=LONG))

        items.forEach(again)
        self.assertIn("SL194", str(spawned.exception()))
        loop.close()

    def test_microthreads_of_a_loop_that_java_runs(self) -> None:
        items = ArrayList()
        items.add(1)
        found: list[Any] = []

        async def main() -> None:
            found.extend(
                await asyncio.gather(*(microthread.spawn(time.sleep, 0.02) for _ in range(9)))
            )

        items.forEach(lambda _: asyncio.run(main()))
        self.assertEqual([None] * 9, found)


class Collected(MicrothreadTest):
    def test_a_finalizer_that_the_collector_runs_does_not_suspend(self) -> None:
        order: list[str] = []

        class Cycle:
            def __init__(self) -> None:
                self.itself = self

            def __del__(self) -> None:
                order.append("sleeps")
                time.sleep(0.01)
                order.append("slept")

        def plain() -> None:
            Cycle()
            gc.collect()
            order.append("collected")

        self.together(plain, lambda: order.append("other"))
        self.assertEqual(["sleeps", "slept", "collected", "other"], order)

    def test_one_that_is_run_at_once_does(self) -> None:
        order: list[str] = []

        class Plain:
            def __del__(self) -> None:
                time.sleep(0.01)
                order.append("slept")

        def plain() -> None:
            made = Plain()
            del made
            order.append("gone")

        self.together(plain, lambda: order.append("other"))
        self.assertEqual(["other", "slept", "gone"], order)

    def test_a_trace_function_does_not_suspend(self) -> None:
        order: list[str] = []

        def tracer(*_: object) -> None:
            order.append("traced")
            time.sleep(0.001)

        def called() -> None:
            pass

        def plain() -> None:
            sys.settrace(tracer)  # type: ignore[arg-type]
            try:
                int("1")
                called()
            finally:
                sys.settrace(None)
            order.append("end")

        self.together(plain, lambda: order.append("other"))
        self.assertEqual(["end", "other"], [each for each in order if each != "traced"])
        self.assertIn("traced", order)


class Left(MicrothreadTest):
    def test_ten_thousand_leave_nothing(self) -> None:
        local = threading.local()
        held: weakref.WeakSet[Any] = weakref.WeakSet()

        class Held:
            pass

        def plain() -> None:
            local.held = Held()
            held.add(local.held)
            time.sleep(0.0001)
            try:
                raise ValueError
            except ValueError:
                time.sleep(0)

        def rounds(count: int) -> None:
            async def main() -> None:
                for _ in range(count):
                    await asyncio.gather(*(microthread.spawn(plain) for _ in range(250)))

            asyncio.run(main())
            gc.collect()

        rounds(4)
        objects, memory = len(gc.get_objects()), resident()
        began = time.monotonic()
        rounds(40)
        took = time.monotonic() - began
        grown = resident() - memory
        print(
            f"10,000 microthreads: {took:.2f} s, {grown / 1e6:.1f} MB, "
            f"{len(gc.get_objects()) - objects} objects more"
        )
        self.assertEqual(0, len(held))
        self.assertEqual({}, _micro_run.alive)
        self.assertEqual({}, _micro_homes.claimed)
        self.assertEqual({}, _micro_homes.waiting)
        self.assertLess(len(gc.get_objects()) - objects, 2000)
        self.assertLess(grown, 40e6)

    def test_loops_and_threads_leave_nothing(self) -> None:
        def in_thread() -> None:
            asyncio.run(asyncio.wait_for(self._some(), LONG))

        for _ in range(20):
            thread = threading.Thread(target=in_thread)
            thread.start()
            thread.join()
        gc.collect()
        self.assertLess(len(_micro_homes._homes), 5)
        self.assertEqual([], microthread.running())

    async def _some(self) -> None:
        await asyncio.gather(*(microthread.spawn(time.sleep, 0.001) for _ in range(10)))

    def test_uninstalled_everything_is_as_it_was(self) -> None:
        import _thread  # noqa: PLC0415

        self.alone(time.sleep, 0.001)
        sluice.guard.uninstall()
        self.assertEqual(threading.main_thread().ident, _thread.get_ident())
        lock = threading.Lock()
        with lock:
            self.assertFalse(lock.acquire(False))
        self.assertEqual("<built-in function get_ident>", repr(_thread.get_ident))


def resident() -> int:
    with sluice.guard.allow():
        pages = int(open("/proc/self/statm").read().split()[1])  # noqa: SIM115
    return pages * resource.getpagesize()


class Starved(MicrothreadTest):
    def test_a_thread_that_computes_gives_the_gil_back(self) -> None:
        """It has woken the loop before, and calls no Java any more."""
        seen: list[bool] = []

        def plain() -> None:
            ended = False

            def computes() -> None:
                until = time.monotonic() + LONG
                while not ended and time.monotonic() < until:
                    pass
                seen.append(ended)

            thread = threading.Thread(target=computes)
            thread.start()  # waits until it runs
            ended = True
            thread.join()

        for _ in range(5):
            self.alone(plain)
        self.assertEqual([True] * 5, seen)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    unittest.main()
