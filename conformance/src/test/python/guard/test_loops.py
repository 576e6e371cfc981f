"""asyncio and loops of Sluice's work under a guard that raises, with everything guarded."""

import asyncio
import logging
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path
from typing import Any

from helpers import GuardTest

import sluice
import sluice.guard


class Loops(GuardTest):
    def setUp(self) -> None:
        super().setUp()
        self.install()

    def run_on_both(self, main: Any) -> None:
        asyncio.run(main())  # Sluice's own
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            runner.run(main())

    def test_sleeping_and_timers(self) -> None:
        async def main() -> None:
            await asyncio.gather(*(asyncio.sleep(0.01) for _ in range(20)))
            with self.assertRaises(TimeoutError):
                async with asyncio.timeout(0.01):
                    await asyncio.Event().wait()

        self.run_on_both(main)

    def test_streams(self) -> None:
        async def answer(reader: Any, writer: Any) -> None:
            writer.write(await reader.readline())
            await writer.drain()
            writer.close()

        async def main() -> None:
            server = await asyncio.start_server(answer, "localhost", 0)
            async with server:
                port = server.sockets[0].getsockname()[1]
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(b"line\n")
                self.assertEqual(b"line\n", await reader.readline())
                writer.close()
                await writer.wait_closed()

        self.run_on_both(main)

    def test_sockets_and_names(self) -> None:
        async def main() -> None:
            loop = asyncio.get_running_loop()
            left, right = socket.socketpair()
            with left, right:
                left.setblocking(False)
                right.setblocking(False)
                await loop.sock_sendall(left, b"x")
                self.assertEqual(b"x", await loop.sock_recv(right, 10))
            self.assertTrue(await loop.getaddrinfo("localhost", 80))

        self.run_on_both(main)

    def test_executors(self) -> None:
        async def main() -> None:
            found = await asyncio.gather(*(asyncio.to_thread(os.stat, ".") for _ in range(5)))
            self.assertEqual(5, len(found))
            await asyncio.to_thread(threading.Event().wait, 0.01)

        self.run_on_both(main)

    def test_children(self) -> None:
        async def main() -> None:
            child = await asyncio.create_subprocess_exec(
                "cat", stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
            output, _ = await child.communicate(b"through a pipe")
            self.assertEqual((b"through a pipe", 0), (output, child.returncode))

        self.run_on_both(main)

    def test_other_threads_hand_over(self) -> None:
        async def main() -> None:
            loop = asyncio.get_running_loop()
            done = asyncio.Event()
            thread = threading.Thread(target=loop.call_soon_threadsafe, args=(done.set,))
            thread.start()
            await done.wait()
            queue = sluice.SafeQueue[int]()
            threading.Thread(target=queue.put, args=(1,)).start()
            self.assertEqual(1, await queue.get_async())
            await asyncio.to_thread(thread.join)

        self.run_on_both(main)

    def test_logs_and_tracebacks(self) -> None:
        async def main() -> None:
            asyncio.get_running_loop().set_debug(True)
            try:
                raise KeyError
            except KeyError:
                logging.getLogger("test").exception("with a traceback")
            await asyncio.sleep(0)

        folder = tempfile.mkdtemp()
        handler = logging.FileHandler(Path(folder, "log"))
        logging.getLogger("test").addHandler(handler)
        logging.getLogger("test").propagate = False
        self.run_on_both(main)
        handler.close()
        text = Path(folder, "log").read_text()
        self.assertEqual(2, text.count("raise KeyError"))

    def test_tls(self) -> None:
        async def main() -> None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            listening = socket.create_server(("127.0.0.1", 0))
            with self.assertRaises((ssl.SSLError, ConnectionError)):
                connecting = asyncio.open_connection(*listening.getsockname(), ssl=context)
                task = asyncio.create_task(connecting)
                listening.setblocking(False)
                other, _ = await asyncio.get_running_loop().sock_accept(listening)
                await asyncio.get_running_loop().sock_sendall(other, b"no TLS at all\n")
                await task
            other.close()
            listening.close()

        self.run_on_both(main)

    def test_what_waits_for_the_loop_itself(self) -> None:
        async def main() -> None:
            with self.assertRaises(sluice.guard.BlockingCallError):
                asyncio.run_coroutine_threadsafe(
                    asyncio.sleep(0), asyncio.get_running_loop()
                ).result()
            with self.assertRaises(sluice.guard.BlockingCallError):
                sluice.SafeQueue().get()

        self.run_on_both(main)


if __name__ == "__main__":
    assert sys.version_info >= (3, 11)
    unittest.main()
