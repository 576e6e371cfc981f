"""A thousand plain functions that sleep, on one thread; and what a microthread is."""

import asyncio
import contextvars
import os
import signal
import sys
import threading
import time
import unittest
from time import sleep as stray
from typing import Any

from helpers import LONG, MicrothreadTest

import sluice.guard
from sluice import microthread

_MANY = 1000
_SECONDS = 0.2


@sluice.guard.allow("os.listdir")
def threads_of_system() -> int:
    return len(os.listdir("/proc/self/task"))


class Thousand(MicrothreadTest):
    def test_they_sleep_at_the_same_time_on_one_thread(self) -> None:
        ended = []
        thread = threading.get_ident()

        def plain(number: int) -> int:
            before = threading.get_native_id()
            stray(_SECONDS)
            ended.append(threading.get_native_id() == before)
            return number

        async def main() -> tuple[list[int], int]:
            spawned = [microthread.spawn(plain, each) for each in range(_MANY)]
            await asyncio.sleep(_SECONDS / 2)
            meanwhile = threads_of_system()
            return await asyncio.gather(*spawned), meanwhile

        before = threads_of_system()
        began = time.monotonic()
        results, meanwhile = asyncio.run(main())
        took = time.monotonic() - began
        print(f"{_MANY} microthreads slept {_SECONDS} s each: {took:.2f} s, {meanwhile} threads")
        self.assertEqual(list(range(_MANY)), results)
        self.assertEqual([True] * _MANY, ended)
        self.assertLess(took, _MANY * _SECONDS / 10)
        self.assertLess(meanwhile, before + 20)
        self.assertEqual(thread, threading.get_ident())

    def test_it_starts_from_the_ready_queue(self) -> None:
        seen = []

        async def main() -> None:
            spawned = microthread.spawn(seen.append, "microthread")
            seen.append("caller")
            await spawned

        asyncio.run(main())
        self.assertEqual(["caller", "microthread"], seen)

    def test_results_errors_and_callbacks(self) -> None:
        def fail() -> None:
            raise ValueError("as it is")

        async def main() -> None:
            spawned = microthread.spawn(int, "7", name="seven")
            called = []
            spawned.add_done_callback(called.append)
            self.assertFalse(spawned.done())
            self.assertEqual(7, await spawned)
            await asyncio.sleep(0)
            self.assertEqual([spawned], called)
            self.assertEqual(
                ("seven", 7, None), (spawned.name, spawned.result(), spawned.exception())
            )
            names = []
            try:
                await microthread.spawn(fail)
            except ValueError as error:
                traceback = error.__traceback__
            while traceback is not None:
                names.append(traceback.tb_frame.f_code.co_name)
                traceback = traceback.tb_next
            self.assertEqual("fail", names[-1])

        asyncio.run(main())

    def test_it_needs_a_loop(self) -> None:
        with self.assertRaises(RuntimeError):
            microthread.spawn(int)
        with self.assertRaisesRegex(RuntimeError, "SL195"):
            microthread.wait(asyncio.sleep(0))

    def test_it_awaits_what_asyncio_has(self) -> None:
        async def double(number: int) -> int:
            await asyncio.sleep(0.01)
            return 2 * number

        def plain() -> list[Any]:
            found = [microthread.wait(double(4))]
            found.append(microthread.wait(microthread.spawn(int, "5")))
            with self.assertRaises(TimeoutError):
                microthread.wait(asyncio.sleep(LONG), timeout=0.01)
            with self.assertRaises(ZeroDivisionError):
                microthread.wait(fails())
            found.append(microthread.wait(double(1), timeout=LONG))
            return found

        async def fails() -> None:
            raise ZeroDivisionError

        self.assertEqual([8, 5, 2], self.alone(plain))

    def test_a_plain_loop_of_asyncio_runs_them_too(self) -> None:
        async def main() -> float:
            began = time.monotonic()
            await asyncio.gather(*(microthread.spawn(time.sleep, 0.2) for _ in range(50)))
            return time.monotonic() - began

        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop, debug=True) as runner:
            self.assertLess(runner.run(main()), 5)


class Isolation(MicrothreadTest):
    def test_thread_locals(self) -> None:
        local = threading.local()
        local.value = "thread"

        def plain(value: int) -> bool:
            fresh = not hasattr(local, "value")
            local.value = value
            time.sleep(0.01)
            return fresh and local.value == value

        found = self.together(*(lambda each=each: plain(each) for each in range(20)))  # type: ignore[misc]
        self.assertEqual([True] * 20, found)
        self.assertEqual("thread", local.value)

    def test_what_a_thread_local_holds_goes_with_the_microthread(self) -> None:
        local = threading.local()
        gone = []

        class Held:
            def __del__(self) -> None:
                gone.append(1)

        def plain() -> None:
            local.held = Held()
            time.sleep(0.001)

        self.together(*[plain] * 10)
        self.assertEqual([1] * 10, gone)

    def test_context_variables(self) -> None:
        variable: contextvars.ContextVar[Any] = contextvars.ContextVar("variable", default=None)

        def plain(value: int) -> Any:
            before = variable.get()
            variable.set(value)
            time.sleep(0.01)
            return before, variable.get()

        async def main() -> None:
            variable.set("task")
            spawned = [microthread.spawn(plain, each) for each in range(10)]
            self.assertEqual([("task", each) for each in range(10)], await asyncio.gather(*spawned))
            self.assertEqual("task", variable.get())

        asyncio.run(main())

    def test_exceptions_that_are_handled(self) -> None:
        def plain(number: int) -> bool:
            try:
                raise ValueError(number)
            except ValueError as error:
                time.sleep(0.01)
                return sys.exc_info()[1] is error

        def none() -> bool:
            time.sleep(0.005)
            return sys.exc_info() == (None, None, None)

        found = self.together(
            *(lambda each=each: plain(each) for each in range(10)),  # type: ignore[misc]
            none,
        )
        self.assertEqual([True] * 11, found)

    def test_identity(self) -> None:
        def plain() -> tuple[int, str, bool]:
            me = threading.current_thread()
            time.sleep(0.01)
            self.assertIs(me, threading.current_thread())
            self.assertEqual(me.ident, threading.get_ident())
            self.assertIn(me, threading.enumerate())
            self.assertTrue(me.is_alive())
            self.assertIsNot(me, threading.main_thread())
            return threading.get_ident(), me.name, me.daemon

        before = threading.enumerate()
        found = self.together(*[plain] * 10)
        self.assertEqual(10, len({ident for ident, _, _ in found}))
        self.assertEqual(10, len({name for _, name, _ in found}))
        self.assertEqual(before, [each for each in threading.enumerate() if each in before])
        self.assertFalse([each for each in threading.enumerate() if each.name.startswith("microt")])

    def test_its_number_is_understood(self) -> None:
        """The system would look for a thread at that address."""

        def plain() -> int:
            signal.pthread_kill(threading.get_ident(), 0)
            with self.assertRaises(ProcessLookupError):
                signal.pthread_kill(1 << 60, 0)
            return time.clock_gettime_ns(time.pthread_getcpuclockid(threading.get_ident()))

        self.assertGreater(self.alone(plain), 0)

    def test_no_loop_runs_within(self) -> None:
        def plain() -> bool:
            with self.assertRaises(RuntimeError):
                asyncio.get_running_loop()
            time.sleep(0.01)
            with self.assertRaises(RuntimeError):
                asyncio.get_running_loop()
            return True

        self.assertTrue(self.alone(plain))

    def test_a_loop_of_its_own(self) -> None:
        """It suspends the microthread, too: ten of them sleep at the same time."""

        async def inner() -> int:
            inside = microthread.spawn(time.sleep, 1)
            await asyncio.sleep(1)
            await inside
            return id(asyncio.get_running_loop())

        began = time.monotonic()
        found = self.together(*[lambda: asyncio.run(inner())] * 10)
        self.assertEqual(10, len(found))
        self.assertLess(time.monotonic() - began, 8)

    def test_deep_recursion_is_an_error(self) -> None:
        def deep(number: int) -> int:
            return deep(number + 1)

        def through_c(number: int) -> Any:
            return sorted([1], key=lambda _: through_c(number + 1))

        def plain() -> list[str]:
            found = []
            for function in (deep, through_c):
                try:
                    function(0)
                except RecursionError as error:
                    found.append(type(error).__name__)
                time.sleep(0.001)
            return found

        self.assertEqual([["RecursionError"] * 2] * 3, self.together(*[plain] * 3))

    def test_it_waits_deep_within(self) -> None:
        def deep(number: int) -> int:
            if not number:
                time.sleep(0.01)
                return 0
            return (
                1
                + max([number - 1], key=lambda each: 0) * 0
                + min([0], key=lambda _: deep(number - 1))
            )

        def plain() -> int:
            return deep(20)

        self.assertEqual([1] * 50, self.together(*[plain] * 50))


if __name__ == "__main__":
    unittest.main()
