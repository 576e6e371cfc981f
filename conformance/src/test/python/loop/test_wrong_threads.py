"""Every use of a loop on a wrong thread that reaches the loop: refused, or repaired."""

import asyncio
import contextlib
import logging
import socket
import threading
import time
import unittest
from collections.abc import Callable, Coroutine
from typing import Any

import sluice

#: Nobody may hang for longer: seconds.
SOON = 1.0


async def _nothing() -> None:
    pass


class Stage:
    """What there is to be misused: everything that a loop can have, with the loop asleep."""

    def __init__(self) -> None:
        self.loop: Any = asyncio.get_running_loop()
        self.ours, self.theirs = socket.socketpair()
        for each in (self.ours, self.theirs):
            each.setblocking(False)
        self.never = self.loop.create_future()
        self.awaited = self.loop.create_future()
        self.event = asyncio.Event()
        self.lock = asyncio.Lock()
        self.queue: asyncio.Queue[int] = asyncio.Queue()
        self.timer = self.loop.call_later(3600, print)
        self.handle: asyncio.Handle = self.timer
        self.done = self.loop.create_future()
        self.done.set_result(None)
        self.tasks: list[asyncio.Task[Any]] = []
        self.ran: list[int] = []
        self.ran_once = threading.Event()
        self.writer: Any = None
        self.server: Any = None

    async def build(self) -> None:
        await self.lock.acquire()
        for each in (self.event.wait(), self.lock.acquire(), self.queue.get(), self.wait()):
            self.tasks.append(asyncio.ensure_future(each))
        self.server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
        port = self.server.sockets[0].getsockname()[1]
        _, self.writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.sleep(0.01)

    async def wait(self) -> None:
        await self.awaited
        self.note()

    def note(self) -> None:
        self.ran.append(threading.get_ident())
        self.ran_once.set()

    async def noting(self) -> None:
        self.note()

    def coroutine(self) -> Coroutine[Any, Any, None]:
        self.pending = self.noting()
        return self.pending

    def close(self) -> None:
        self.ours.close()
        self.theirs.close()


Misuse = Callable[[Stage], object]

#: What it is called in the error, and how it is done.
MISUSES: dict[str, tuple[str, Misuse]] = {
    "call_soon": ("call_soon", lambda s: s.loop.call_soon(s.note)),
    "call_later": ("call_at", lambda s: s.loop.call_later(0.01, s.note)),
    "call_at": ("call_at", lambda s: s.loop.call_at(s.loop.time(), s.note)),
    "create_task": ("create_task", lambda s: s.loop.create_task(s.coroutine())),
    "ensure_future": (
        "create_task",
        lambda s: asyncio.ensure_future(s.coroutine(), loop=s.loop),
    ),
    "Task": ("call_soon", lambda s: asyncio.Task(s.coroutine(), loop=s.loop)),
    "TimerHandle.cancel": ("TimerHandle.cancel", lambda s: s.timer.cancel()),
    "add_reader": ("add_reader", lambda s: s.loop.add_reader(s.ours, s.note)),
    "remove_reader": ("remove_reader", lambda s: s.loop.remove_reader(s.ours)),
    "add_writer": ("add_writer", lambda s: s.loop.add_writer(s.ours, s.note)),
    "remove_writer": ("remove_writer", lambda s: s.loop.remove_writer(s.ours)),
    "Future.set_result": ("call_soon", lambda s: s.awaited.set_result(1)),
    "Future.set_exception": ("call_soon", lambda s: s.awaited.set_exception(KeyError())),
    "Future.cancel": ("call_soon", lambda s: s.awaited.cancel()),
    "add_done_callback": ("call_soon", lambda s: s.done.add_done_callback(lambda _: s.note())),
    "Event.set": ("call_soon", lambda s: s.event.set()),
    "Lock.release": ("call_soon", lambda s: s.lock.release()),
    "Queue.put_nowait": ("call_soon", lambda s: s.queue.put_nowait(1)),
    "Task.cancel": ("call_soon", lambda s: s.tasks[-1].cancel()),
    "stop": ("stop", lambda s: s.loop.stop()),
    "StreamWriter.close": ("remove_reader", lambda s: s.writer.close()),
    "transport.abort": ("remove_reader", lambda s: s.writer.transport.abort()),
    "Server.close": ("remove_reader", lambda s: s.server.close()),
}


class Guilty(threading.Thread):
    """The thread that does it, while the loop sleeps."""

    def __init__(self, stage: Stage, misuse: Misuse, times: int = 1) -> None:
        super().__init__(name="the guilty one", daemon=True)
        self.stage = stage
        self.misuse = misuse
        self.times = times
        self.error: BaseException | None = None
        self.at = 0.0
        self.start()

    def run(self) -> None:
        time.sleep(0.05)
        self.at = time.monotonic()
        for _ in range(self.times):
            try:
                self.misuse(self.stage)
            except BaseException as error:
                self.error = error
        pending = getattr(self.stage, "pending", None)
        if self.error is not None and pending is not None:
            pending.close()


class Refused(unittest.TestCase):
    """The policy is to raise, which is the default."""

    def check(self, called: str, misuse: Misuse) -> None:
        stage: Stage
        guilty: Guilty

        async def main() -> None:
            nonlocal stage, guilty
            stage = Stage()
            await stage.build()
            guilty = Guilty(stage, misuse)
            await stage.never

        with self.assertRaises(sluice.WrongThreadError) as caught:
            sluice.run(main())
        ended = time.monotonic()
        guilty.join(SOON)
        stage.close()
        self.assertFalse(guilty.is_alive(), "the guilty thread hangs")
        self.assertLess(ended - guilty.at, SOON)
        self.assertIsInstance(guilty.error, sluice.WrongThreadError)
        self.assertIsNot(guilty.error, caught.exception)
        self.assertEqual(str(guilty.error), str(caught.exception))
        text = str(caught.exception)
        for part in (
            f"sluice SL160: {called} was called on thread 'the guilty one' ({guilty.native_id})",
            f"{__file__}:",
            f"the loop runs on thread 'MainThread' ({threading.main_thread().native_id})",
            "threadsafe(",
        ):
            self.assertIn(part, text)
        self.assertIn(__file__, caught.exception.site)
        if called != "call_soon":
            self.assertEqual([], stage.ran)

    def test_a_stranger_may_cancel_what_is_safe_to_cancel(self) -> None:
        async def main() -> bool:
            handle = asyncio.get_running_loop().call_soon_threadsafe(print, "not to be printed")
            thread = threading.Thread(target=handle.cancel)
            thread.start()
            thread.join(SOON)
            return handle.cancelled()

        self.assertTrue(sluice.run(main()))

    def test_the_loop_may_be_run_again(self) -> None:
        loop = sluice.new_event_loop()
        with contextlib.closing(loop):
            with self.assertRaises(sluice.WrongThreadError):
                loop.run_until_complete(self.misused(loop))
            self.assertEqual(7, loop.run_until_complete(asyncio.sleep(0, 7)))

    async def misused(self, loop: asyncio.AbstractEventLoop) -> None:
        def misuse() -> None:
            with contextlib.suppress(sluice.WrongThreadError):
                loop.call_soon(print)

        threading.Thread(target=misuse).start()
        await asyncio.sleep(3600)

    def test_who_waits_for_a_future_gets_its_result_in_the_next_run(self) -> None:
        async def waits(future: asyncio.Future[int]) -> int:
            return await future

        loop = sluice.new_event_loop()
        with contextlib.closing(loop):
            future: asyncio.Future[int] = loop.create_future()
            waiting = loop.create_task(waits(future))

            def misuse() -> None:
                time.sleep(0.05)
                with contextlib.suppress(sluice.WrongThreadError):
                    future.set_result(7)

            loop.call_soon(threading.Thread(target=misuse).start)
            with self.assertRaises(sluice.WrongThreadError):
                loop.run_until_complete(waiting)
            self.assertEqual(7, loop.run_until_complete(waiting))


class Repaired(unittest.TestCase):
    """The policy is to do it on the right thread."""

    def setUp(self) -> None:
        self.reports: list[str] = []
        handler = logging.Handler(logging.WARNING)
        handler.emit = lambda record: self.reports.append(record.getMessage())  # type: ignore[method-assign]
        logger = logging.getLogger("asyncio")
        logger.addHandler(handler)
        self.addCleanup(logger.removeHandler, handler)

    def check(self, called: str, misuse: Misuse) -> None:
        async def main() -> Stage:
            stage = Stage()
            await stage.build()
            if misuse is MISUSES["stop"][1]:
                stage.loop.call_soon(Guilty, stage, misuse)
                return stage
            guilty = Guilty(stage, misuse)
            # Asleep, so that only a wake-up can end it.
            await asyncio.wait([stage.never], timeout=0.2)
            self.assertFalse(guilty.is_alive(), "the guilty thread hangs")
            self.assertIsNone(guilty.error)
            for task in stage.tasks:
                task.cancel()
            await asyncio.gather(*stage.tasks, return_exceptions=True)
            await self.after(stage, called, misuse)
            return stage

        loop = sluice.new_event_loop(wrong_thread="repair")
        with contextlib.closing(loop):
            stage = loop.run_until_complete(main())
            if misuse is MISUSES["stop"][1]:
                # run_forever returns because it is stopped.
                loop.run_forever()
                for task in asyncio.all_tasks(loop):
                    task.cancel()
            stage.writer.close()
            stage.server.close()
            loop.run_until_complete(asyncio.sleep(0.01))
        stage.close()
        self.assertEqual(set(stage.ran) - {threading.get_ident()}, set())
        mine = [text for text in self.reports if "SL160" in text]
        self.assertEqual(1, len(mine), mine)
        self.assertIn(f"sluice SL160: {called} was called on thread 'the guilty one'", mine[0])
        self.assertIn("It was repaired", mine[0])
        self.assertIn(__file__, mine[0])

    async def after(self, stage: Stage, called: str, misuse: Misuse) -> None:
        """What was asked for has happened."""
        name = next(name for name, each in MISUSES.items() if each[1] is misuse)
        event, lock, queue, awaited = stage.tasks
        if name in ("call_soon", "call_later", "call_at", "create_task", "ensure_future", "Task"):
            self.assertEqual(1, len(stage.ran))
        elif name in ("add_writer", "add_done_callback", "Future.set_result"):
            self.assertTrue(stage.ran)
            stage.loop.remove_writer(stage.ours)
        elif name == "add_reader":
            stage.theirs.send(b"x")
            await asyncio.sleep(0.02)
            self.assertTrue(stage.ran)
            stage.loop.remove_reader(stage.ours)
        elif name == "TimerHandle.cancel":
            self.assertTrue(stage.timer.cancelled())
        elif name == "Future.set_exception":
            self.assertIsInstance(awaited.exception(), KeyError)
        elif name in ("Future.cancel", "Task.cancel"):
            self.assertTrue(awaited.cancelled())
        elif name in ("StreamWriter.close", "transport.abort"):
            await asyncio.wait_for(stage.writer.wait_closed(), SOON)
        elif name == "Server.close":
            self.assertFalse(stage.server.is_serving())
        for expected, task in (("Event.set", event), ("Lock.release", lock)):
            self.assertEqual(name != expected, task.cancelled())
        self.assertEqual(name != "Queue.put_nowait", queue.cancelled())

    def test_each_place_is_reported_once(self) -> None:
        async def main() -> int:
            stage = Stage()
            await stage.build()
            guilty = [
                Guilty(stage, lambda s: s.loop.call_soon(s.note), times=10),
                Guilty(stage, lambda s: s.loop.call_soon(s.note), times=10),
            ]
            await asyncio.sleep(0.2)
            self.assertFalse(any(each.is_alive() for each in guilty))
            stage.close()
            stage.writer.close()
            stage.server.close()
            for task in stage.tasks:
                task.cancel()
            return len(stage.ran)

        self.assertEqual(20, sluice.run(main(), wrong_thread="repair"))
        self.assertEqual(2, len([text for text in self.reports if "SL160" in text]))

    def test_eager_tasks_start_on_the_right_thread(self) -> None:
        factory = getattr(asyncio, "eager_task_factory", None)
        if factory is None:
            self.skipTest("from Python 3.12 on")

        async def main() -> None:
            loop = asyncio.get_running_loop()
            loop.set_task_factory(factory)
            stage = Stage()
            guilty = Guilty(stage, lambda s: s.loop.create_task(s.noting()))
            while not stage.ran:
                await asyncio.sleep(0.01)
            guilty.join()
            stage.close()
            self.assertEqual([threading.get_ident()], stage.ran)

        sluice.run(main(), wrong_thread="repair")


def _add_cases() -> None:
    for name, (called, misuse) in MISUSES.items():
        word = name.replace(".", "_")

        def test(self: Any, called: str = called, misuse: Misuse = misuse) -> None:
            self.check(called, misuse)

        setattr(Refused, f"test_{word}", test)
        setattr(Repaired, f"test_{word}", test)


_add_cases()

if __name__ == "__main__":
    unittest.main(verbosity=1)
