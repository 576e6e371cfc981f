"""A loop's life: thread after thread, nesting, closing, many of them, executors, debugging."""

import asyncio
import concurrent.futures
import contextlib
import contextvars
import gc
import logging
import os
import sys
import threading
import time
import unittest
from collections.abc import AsyncIterator, Callable
from typing import Any

import sluice

SOON = 1.0
_E314 = sys.version_info >= (3, 14)


def on_thread(function: Callable[[], Any]) -> Any:
    """What a function returns, or raises, on a thread of its own."""
    future: concurrent.futures.Future[Any] = concurrent.futures.Future()

    def run() -> None:
        try:
            future.set_result(function())
        except BaseException as error:
            future.set_exception(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        return future.result(10)
    finally:
        thread.join(10)


def descriptors() -> int:
    gc.collect()
    return len(os.listdir("/proc/self/fd"))


class Life(unittest.TestCase):
    def test_asyncio_makes_our_loops(self) -> None:
        async def main() -> str:
            return f"{type(asyncio.get_running_loop()).__module__}"

        self.assertEqual("sluice._loop", asyncio.run(main()))
        self.assertEqual("sluice._loop", sluice.run(main()))
        with contextlib.closing(asyncio.new_event_loop()) as loop:
            self.assertEqual("sluice._loop", type(loop).__module__)

    def test_a_policy_that_is_none_is_refused(self) -> None:
        with self.assertRaises(ValueError):
            sluice.new_event_loop(wrong_thread="mend")  # type: ignore[arg-type]

    def test_one_thread_after_the_other_runs_it(self) -> None:
        loop = sluice.new_event_loop()
        idents = []

        async def once() -> int:
            reader, writer = os.pipe()
            readable = loop.create_future()
            loop.add_reader(reader, readable.set_result, None)
            threading.Timer(0.02, os.write, (writer, b"x")).start()
            await asyncio.wait_for(readable, SOON)
            loop.remove_reader(reader)
            os.close(reader)
            os.close(writer)
            return threading.get_ident()

        with contextlib.closing(loop):
            for _ in range(3):
                idents.append(loop.run_until_complete(once()))
                idents.append(on_thread(lambda: loop.run_until_complete(once())))
        self.assertEqual(6, len(idents))
        self.assertEqual([threading.get_ident()] * 3, idents[::2])

    def test_it_is_not_run_by_two_threads_nor_twice(self) -> None:
        loop = sluice.new_event_loop()

        async def main() -> None:
            for forever in (loop.run_forever, lambda: on_thread(loop.run_forever)):
                with self.assertRaisesRegex(RuntimeError, "already running"):
                    forever()
            with self.assertRaisesRegex(RuntimeError, "Cannot run the event loop while another"):
                other.run_forever()
            with self.assertRaisesRegex(RuntimeError, "Cannot close a running"):
                on_thread(loop.close)

        with contextlib.closing(loop), contextlib.closing(sluice.new_event_loop()) as other:
            loop.run_until_complete(main())

    def test_it_is_closed_by_another_thread(self) -> None:
        before = descriptors()
        loop = sluice.new_event_loop()
        loop.run_until_complete(asyncio.sleep(0.01))
        on_thread(loop.close)
        self.assertTrue(loop.is_closed())
        self.assertEqual(before, descriptors())
        with self.assertRaisesRegex(RuntimeError, "closed"):
            loop.call_soon_threadsafe(print)

    def test_it_may_be_run_on_a_thread_that_ends_and_closed_later(self) -> None:
        before = descriptors()
        loops = []
        for _ in range(5):
            loop = sluice.new_event_loop()
            on_thread(lambda loop=loop: loop.run_until_complete(asyncio.sleep(0)))
            loops.append(loop)
        for loop in loops:
            loop.close()
        self.assertLessEqual(descriptors(), before + 1)

    def test_it_is_used_before_it_runs_by_any_thread(self) -> None:
        with contextlib.closing(sluice.new_event_loop()) as loop:
            ran: list[int] = []
            on_thread(lambda: loop.call_soon(ran.append, 1))
            on_thread(lambda: loop.call_soon_threadsafe(ran.append, 2))
            on_thread(lambda: loop.call_later(0, ran.append, 3))
            loop.run_until_complete(asyncio.sleep(0.01))
            self.assertEqual([1, 2, 3], ran)

    def test_a_thousand_leave_no_descriptors(self) -> None:
        asyncio.run(asyncio.sleep(0))
        before = descriptors()
        for number in range(1_000):
            loop = sluice.new_event_loop()
            loop.run_until_complete(asyncio.sleep(0))
            if number % 2:
                reader, writer = os.pipe()
                loop.add_reader(reader, print)
                loop.remove_reader(reader)
                os.close(reader)
                os.close(writer)
            loop.close()
        self.assertLessEqual(descriptors(), before)

    def test_one_that_nobody_closes_is_reported_and_given_back(self) -> None:
        asyncio.run(asyncio.sleep(0))
        before = descriptors()
        with self.assertWarnsRegex(ResourceWarning, "unclosed event loop"):
            loop = sluice.new_event_loop()
            loop.run_until_complete(asyncio.sleep(0))
            del loop
            gc.collect()
        self.assertLessEqual(descriptors(), before)

    def test_it_runs_on_threads_at_the_same_time(self) -> None:
        async def main() -> float:
            for _ in range(50):
                await asyncio.sleep(0.001)
            return time.monotonic()

        threads = [
            concurrent.futures.ThreadPoolExecutor(1).submit(asyncio.run, main()) for _ in range(8)
        ]
        self.assertEqual(8, len([each.result(20) for each in threads]))

    def test_timers_are_precise(self) -> None:
        late: list[float] = []

        async def main() -> None:
            loop = asyncio.get_running_loop()
            for millis in range(1, 41):
                due = loop.time() + millis / 1000
                future = loop.create_future()
                loop.call_at(due, future.set_result, None)
                await future
                late.append(loop.time() - due)

        sluice.run(main())
        # Never early by more than the clock's step; on a busy machine a few may be late.
        self.assertGreater(min(late), -0.001)
        self.assertLess(sorted(late)[len(late) // 2], 0.02)

    def test_a_far_timer_and_an_immediate_one(self) -> None:
        async def main() -> None:
            loop = asyncio.get_running_loop()
            far = loop.call_later(1e9, print)
            await asyncio.sleep(0)
            await asyncio.sleep(1e-9)
            far.cancel()
            await asyncio.wait_for(asyncio.sleep(0.01), 1e8)

        sluice.run(main())


class Work(unittest.TestCase):
    """What the loop hands to other threads."""

    def test_functions_run_on_the_workers(self) -> None:
        async def main() -> tuple[str, str]:
            loop = asyncio.get_running_loop()
            name = await loop.run_in_executor(None, lambda: threading.current_thread().name)
            return name, await asyncio.to_thread(lambda: threading.current_thread().name)

        for name in sluice.run(main()):
            self.assertRegex(name, r"^sluice-py-\d+-\d+$")

    def test_what_they_raise_is_raised(self) -> None:
        def fail() -> None:
            raise KeyError("mine")

        async def main() -> None:
            with self.assertRaisesRegex(KeyError, "mine"):
                await asyncio.to_thread(fail)

        sluice.run(main())

    def test_they_see_the_context(self) -> None:
        variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable")

        async def main() -> str:
            variable.set("seen")
            return await asyncio.to_thread(variable.get)

        self.assertEqual("seen", sluice.run(main()))

    def test_many_run_at_once(self) -> None:
        barrier = threading.Barrier(16)

        async def main() -> None:
            await asyncio.gather(*(asyncio.to_thread(barrier.wait, 20) for _ in range(16)))

        sluice.run(main())

    def test_the_end_waits_for_them(self) -> None:
        done: list[bool] = []

        async def main() -> None:
            def work() -> None:
                time.sleep(0.3)
                done.append(True)

            waiting = asyncio.ensure_future(asyncio.to_thread(work))
            await asyncio.sleep(0.05)
            waiting.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await waiting
            self.assertEqual([], done)

        sluice.run(main())
        self.assertEqual([True], done)

    def test_after_its_end_the_executor_takes_nothing(self) -> None:
        async def main() -> None:
            loop = asyncio.get_running_loop()
            await asyncio.to_thread(int)
            await loop.shutdown_default_executor()
            with self.assertRaisesRegex(RuntimeError, "shutdown"):
                await asyncio.to_thread(int)

        sluice.run(main())

    def test_an_executor_of_ones_own(self) -> None:
        async def main() -> str:
            loop = asyncio.get_running_loop()
            with concurrent.futures.ThreadPoolExecutor(1, "mine") as pool:
                return await loop.run_in_executor(pool, lambda: threading.current_thread().name)

        self.assertEqual("mine_0", sluice.run(main()))


class Tasks(unittest.TestCase):
    def test_generators_are_closed_at_the_end(self) -> None:
        closed: list[str] = []

        async def numbers() -> AsyncIterator[int]:
            try:
                yield 1
                yield 2
            finally:
                await asyncio.sleep(0)
                closed.append(threading.current_thread().name)

        async def main() -> None:
            kept.append(numbers())
            await kept[0].__anext__()

        kept: list[Any] = []
        sluice.run(main())
        self.assertEqual(["MainThread"], closed)

    def test_a_generator_dropped_elsewhere_is_closed_on_the_loop(self) -> None:
        closed: list[str] = []

        async def numbers() -> AsyncIterator[int]:
            try:
                yield 1
            finally:
                await asyncio.sleep(0)
                closed.append(threading.current_thread().name)

        async def main() -> None:
            kept = [numbers()]
            await kept[0].__anext__()
            await asyncio.to_thread(kept.clear)
            while not closed:
                await asyncio.sleep(0.01)

        sluice.run(main())
        self.assertEqual(["MainThread"], closed)

    def test_eager_tasks(self) -> None:
        factory = getattr(asyncio, "eager_task_factory", None)
        if factory is None:
            self.skipTest("from Python 3.12 on")

        async def main() -> None:
            asyncio.get_running_loop().set_task_factory(factory)
            ran: list[int] = []

            async def once() -> None:
                ran.append(1)

            task = asyncio.create_task(once())
            self.assertTrue(task.done())
            self.assertEqual([1], ran)

        sluice.run(main())

    def test_each_task_has_its_context(self) -> None:
        variable: contextvars.ContextVar[int] = contextvars.ContextVar("variable", default=0)

        async def sets(value: int) -> int:
            variable.set(value)
            await asyncio.sleep(0.001)
            return variable.get()

        async def main() -> None:
            self.assertEqual([1, 2, 3], await asyncio.gather(*map(sets, (1, 2, 3))))
            self.assertEqual(0, variable.get())
            seen = asyncio.get_running_loop().create_future()
            context = contextvars.copy_context()
            context.run(variable.set, 9)
            asyncio.get_running_loop().call_soon(
                lambda: seen.set_result(variable.get()), context=context
            )
            self.assertEqual(9, await seen)

        sluice.run(main())


class Debug(unittest.TestCase):
    def test_a_slow_callback_is_reported_with_its_place(self) -> None:
        async def main() -> None:
            asyncio.get_running_loop().slow_callback_duration = 0.05
            asyncio.get_running_loop().call_soon(time.sleep, 0.1)
            await asyncio.sleep(0.15)

        with self.assertLogs("asyncio", logging.WARNING) as logs:
            sluice.run(main(), debug=True)
        text = "\n".join(logs.output)
        self.assertIn("took 0.1", text)
        self.assertIn(__file__, text)

    def test_who_made_a_call_is_shown_and_not_how(self) -> None:
        told: list[dict[str, Any]] = []

        async def main() -> None:
            loop = asyncio.get_running_loop()
            loop.set_exception_handler(lambda _, context: told.append(context))
            loop.call_soon(self.fail_soon)
            loop.call_soon_threadsafe(self.fail_soon)
            loop.call_later(0.001, self.fail_soon)
            loop.call_at(loop.time(), self.fail_soon)
            await asyncio.sleep(0.05)

        sluice.run(main(), debug=True)
        self.assertEqual(4, len(told))
        for context in told:
            last = context["source_traceback"][-1]
            self.assertEqual((__file__, "main"), (last.filename, last.name))
            self.assertIn("fail_soon", context["message"])
            self.assertIsInstance(context["exception"], ZeroDivisionError)

    def fail_soon(self) -> None:
        raise ZeroDivisionError

    def test_a_coroutine_is_no_callback(self) -> None:
        async def main() -> None:
            loop: Any = asyncio.get_running_loop()
            with self.assertRaises(TypeError):
                loop.call_soon(main)
            with self.assertRaises(TypeError):
                loop.call_soon_threadsafe(None)

        sluice.run(main(), debug=True)


if __name__ == "__main__":
    unittest.main(verbosity=1)
