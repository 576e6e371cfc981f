"""Cancelling at each kind of wait, forbidding to switch, and what is told of microthreads."""

import asyncio
import io
import json
import logging
import os
import queue
import select
import socket
import subprocess
import tempfile
import threading
import time
import unittest
from collections.abc import Callable
from typing import Any

from helpers import LONG, MicrothreadTest

import sluice.guard
from sluice import _micro_pool, microthread


class Cancelled(MicrothreadTest):
    def check(self, function: Callable[[], Any]) -> None:
        """It waits, is cancelled, and CancelledError comes out of where it waits."""
        seen: list[str] = []

        def plain() -> None:
            try:
                function()
            except asyncio.CancelledError:
                seen.append("cancelled")
                raise

        async def main() -> None:
            spawned = microthread.spawn(plain)
            while not any(each["state"] == "waiting" for each in microthread.running()):
                await asyncio.sleep(0.001)
            self.assertTrue(spawned.cancel())
            with self.assertRaises(asyncio.CancelledError):
                await asyncio.wait_for(asyncio.shield(spawned), LONG)
            self.assertTrue(spawned.cancelled())
            self.assertFalse(spawned.cancel())

        asyncio.run(main())
        self.assertEqual(["cancelled"], seen)
        self.assertEqual([], microthread.running())

    def test_of_each_kind(self) -> None:
        held = threading.Lock()
        held.acquire()
        one, other = socket.socketpair()
        read, write = os.pipe()
        condition = threading.Condition()

        def waits() -> None:
            with condition:
                condition.wait()

        kinds: dict[str, Callable[[], Any]] = {
            "sleep": lambda: time.sleep(LONG),
            "lock": held.acquire,
            "with": held.__enter__,
            "condition": waits,
            "event": threading.Event().wait,
            "semaphore": threading.Semaphore(0).acquire,
            "barrier": threading.Barrier(2).wait,
            "queue": queue.Queue().get,
            "simple queue": queue.SimpleQueue().get,
            "socket": lambda: one.recv(1),
            "select": lambda: select.select([one], [], []),
            "pipe": lambda: os.read(read, 1),
            "process": lambda: subprocess.run(["sleep", "1"], check=False),
            "asyncio": lambda: microthread.wait(asyncio.sleep(LONG)),
            "loop": lambda: asyncio.run(asyncio.sleep(LONG)),
        }
        for name, function in kinds.items():
            with self.subTest(name):
                self.check(function)
        self.assertTrue(held.locked())
        held.release()
        self.assertTrue(condition.acquire(False))
        condition.release()
        for each in (one, other):
            each.close()
        os.close(read)
        os.close(write)

    def test_before_it_starts(self) -> None:
        async def main() -> None:
            spawned = microthread.spawn(self.fail)
            spawned.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await spawned

        asyncio.run(main())

    def test_a_farmed_call_that_has_not_begun_is_never_made(self) -> None:
        self.addCleanup(microthread.farm_threads, _micro_pool.farm.limit)
        gate = threading.Event()
        made: list[int] = []

        def blocks(number: int) -> None:
            made.append(number)
            gate.wait(LONG)

        async def main() -> None:
            me = [microthread.spawn(farmed, blocks, each) for each in range(70)]
            while len(made) < _micro_pool.farm.limit:
                await asyncio.sleep(0.001)
            await asyncio.sleep(0.01)
            report = microthread.report()["farm"]
            self.assertEqual((64, 6), (report["threads"], report["queued"]))
            for each in me[64:]:
                each.cancel()
            await asyncio.sleep(0.01)
            self.assertEqual(0, microthread.report()["farm"]["queued"])
            gate.set()
            await asyncio.gather(*me, return_exceptions=True)

        asyncio.run(main())
        self.assertEqual(list(range(64)), sorted(made))

    def test_what_an_abandoned_call_opens_is_closed(self) -> None:
        opened: list[io.IOBase] = []
        gate = threading.Event()

        def slow() -> Any:
            gate.wait(LONG)
            file = tempfile.TemporaryFile()  # noqa: SIM115 (it is given away)
            opened.append(file)  # type: ignore[arg-type]
            return file

        async def main() -> None:
            spawned = microthread.spawn(farmed, slow)
            await asyncio.sleep(0.05)
            spawned.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await spawned
            gate.set()
            while not opened or not opened[0].closed:
                await asyncio.sleep(0.001)

        asyncio.run(asyncio.wait_for(main(), LONG))

    def test_a_priority_goes_first(self) -> None:
        self.addCleanup(microthread.farm_threads, _micro_pool.farm.limit)
        microthread.farm_threads(1)
        order: list[int] = []

        def plain(number: int) -> None:
            with microthread.priority(number):
                farmed(lambda: time.sleep(0.02) or order.append(number))

        async def main() -> None:
            while microthread.report()["farm"]["threads"] > 1:
                break
            await asyncio.gather(*(microthread.spawn(plain, each) for each in (5, 4, 3, 2, 1)))

        asyncio.run(main())
        self.assertEqual({1, 2, 3, 4, 5}, set(order))


def farmed(function: Callable[..., Any], *args: Any) -> Any:
    """As what can only be done by a thread is done."""
    me = microthread.current()
    assert me is not None
    return _micro_pool.run(me, "a test", "here", function, *args)


class Forbidden(MicrothreadTest):
    def test_a_block_forbids_it(self) -> None:
        def plain() -> str:
            with microthread.no_switch():
                with microthread.no_switch():
                    sum(range(10))
                with self.assertRaises(microthread.SwitchError) as caught:
                    time.sleep(0.01)
                with sluice.guard.allow("time.sleep"):
                    time.sleep(0.001)
                time.sleep(0)
            time.sleep(0.001)
            return str(caught.exception)

        text = self.alone(plain)
        for each in ("SL191", "time.sleep", "test_waits.py", "in Forbidden.test"):
            self.assertIn(each, text)

    def test_elsewhere_it_does_nothing(self) -> None:
        with microthread.no_switch():
            time.sleep(0.001)

    def test_a_coroutine_is_refused(self) -> None:
        async def main() -> str:
            with self.assertRaises(sluice.guard.BlockingCallError) as caught:
                time.sleep(0.01)
            await sluice.to_thread(time.sleep, 0.01)
            return str(caught.exception)

        text = asyncio.run(main())
        self.assertIn("SL182", text)
        self.assertIn("sluice.to_thread", text)

    def test_a_coroutine_within_a_microthread_is_refused(self) -> None:
        async def inner() -> None:
            with self.assertRaisesRegex(sluice.guard.BlockingCallError, "SL182"):
                time.sleep(0.01)

        self.alone(lambda: asyncio.run(inner()))


class Told(MicrothreadTest):
    def test_what_runs_and_waits(self) -> None:
        async def main() -> None:
            spawned = microthread.spawn(lambda: time.sleep(LONG), name="sleeper")
            while not any(each["state"] == "waiting" for each in microthread.running()):
                await asyncio.sleep(0.001)
            (row,) = microthread.running()
            self.assertEqual(("sleeper", "time.sleep"), (row["name"], row["call"]))
            self.assertIn("test_waits.py", row["site"])
            self.assertGreaterEqual(row["seconds"], 0)
            self.assertIn("sleeper", repr(spawned))
            self.assertIn(spawned, asyncio.all_tasks())
            spawned.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await spawned
            json.dumps(microthread.report())
            (point,) = [
                each
                for each in microthread.yield_points()
                if "test_what_runs_and_waits" in each["site"]
            ]
            self.assertEqual(("time.sleep", 1), (point["call"], point["count"]))

        asyncio.run(main())

    def test_asyncio_run_cancels_them(self) -> None:
        ended: list[str] = []

        def plain() -> None:
            try:
                time.sleep(LONG)
            finally:
                ended.append("cleaned up")

        async def main() -> None:
            for _ in range(10):
                microthread.spawn(plain)
            await asyncio.sleep(0.01)

        asyncio.run(main())
        self.assertEqual(["cleaned up"] * 10, ended)
        self.assertEqual([], microthread.running())

    def test_an_error_that_nobody_asks_for_is_logged(self) -> None:
        async def main() -> None:
            microthread.spawn(int, "none")
            await asyncio.sleep(0.01)

        with self.assertLogs("asyncio", logging.ERROR) as logs:
            asyncio.run(main())
        self.assertIn("never retrieved", logs.output[0])


if __name__ == "__main__":
    unittest.main()
