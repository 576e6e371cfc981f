"""What a loop calls by itself, without any user code between, is seen; what asyncio does is not."""

import asyncio
import functools
import http.server
import select
import socket
import subprocess
import threading
import time
import unittest
from typing import Any

from helpers import GuardTest

import sluice.guard


class Callbacks(GuardTest):
    def setUp(self) -> None:
        super().setUp()
        self.install()

    def error_of(self, schedule: Any, debug: bool = False) -> list[Any]:
        """On Sluice's loop and on asyncio's, the error of a callback that schedule has made."""
        found = []

        async def main() -> None:
            loop = asyncio.get_running_loop()
            loop.set_debug(debug)
            told: asyncio.Future[Any] = loop.create_future()
            loop.set_exception_handler(
                lambda _, context: told.done() or told.set_result(context.get("exception"))
            )
            schedule(loop)
            found.append(await asyncio.wait_for(told, 30))

        asyncio.run(main())
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            runner.run(main())
        return found

    def assert_refused(self, call: str, place: str, schedule: Any) -> None:
        for debug in (False, True):
            for error in self.error_of(schedule, debug):
                self.assertIsInstance(error, sluice.guard.BlockingCallError)
                self.assertEqual(call, error.call)
                self.assertEqual(f"a callback of the loop: {place}", error.site)

    def test_functions_of_c(self) -> None:
        sleep = "time.sleep"
        self.assert_refused(sleep, sleep, lambda loop: loop.call_soon(time.sleep, 1))
        self.assert_refused(sleep, sleep, lambda loop: loop.call_later(0, time.sleep, 1))
        self.assert_refused(
            sleep, sleep, lambda loop: loop.call_soon(functools.partial(time.sleep, 1))
        )
        self.assert_refused(sleep, sleep, lambda loop: loop.call_soon_threadsafe(time.sleep, 1))

    def test_locks(self) -> None:
        lock = threading.Lock()
        acquire = "threading.Lock.acquire"
        with lock:
            self.assert_refused(acquire, acquire, lambda loop: loop.call_soon(lock.acquire))
        self.assert_refused(
            acquire,
            "threading.Event.wait",
            lambda loop: loop.call_soon(threading.Event().wait, 1),
        )

    def test_threads(self) -> None:
        may_end = threading.Event()

        def schedule(loop: Any) -> None:
            thread = threading.Thread(target=may_end.wait)
            thread.start()
            self.addCleanup(thread.join)
            self.addCleanup(may_end.set)
            loop.call_soon(thread.join, 30)

        for error in self.error_of(schedule):
            self.assertIsInstance(error, sluice.guard.BlockingCallError)
            self.assertIn("threading.Thread.join", error.site)

    def test_the_standard_library(self) -> None:
        with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server:
            self.assert_refused(
                "socket.connect",
                "socket.create_connection",
                lambda loop: loop.call_soon(socket.create_connection, server.server_address),
            )
            clients = []

            def readable(loop: Any) -> None:
                clients.append(socket.create_connection(server.server_address))
                loop.add_reader(server.socket, handle)
                loop.call_later(0.01, loop.remove_reader, server.socket)

            # asyncio tells its handler of an error each time; the first is what counts.
            handle = server.handle_request
            with sluice.guard.allow("socket.connect", "files"):
                for error in self.error_of(readable):
                    self.assertIsInstance(error, sluice.guard.BlockingCallError)
                    self.assertIn("handle_request", error.site)
            for each in clients:
                each.close()

    def test_what_they_are_told_by(self) -> None:
        self.install("report", ["select"])
        site = "a callback of the loop: select.select"

        async def main() -> None:
            loop = asyncio.get_running_loop()
            for _ in range(3):
                loop.call_soon(select.select, [], [], [], 0.001)
            await asyncio.sleep(0.01)

        def rows() -> list[tuple[str, int]]:
            found = sluice.guard.report()["calls"]
            return [(row["policy"], row["count"]) for row in found if row["site"] == site]

        with self.assertLogs("sluice.guard", "WARNING") as logged:
            asyncio.run(main())
        self.assertEqual(1, len(logged.output))
        self.assertEqual([("report", 3)], rows())
        sluice.guard.set_site(f"select.select at {site}", "off")
        self.addCleanup(sluice.guard.set_site, f"select.select at {site}", None)
        asyncio.run(main())
        self.assertEqual([("report", 3)], rows())

    def test_a_rule_may_name_who_calls_back(self) -> None:
        self.addCleanup(sluice.guard.rule("threading.Lock.acquire", caller="threading"))

        async def main() -> None:
            loop = asyncio.get_running_loop()
            told: asyncio.Future[Any] = loop.create_future()
            loop.set_exception_handler(lambda _, context: told.set_result(context["exception"]))
            loop.call_soon(threading.Event().wait, 0.001)
            loop.call_soon(time.sleep, 1)
            self.assertEqual("time.sleep", (await told).call)

        asyncio.run(main())


class AsynciosOwn(GuardTest):
    """None of this is an alarm, in debug mode or not."""

    def setUp(self) -> None:
        super().setUp()
        self.install()

    def run_on_all(self, main: Any) -> None:
        for debug in (False, True):
            asyncio.run(main(), debug=debug)
            with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop, debug=debug) as runner:
                runner.run(main())

    def test_servers_children_and_executors(self) -> None:
        async def answer(reader: Any, writer: Any) -> None:
            writer.write(await reader.readline())
            await writer.drain()
            writer.close()

        async def main() -> None:
            loop = asyncio.get_running_loop()
            failed: list[Any] = []
            loop.set_exception_handler(lambda _, context: failed.append(context))
            server = await asyncio.start_server(answer, "127.0.0.1", 0)
            async with server:
                reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
                writer.write(b"line\n")
                self.assertEqual(b"line\n", await reader.readline())
                writer.close()
                await writer.wait_closed()
            child = await asyncio.create_subprocess_exec(
                "cat",
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            self.assertEqual((b"x\n", None), await child.communicate(b"x\n"))
            shell = await asyncio.create_subprocess_shell("exit 3")
            self.assertEqual(3, await shell.wait())
            await asyncio.gather(*(asyncio.to_thread(time.sleep, 0.001) for _ in range(5)))
            self.assertTrue(await loop.getaddrinfo("localhost", 80))
            cancelled = asyncio.create_task(asyncio.to_thread(time.sleep, 0.01))
            await asyncio.sleep(0)
            cancelled.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await cancelled
            self.assertEqual([], failed)

        self.run_on_all(main)


class Popen(GuardTest):
    def test_an_allowed_one_is_started_whole(self) -> None:
        self.install()
        with sluice.guard.guarded(), sluice.guard.allow("subprocess.Popen", "os.posix_spawn"):
            child = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
            with self.assertRaises(FileNotFoundError):
                subprocess.Popen(["/there/is/no/such/program"], stdin=subprocess.PIPE)
        child.communicate(b"")
        self.assertEqual(0, child.returncode)

    def test_others_may_not_read(self) -> None:
        self.install()
        with sluice.guard.guarded(), sluice.guard.allow("subprocess.Popen"):
            child = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert child.stdout is not None
        self.assertEqual("io.FileIO.read", self.refused(child.stdout.raw.read, 1).call)  # type: ignore[attr-defined]
        child.communicate(b"")


if __name__ == "__main__":
    unittest.main()
