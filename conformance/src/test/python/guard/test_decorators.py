"""guarded() and allow() as decorators of all kinds of functions; and what they refuse."""

import asyncio
import threading
import time
import unittest
from collections.abc import AsyncIterator, Iterator
from typing import Any

from helpers import GuardTest

import sluice.guard
from sluice.guard import BlockingCallError, allow, guarded


class Guarded(GuardTest):
    def setUp(self) -> None:
        super().setUp()
        self.install()

    def test_what_is_called_straight(self) -> None:
        for function, arguments in ((time.sleep, (1,)), (threading.Event().wait, (1,))):
            with self.assertRaises(BlockingCallError) as caught:
                guarded()(function)(*arguments)
            self.assertIn("test_decorators.py", caught.exception.site)
            self.assertNotIn("_guard_decorators", str(caught.exception))
        with guarded(), self.assertRaises(BlockingCallError):
            allow("dns")(time.sleep)(1)

    def test_coroutines(self) -> None:
        @guarded()
        async def sleeps() -> int:
            await Once()
            time.sleep(1)
            return 1

        self.assertTrue(asyncio.iscoroutinefunction(sleeps))
        coroutine = sleeps()
        self.assertEqual("once", coroutine.send(None))
        time.sleep(0)  # while it is suspended, nobody is guarded
        time.sleep(0.001)
        with self.assertRaises(BlockingCallError):
            coroutine.send(None)

        @guarded()
        async def adds() -> int:
            return await asyncio.sleep(0.001, 2) + 1

        self.assertEqual(3, asyncio.run(adds()))

    def test_a_coroutine_is_cancelled_and_closed(self) -> None:
        seen: list[Any] = []

        @guarded()
        async def waits() -> None:
            try:
                await Once()
            except ValueError as error:
                seen.append(error)
                await Once()
            finally:
                seen.append("closed")

        coroutine = waits()
        coroutine.send(None)
        wrong = ValueError()
        coroutine.throw(wrong)
        coroutine.close()
        self.assertEqual([wrong, "closed"], seen)

        async def main() -> None:
            task = asyncio.create_task(waits_long())
            await asyncio.sleep(0)
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task

        @guarded()
        async def waits_long() -> None:
            await asyncio.sleep(60)

        asyncio.run(main())

    def test_generators(self) -> None:
        @guarded()
        def counts() -> Iterator[Any]:
            got = yield 1
            try:
                yield got
            except KeyError:
                time.sleep(1)

        generator: Any = counts()
        self.assertEqual(1, next(generator))
        time.sleep(0.001)
        self.assertEqual("sent", generator.send("sent"))
        with self.assertRaises(BlockingCallError):
            generator.throw(KeyError())
        self.assertEqual([1, None], list(counts()))

    def test_async_generators(self) -> None:
        closed = []

        @guarded()
        async def counts() -> AsyncIterator[Any]:
            try:
                got = yield 1
                await asyncio.sleep(0)
                try:
                    yield got
                except KeyError:
                    yield "thrown"
            finally:
                closed.append(1)

        async def main() -> None:
            self.assertEqual([1, None], [each async for each in counts()])
            generator: Any = counts()
            self.assertEqual(1, await anext(generator))
            self.assertEqual(2, await generator.asend(2))
            self.assertEqual("thrown", await generator.athrow(KeyError()))
            await generator.aclose()
            self.assertEqual(2, len(closed))

        asyncio.run(main())

        @guarded()
        async def sleeps() -> AsyncIterator[int]:
            time.sleep(1)
            yield 1

        with self.assertRaises(BlockingCallError):
            sleeps().asend(None).send(None)


class Allowed(GuardTest):
    def setUp(self) -> None:
        super().setUp()
        self.install()

    def test_generators(self) -> None:
        @allow("time.sleep")
        def sleeps() -> Iterator[int]:
            time.sleep(0.001)
            yield 1
            time.sleep(0.001)

        @allow("time.sleep")
        async def sleeps_async() -> AsyncIterator[int]:
            time.sleep(0.001)
            await asyncio.sleep(0)
            yield 1
            time.sleep(0.001)

        async def main() -> None:
            for _ in sleeps():
                with self.assertRaises(BlockingCallError):
                    time.sleep(1)
            async for _ in sleeps_async():
                with self.assertRaises(BlockingCallError):
                    time.sleep(1)

        asyncio.run(main())

    def test_an_object_that_is_a_coroutine_function(self) -> None:
        class Sleeps:
            async def __call__(self) -> int:
                await asyncio.sleep(0)
                time.sleep(0.001)
                return 1

        async def main() -> None:
            self.assertEqual(1, await allow("time.sleep")(Sleeps())())

        asyncio.run(main())


class Refused(GuardTest):
    def test_arguments(self) -> None:
        for wrong in (
            lambda: allow("sleep", line="5"),  # type: ignore[arg-type]
            lambda: allow("sleep", caller=5),  # type: ignore[arg-type]
            lambda: sluice.guard.rule("sleep", file=5),  # type: ignore[arg-type]
            lambda: sluice.guard.rule("sleep", line=True),
            lambda: sluice.guard.set_site(5, "off"),  # type: ignore[arg-type]
        ):
            self.assertRaises(TypeError, wrong)
        site = "time.sleep at app.py:1 in view"
        with self.assertRaisesRegex(ValueError, "raise, report, farm, off"):
            sluice.guard.set_site(site, "blah")  # type: ignore[arg-type]

    def test_leaving_what_was_not_entered(self) -> None:
        allowance = allow("time.sleep")
        with self.assertRaisesRegex(RuntimeError, "not been entered"):
            allowance.__exit__(None, None, None)
        with allowance:
            pass
        with self.assertRaisesRegex(RuntimeError, "not been entered"):
            allowance.__exit__(None, None, None)

    def test_what_the_guard_itself_needs(self) -> None:
        for function in (len, isinstance, dict.get, id):
            with self.assertRaisesRegex(TypeError, "SL183.*built from it"):
                sluice.guard.register(function)
        self.install("raise", ["sleep"])
        self.assertEqual("time.sleep", self.refused(time.sleep, 1).call)


class Once:
    """Suspends whoever awaits it, once."""

    def __await__(self) -> Any:
        yield "once"


if __name__ == "__main__":
    unittest.main()
