"""Functions that a loop runs while the caller waits: wait_for."""

import asyncio
import builtins
import contextlib
import contextvars
import functools
import gc
import inspect
import threading
import time
import traceback
import unittest
import weakref
from typing import Any

from helpers import SOON, Started, recorded, settled_and_logged, turns

import sluice

_variable: contextvars.ContextVar[str] = contextvars.ContextVar("_variable", default="unset")


@sluice.wait_for(SOON)
async def add(one: int, other: int = 0) -> int:
    await asyncio.sleep(0)
    return one + other


@sluice.wait_for(SOON)
def where() -> str:
    return threading.current_thread().name


class Kinds:
    """Methods of every kind."""

    factor = 2

    @sluice.wait_for(SOON)
    async def method(self, number: int) -> int:
        return self.factor * number

    @classmethod
    @sluice.wait_for(SOON)
    async def inner_class(cls, number: int) -> int:
        return cls.factor * number

    @sluice.wait_for(SOON)
    @classmethod
    async def outer_class(cls, number: int) -> int:
        return cls.factor * number

    @staticmethod
    @sluice.wait_for(SOON)
    async def inner_static(number: int) -> int:
        return number

    @sluice.wait_for(SOON)
    @staticmethod
    async def outer_static(number: int) -> int:
        return number


class WaitFor(unittest.TestCase):
    def test_what_is_returned_comes_back(self) -> None:
        self.assertEqual(5, add(2, other=3))
        self.assertTrue(where().startswith("sluice-loop-"))

    def test_what_is_raised_too_with_the_way_it_came(self) -> None:
        @sluice.wait_for(SOON)
        async def deep() -> None:
            await asyncio.sleep(0)
            raise ValueError("on purpose")

        for _ in range(2):
            try:
                deep()
            except ValueError as error:
                names = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
            self.assertEqual("deep", names[-1])
            self.assertNotIn("_drive", names)

    def test_exceptions_do_not_keep_what_they_came_through(self) -> None:
        class Big:
            pass

        kept = []

        @sluice.wait_for(SOON)
        async def fails(big: Big) -> None:
            await asyncio.sleep(0)
            raise ValueError

        gc.disable()
        try:
            big = Big()
            kept.append(weakref.ref(big))
            with contextlib.suppress(ValueError):
                fails(big)
            del big
            turns()
            self.assertIsNone(kept[0]())
        finally:
            gc.enable()

    def test_even_what_ends_programs(self) -> None:
        @sluice.wait_for(SOON)
        async def leaves() -> None:
            raise SystemExit(3)

        @sluice.wait_for(SOON)
        def leaves_at_once() -> None:
            raise KeyboardInterrupt

        with recorded() as log:
            with self.assertRaises(SystemExit):
                leaves()
            with self.assertRaises(KeyboardInterrupt):
                leaves_at_once()
            self.assertEqual(3, add(1, 2))
        self.assertEqual([], log.texts())

    def test_methods_of_every_kind(self) -> None:
        kinds = Kinds()
        self.assertEqual(6, kinds.method(3))
        self.assertEqual(6, Kinds.inner_class(3))
        self.assertEqual(6, Kinds.outer_class(3))  # type: ignore[operator]
        self.assertEqual(3, kinds.inner_static(3))
        self.assertEqual(3, Kinds.outer_static(3))

    def test_any_awaitable_may_be_returned(self) -> None:
        class Awaitable:
            def __await__(self) -> Any:
                yield from asyncio.sleep(0).__await__()
                return "awaited"

        @sluice.wait_for(SOON)
        def returns(what: str) -> Any:
            loop = asyncio.get_running_loop()
            if what == "future":
                future = loop.create_future()
                loop.call_soon(future.set_result, "future")
                return future
            if what == "task":
                return loop.create_task(asyncio.sleep(0, "task"))
            return Awaitable()

        for what in ("future", "task", "awaited"):
            self.assertEqual(what, returns(what))

    def test_a_partial_and_other_callables(self) -> None:
        async def power(base: int, exponent: int) -> int:
            return int(base**exponent)

        square: Any = sluice.wait_for(SOON)(functools.partial(power, exponent=2))
        self.assertEqual(49, square(7))

    def test_the_signature_is_kept(self) -> None:
        self.assertEqual("add", add.__name__)
        self.assertEqual("(one: int, other: int = 0) -> int", str(inspect.signature(add)))
        plain: Any = add
        self.assertIs(plain.__wrapped__, plain.wrapped_function)
        self.assertEqual(5, asyncio.run(plain.__wrapped__(2, 3)))
        self.assertFalse(inspect.iscoroutinefunction(add))

    def test_the_callers_context_is_the_tasks(self) -> None:
        @sluice.wait_for(SOON)
        async def read() -> str:
            before = _variable.get()
            await asyncio.sleep(0)
            _variable.set("changed by the task")
            return before

        @sluice.wait_for(SOON)
        def read_at_once() -> str:
            return _variable.get()

        _variable.set("the caller's")
        self.assertEqual("the caller's", read())
        self.assertEqual("the caller's", read_at_once())
        self.assertEqual("the caller's", _variable.get())

    def test_asyncio_finds_a_task(self) -> None:
        @sluice.wait_for(SOON)
        async def under_a_limit() -> str:
            task = asyncio.current_task()
            async with asyncio.timeout(SOON):
                await asyncio.sleep(0)
            return task.get_name() if task is not None else "none"

        self.assertTrue(under_a_limit())

    def test_a_factory_of_tasks_is_asked(self) -> None:
        made: list[str] = []

        def factory(loop: Any, coroutine: Any, **options: Any) -> Any:
            made.append(coroutine.__qualname__)
            return asyncio.Task(coroutine, loop=loop, **options)

        @sluice.wait_for(SOON)
        def set_factory(chosen: Any) -> None:
            asyncio.get_running_loop().set_task_factory(chosen)

        set_factory(factory)
        try:
            self.assertEqual(3, add(1, 2))
        finally:
            set_factory(None)
        self.assertEqual(1, len(made))

    def test_many_threads_at_once(self) -> None:
        threads = [Started(lambda: [add(1, number) for number in range(200)]) for _ in range(16)]
        for thread in threads:
            self.assertEqual([1 + number for number in range(200)], thread.result())

    def test_a_timeout_is_needed(self) -> None:
        with self.assertRaisesRegex(TypeError, "timeout in seconds"):
            sluice.wait_for(add)  # type: ignore[arg-type]


class Timeouts(unittest.TestCase):
    def setUp(self) -> None:
        self.cancelled = threading.Event()

    def sleeping(self, timeout: float) -> Any:
        @sluice.wait_for(timeout)
        async def sleep() -> None:
            try:
                await asyncio.sleep(SOON)
            except asyncio.CancelledError:
                self.cancelled.set()
                raise

        return sleep

    def test_the_task_is_cancelled(self) -> None:
        with recorded() as log:
            began = time.monotonic()
            with self.assertRaises(sluice.TimeoutError) as caught:
                self.sleeping(0.05)()
            self.assertLess(time.monotonic() - began, 5)
            self.assertIn("0.05 seconds", str(caught.exception))
            self.assertIsInstance(caught.exception, builtins.TimeoutError)
            self.assertTrue(self.cancelled.wait(SOON))
            del caught
            settled_and_logged()
        self.assertEqual([], log.texts())

    def test_no_time_at_all(self) -> None:
        with self.assertRaises(sluice.TimeoutError):
            self.sleeping(0)()
        turns()

    def test_one_that_has_not_begun_never_does(self) -> None:
        ran = threading.Event()
        free = threading.Event()
        blocked = threading.Event()

        def block() -> None:
            blocked.set()
            free.wait(SOON)

        blocking = Started(sluice.wait_for(SOON)(block))
        self.assertTrue(blocked.wait(SOON))
        with self.assertRaises(sluice.TimeoutError):
            sluice.wait_for(0.02)(ran.set)()
        free.set()
        blocking.result()
        turns()
        self.assertFalse(ran.is_set())

    def test_a_clean_up_that_fails_is_logged_once_with_its_origin(self) -> None:
        @sluice.wait_for(0.02)
        async def tidies_badly() -> None:
            try:
                await asyncio.sleep(SOON)
            finally:
                raise ValueError("in the clean-up")

        with recorded() as log:
            with self.assertRaises(sluice.TimeoutError):
                tidies_badly()
            settled_and_logged()
        self.assertEqual(1, len(log.records), log.texts())
        self.assertIn("tidies_badly(), called at", log.texts()[0])
        self.assertIn("test_wait_for.py", log.texts()[0])
        record = log.records[0]
        self.assertEqual("sluice", record.name)
        self.assertEqual("in the clean-up", str(record.exc_info[1]))  # type: ignore[index]

    def test_one_that_is_not_to_be_cancelled_ends_quietly(self) -> None:
        ended = threading.Event()

        @sluice.wait_for(0.02)
        async def stubborn() -> str:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(SOON)
            await asyncio.sleep(0)
            ended.set()
            return "nobody wants it"

        with recorded() as log:
            with self.assertRaises(sluice.TimeoutError):
                stubborn()
            self.assertTrue(ended.wait(SOON))
            settled_and_logged()
        self.assertEqual([], log.texts())


class OwnThread(unittest.TestCase):
    def test_a_wait_on_the_loops_thread_is_refused(self) -> None:
        @sluice.wait_for(SOON)
        async def outer() -> int:
            return add(1, 2)

        with self.assertRaisesRegex(RuntimeError, "SL168.*add\\(\\)"):
            outer()

    def test_run_in_loop_starts_there_too(self) -> None:
        @sluice.run_in_loop
        async def inner() -> str:
            return threading.current_thread().name

        @sluice.wait_for(SOON)
        async def outer() -> str:
            result = inner()
            with self_.assertRaisesRegex(RuntimeError, "SL168"):
                result.wait(1)
            return await result

        self_ = self
        self.assertEqual(where(), outer())


if __name__ == "__main__":
    sluice.setup()
    unittest.main()
