"""Uses of a loop by what finalises an object: nobody chooses its thread, so it is no error."""

import asyncio
import contextlib
import gc
import threading
import unittest
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import test_wrong_threads as misuse

import sluice


class _Thing:
    """What a weak reference may be to."""


class _Once:
    """An awaitable that waits for whoever runs the coroutine."""

    def __await__(self) -> Iterator[None]:
        yield


def _collect(kept: list[Any]) -> None:
    kept.clear()
    gc.collect()


class Finalizers(unittest.TestCase):
    """Each is repaired, on whichever thread it runs."""

    def check(
        self, drop: Callable[[list[Any]], object], keep: Callable[[misuse.Stage], object]
    ) -> None:
        """Has another thread drop what keep makes; what that does about it comes to the loop."""

        async def main() -> list[int]:
            stage = misuse.Stage()
            kept = [keep(stage)]
            await asyncio.sleep(0)
            thread = threading.Thread(target=drop, args=(kept,))
            thread.start()
            for _ in range(100):
                await asyncio.sleep(0.01)
                if stage.ran:
                    break
            thread.join()
            stage.close()
            return stage.ran

        gc.collect()
        gc.disable()
        try:
            self.assertEqual([threading.get_ident()], sluice.run(main()))
        finally:
            gc.enable()

    def check_both(self, keep: Callable[[misuse.Stage], object]) -> None:
        """By the last reference, and by the collector."""
        with self.subTest("the last reference"):
            self.check(lambda kept: kept.clear(), keep)

        def in_a_circle(stage: misuse.Stage) -> object:
            circle: list[Any] = [keep(stage)]
            circle.append(circle)
            return circle

        with self.subTest("the collector"):
            self.check(_collect, in_a_circle)

    def test_a_finalizer_elsewhere_is_repaired(self) -> None:
        class Closes:
            def __init__(self, stage: misuse.Stage) -> None:
                self.stage = stage

            def __del__(self) -> None:
                self.stage.loop.call_soon(self.stage.note)

        self.check_both(Closes)

    def test_a_coroutine_that_nobody_needs_tidies_up_elsewhere(self) -> None:
        async def inner(stage: misuse.Stage) -> None:
            try:
                await _Once()
            finally:
                try:
                    raise KeyError
                except KeyError:
                    stage.loop.call_soon(stage.note)

        async def outer(stage: misuse.Stage) -> None:
            with contextlib.suppress(GeneratorExit):
                await inner(stage)

        def keep(stage: misuse.Stage) -> object:
            coroutine = outer(stage)
            coroutine.send(None)
            return coroutine

        self.check_both(keep)

    def test_a_generator_that_nobody_needs_tidies_up_elsewhere(self) -> None:
        @contextlib.contextmanager
        def managed(stage: misuse.Stage) -> Iterator[None]:
            try:
                yield
            finally:
                stage.loop.call_later(0.001, stage.note)

        def generator(stage: misuse.Stage) -> Iterator[None]:
            with managed(stage):
                yield

        def keep(stage: misuse.Stage) -> object:
            made = generator(stage)
            next(made)
            return made

        self.check_both(keep)

    def test_a_task_that_nobody_needs_tells_who_waits(self) -> None:
        done: asyncio.Event

        async def lost(stage: misuse.Stage) -> None:
            try:
                await stage.loop.create_future()  # which nobody else has
            finally:
                done.set()

        async def waits(stage: misuse.Stage) -> None:
            await done.wait()
            stage.note()

        def keep(stage: misuse.Stage) -> None:
            nonlocal done
            done = asyncio.Event()
            stage.tasks.append(asyncio.ensure_future(waits(stage)))
            asyncio.ensure_future(lost(stage))  # noqa: RUF006 - it is to be lost

        self.check(_collect, keep)

    def test_the_collector_closes_what_swallows_its_end(self) -> None:
        def swallows(stage: misuse.Stage) -> Iterator[None]:
            with contextlib.suppress(GeneratorExit):
                yield
            stage.loop.call_soon(stage.note)

        def keep(stage: misuse.Stage) -> object:
            made = swallows(stage)
            next(made)
            return [made, circle := [made], circle.append(circle)]

        self.check(_collect, keep)

    def test_a_callback_of_a_weak_reference_elsewhere_is_repaired(self) -> None:
        references: list[object] = []

        def plain(stage: misuse.Stage) -> object:
            thing = _Thing()
            references.append(weakref.ref(thing, lambda _: stage.loop.call_soon(stage.note)))
            return thing

        def any_arguments(stage: misuse.Stage) -> object:
            thing = _Thing()
            references.append(weakref.ref(thing, lambda *_: stage.loop.call_soon(stage.note)))
            return thing

        def finalize(stage: misuse.Stage) -> object:
            thing = _Thing()
            weakref.finalize(thing, stage.loop.call_soon, stage.note)
            return thing

        for keep in (plain, any_arguments, finalize):
            with self.subTest(keep.__name__):
                self.check_both(keep)

    def test_what_a_thread_chooses_is_no_finalizer(self) -> None:
        """Neither a live weak reference, nor an error that is handled, nor a collection before."""

        def chooses(stage: misuse.Stage) -> None:
            gc.collect()
            try:
                raise KeyError
            except KeyError:
                use(weakref.ref(stage))

        def use(reference: Callable[[], misuse.Stage | None]) -> None:
            stage = reference()
            assert stage is not None
            stage.loop.call_soon(stage.note)

        guilty: misuse.Guilty

        async def main() -> None:
            nonlocal guilty
            stage = misuse.Stage()
            guilty = misuse.Guilty(stage, chooses)
            try:
                await stage.never
            finally:
                stage.close()

        with self.assertRaises(sluice.WrongThreadError):
            sluice.run(main())
        guilty.join(misuse.SOON)
        self.assertIsInstance(guilty.error, sluice.WrongThreadError)


if __name__ == "__main__":
    unittest.main(verbosity=1)
