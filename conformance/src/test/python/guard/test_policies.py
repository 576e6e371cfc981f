"""What becomes of blocking calls, and who may make them."""

import asyncio
import json
import logging
import os
import queue
import selectors
import socket
import subprocess
import sys
import tempfile
import threading
import time
import types
import unittest
import zlib
from typing import Any

from helpers import GuardTest

import sluice
import sluice.guard
from sluice.guard import BlockingCallError, guarded


class Policies(GuardTest):
    def test_a_loop_is_not_stopped(self) -> None:
        async def main() -> None:
            with self.assertRaises(BlockingCallError) as caught:
                time.sleep(10)
            error = caught.exception
            self.assertEqual(("time.sleep", "sleep"), (error.call, error.category))
            self.assertRegex(error.site, r"test_policies\.py:\d+ in .*main$")
            self.assertIn("the loop (sluice._loop.Loop) of thread 'MainThread'", error.whom)
            self.assertRegex(str(error), r'^sluice SL180: .*sluice\.guard\.allow\("time\.sleep"\)')
            self.assertIsInstance(error, RuntimeError)

        self.install("raise", "default")
        asyncio.run(main())

    def test_other_threads_are(self) -> None:
        self.install()
        time.sleep(0.001)
        asyncio.run(asyncio.to_thread(time.sleep, 0.001))

    def test_a_thread_is_guarded_while_it_asks_for_it(self) -> None:
        self.install()

        @guarded()
        def sleeps() -> None:
            time.sleep(0.001)

        self.assertRaises(BlockingCallError, sleeps)
        with guarded():
            with guarded():
                pass
            self.assertRaises(BlockingCallError, time.sleep, 0.001)
            other = threading.Thread(target=time.sleep, args=(0.001,))
            other.start()
        other.join()
        time.sleep(0.001)

    def test_what_is_reported_is_done_and_counted(self) -> None:
        self.install("report", ["sleep"])
        with self.assertLogs("sluice.guard", logging.WARNING) as logs, guarded():
            for _ in range(3):
                time.sleep(0.01)
        self.assertEqual(1, len(logs.output), logs.output)
        self.assertIn("time.sleep has blocked thread 'MainThread'", logs.output[0])
        report = sluice.guard.report()
        mine = [row for row in report["calls"] if "is_reported" in row["site"]]
        self.assertEqual([3], [row["count"] for row in mine], mine)
        self.assertGreater(mine[0]["seconds_lost"], 0.025)
        self.assertLess(mine[0]["longest"], mine[0]["seconds_lost"])
        self.assertEqual("report", mine[0]["policy"])
        json.dumps(report)

    def test_off_and_farm(self) -> None:
        self.install("farm", ["sleep"])
        self.assertRegex(str(self.refused(time.sleep, 0.1)), "SL182.*sluice.to_thread")
        self.install("off", ["sleep"])
        self.passes(time.sleep, 0.001)
        self.install("raise", {"sleep": "off", "select": "raise"})
        self.passes(time.sleep, 0.001)
        self.refused(selectors.SelectSelector().select, 1)

    def test_only_what_is_asked_for_is_guarded(self) -> None:
        self.install("raise", "default")
        lock = threading.Lock()
        lock.acquire()
        self.assertFalse(self.passes(lock.acquire, timeout=0.001))
        self.passes(os.stat, ".")
        self.assertNotIn("of function", repr(os.stat))
        with self.assertRaisesRegex(ValueError, "sleeping"):
            sluice.guard.install("raise", ["sleeping"])
        with self.assertRaisesRegex(ValueError, "shout"):
            sluice.guard.install("shout")  # type: ignore[arg-type]
        self.refused(time.sleep, 0.1)

    def test_one_place_may_have_a_policy(self) -> None:
        self.install("raise", ["sleep"])

        def sleeps() -> None:
            time.sleep(0.001)

        error = self.refused(sleeps)
        sluice.guard.set_site(f"time.sleep at {error.site}", "off")
        self.passes(sleeps)
        self.refused(lambda: time.sleep(0.001))
        sluice.guard.set_site(f"time.sleep at {error.site}", None)
        self.refused(sleeps)

    def test_it_says_who_called_through_the_library(self) -> None:
        self.install()
        waits: list[Any] = [
            queue.Queue().get,
            threading.Event().wait,
            threading.Semaphore(0).acquire,
            threading.Barrier(2).wait,
            queue.SimpleQueue().get,
        ]
        for each in waits:
            with self.subTest(each):
                error = self.refused(each)
                self.assertRegex(error.site, r"helpers\.py:\d+ in GuardTest\.refused")
        self.assertIn("threading.py", self.refused(waits[1]).chain[0])


class Allowances(GuardTest):
    def test_a_block_may_allow(self) -> None:
        self.install()
        with sluice.guard.allow("time.sleep"):
            self.passes(time.sleep, 0.001)
            self.refused(selectors.SelectSelector().select, 1)
        self.refused(time.sleep, 0.001)
        with sluice.guard.allow("time.*", "select"):
            self.passes(time.sleep, 0.001)
            self.passes(selectors.SelectSelector().select, 0.001)
        with self.assertRaisesRegex(ValueError, "time.sloop"):
            sluice.guard.allow("time.sloop")

    def test_so_may_a_function(self) -> None:
        self.install()

        @sluice.guard.allow("sleep")
        def sleeps() -> str:
            time.sleep(0.001)
            return "slept"

        @sluice.guard.allow("sleep")
        async def sleeps_too() -> str:
            await asyncio.sleep(0)
            time.sleep(0.001)
            return "slept, too"

        self.assertEqual("slept", self.passes(sleeps))
        self.assertEqual("slept, too", asyncio.run(sleeps_too()))

    def test_other_tasks_may_not(self) -> None:
        async def other() -> None:
            with self.assertRaises(BlockingCallError):
                time.sleep(0.001)

        async def late(left: asyncio.Event) -> None:
            await left.wait()
            with self.assertRaises(BlockingCallError):
                time.sleep(0.001)

        async def main() -> None:
            left = asyncio.Event()
            before = asyncio.create_task(other())
            with sluice.guard.allow("time.sleep"):
                within = asyncio.create_task(late(left))
                await before
                time.sleep(0.001)
            left.set()
            await within

        self.install()
        asyncio.run(main())

    def test_callers_may(self) -> None:
        """asyncore may poll, xmlrpc may not."""
        self.install()
        asyncore, xmlrpc = (types.ModuleType(name) for name in ("asyncore", "xmlrpc.server"))
        for each in asyncore, xmlrpc:
            source = (
                "import selectors\ndef loop():\n    selectors.DefaultSelector().select(0.001)\n"
            )
            exec(compile(source, f"/lib/{each.__name__}.py", "exec"), vars(each))
        self.refused(asyncore.loop)
        remove = sluice.guard.rule("select", caller="asyncore")
        self.passes(asyncore.loop)
        self.refused(xmlrpc.loop)
        remove()
        self.refused(asyncore.loop)
        with sluice.guard.allow("select.*", caller="xmlrpc"):
            self.passes(xmlrpc.loop)
            self.refused(asyncore.loop)
        for where in (
            {"file": "*/asyncore.py"},
            {"file": "*/asyncore.py", "function": "loop", "line": 3},
        ):
            remove = sluice.guard.rule(**where)  # type: ignore[arg-type]
            self.passes(asyncore.loop)
            self.refused(xmlrpc.loop)
            remove()

    def test_those_never_used_are_reported(self) -> None:
        self.install()
        with sluice.guard.allow("signal.pause"):
            pass
        found = [row for row in sluice.guard.report()["allowances"] if not row["used"]]
        self.assertIn("allow('signal.pause')", [row["allowance"] for row in found])
        with self.assertLogs("sluice.guard", logging.WARNING) as logs:
            sluice.guard.uninstall()
        self.assertRegex("\n".join(logs.output), r"allow\('signal.pause'\) at .*test_policies.py")


class WhatCannotWait(GuardTest):
    """No false alarms."""

    def test_timeouts_of_zero(self) -> None:
        self.install()
        self.passes(time.sleep, 0)
        for kind in ("SelectSelector", "PollSelector", "EpollSelector"):
            with getattr(selectors, kind)() as selector:
                self.passes(selector.select, 0)
                self.refused(selector.select, 0.001)
                self.refused(selector.select)

    def test_locks_that_are_free(self) -> None:
        self.install()
        for make in (threading.Lock, threading.RLock, threading.Semaphore, threading.Condition):
            with self.subTest(make):
                lock = make()
                with guarded(), lock:
                    pass
        lock = threading.Lock()
        self.assertTrue(self.passes(lock.acquire))
        self.assertFalse(self.passes(lock.acquire, False))
        self.assertFalse(self.passes(lock.acquire, timeout=0))
        self.refused(lock.acquire)
        self.refused(lock.acquire, timeout=0.001)
        self.refused(lock.__enter__)
        items: Any = queue.SimpleQueue()
        items.put(1)
        self.assertEqual(1, self.passes(items.get))
        self.assertRaises(queue.Empty, self.passes, items.get, False)
        self.refused(items.get)

    def test_descriptors_that_do_not_wait(self) -> None:
        self.install("raise", "default")
        left, right = socket.socketpair()
        self.refused(left.recv, 1)
        self.refused(left.send, b"x")
        left.settimeout(1)
        self.refused(left.recv, 1)
        left.setblocking(False)
        self.assertRaises(BlockingIOError, self.passes, left.recv, 1)
        self.assertEqual(1, self.passes(left.send, b"x"))
        reader, writer = os.pipe()
        self.refused(os.read, reader, 1)
        self.refused(os.write, writer, b"x")
        os.set_blocking(writer, False)
        self.assertEqual(1, self.passes(os.write, writer, b"x"))
        with tempfile.TemporaryFile() as file:
            self.assertEqual(1, self.passes(os.write, file.fileno(), b"x"))
        self.assertRaises(OSError, self.passes, os.read, 10**6, 1)
        self.assertRaises(TypeError, self.passes, os.read, "no number", 1)
        for each in (left, right):
            each.close()
        for descriptor in (reader, writer):
            os.close(descriptor)

    def test_names_that_are_addresses(self) -> None:
        self.install()
        for address in ("127.0.0.1", "::1", None):
            self.passes(socket.getaddrinfo, address, 80)
        self.refused(socket.getaddrinfo, "sluice.invalid", 80)

    def test_children_that_are_not_waited_for(self) -> None:
        child = subprocess.Popen([sys.executable or "true", "--version"], stdout=-3)
        self.install()
        self.refused(os.waitpid, child.pid, 0)
        self.passes(os.waitpid, child.pid, os.WNOHANG)
        self.refused(subprocess.run, ["true"])
        sluice.guard.uninstall()
        child.wait()

    def test_modules_that_are_there(self) -> None:
        self.install()
        sys.modules.pop("colorsys", None)
        self.refused(exec, "import colorsys")
        with sluice.guard.allow("import"):
            self.passes(exec, "import colorsys")
        self.passes(exec, "import colorsys")
        self.passes(time.strptime, "2026", "%Y")

    def test_output(self) -> None:
        self.install()
        self.passes(print, "printed", flush=True)
        self.refused(open, __file__)


class Registering(GuardTest):
    def test_functions_of_c(self) -> None:
        name = sluice.guard.register(
            zlib.crc32, "checksums", unless=lambda data, *rest: len(data) < 10
        )
        self.assertEqual("zlib.crc32", name)
        self.install("raise", ["checksums"])
        self.passes(zlib.crc32, b"short")
        self.assertEqual("checksums", self.refused(zlib.crc32, bytes(100)).category)
        with sluice.guard.allow("zlib.crc32"):
            self.passes(zlib.crc32, bytes(100))
        sluice.guard.uninstall()
        self.passes(zlib.crc32, bytes(100))

    def test_methods_of_types_of_c(self) -> None:
        kind = type(zlib.compressobj())
        early = zlib.compressobj().flush
        sluice.guard.register(kind.flush, "checksums")
        self.install("raise", ["checksums"])
        self.refused(zlib.compressobj().flush)
        self.refused(early)

    def test_but_none_of_pythons(self) -> None:
        for each in (self.install, len([]).__class__, "no function", [].append):
            with self.assertRaisesRegex(TypeError, "SL183"):
                sluice.guard.register(each)


if __name__ == "__main__":
    unittest.main()
