"""Descriptors, names, pipes, subprocesses, sockets and clients of other people, on our loop."""

import asyncio
import collections
import contextlib
import os
import select
import signal
import socket
import sys
import threading
import time
import unittest
from typing import Any

import sluice

SOON = 5.0


class Descriptors(unittest.TestCase):
    def test_a_driver_watches_a_plain_descriptor(self) -> None:
        """As asyncpg's and psycopg's likes do: their C library owns the socket."""

        class Driver:
            """A client that knows only a descriptor's number, and what it waits for."""

            def __init__(self, descriptor: int) -> None:
                self.loop = asyncio.get_running_loop()
                self.descriptor = descriptor

            async def wait(self, write: bool) -> None:
                ready = self.loop.create_future()
                loop = self.loop
                add, remove = (
                    (loop.add_writer, loop.remove_writer)
                    if write
                    else (loop.add_reader, loop.remove_reader)
                )
                add(self.descriptor, lambda: ready.done() or ready.set_result(None))
                try:
                    await asyncio.wait_for(ready, SOON)
                finally:
                    remove(self.descriptor)

            async def query(self, text: bytes) -> bytes:
                left = text
                while left:
                    await self.wait(write=True)
                    left = left[os.write(self.descriptor, left) :]
                answer = b""
                while len(answer) < len(text):
                    await self.wait(write=False)
                    answer += os.read(self.descriptor, 65_536)
                return answer

        def serve(theirs: socket.socket) -> None:
            while data := theirs.recv(65_536):
                theirs.sendall(data.upper())

        async def main() -> None:
            ours, theirs = socket.socketpair()
            ours.setblocking(False)
            server = threading.Thread(target=serve, args=(theirs,))
            server.start()
            driver = Driver(ours.fileno())
            for size in (1, 100, 100_000):
                self.assertEqual(b"A" * size, await driver.query(b"a" * size))
            ours.close()
            server.join()
            theirs.close()

        sluice.run(main())

    def test_a_driver_that_hands_results_over_from_its_thread(self) -> None:
        """As aiosqlite does: a thread of its own, futures, call_soon_threadsafe."""

        async def main() -> list[int]:
            loop = asyncio.get_running_loop()
            asked: Any = collections.deque()
            wanted = threading.Semaphore(0)

            def work() -> None:
                while True:
                    wanted.acquire()
                    future, number = asked.popleft()
                    if future is None:
                        return
                    loop.call_soon_threadsafe(future.set_result, number * number)

            thread = threading.Thread(target=work)
            thread.start()
            results = []
            for number in range(200):
                future = loop.create_future()
                asked.append((future, number))
                wanted.release()
                results.append(await asyncio.wait_for(future, SOON))
            asked.append((None, 0))
            wanted.release()
            await asyncio.to_thread(thread.join)
            return results

        self.assertEqual([n * n for n in range(200)], sluice.run(main()))

    def test_two_callbacks_for_one_descriptor_and_none_after_removal(self) -> None:
        async def main() -> None:
            loop = asyncio.get_running_loop()
            ours, theirs = socket.socketpair()
            ours.setblocking(False)
            seen: list[str] = []

            def read() -> None:
                seen.append("r" + ours.recv(10).decode())

            loop.add_reader(ours, read)
            loop.add_writer(ours, lambda: (seen.append("w"), loop.remove_writer(ours)))
            await asyncio.sleep(0.01)
            theirs.send(b"1")
            await asyncio.sleep(0.01)
            self.assertTrue(loop.remove_reader(ours))
            self.assertFalse(loop.remove_reader(ours))
            theirs.send(b"2")
            await asyncio.sleep(0.01)
            self.assertEqual(["w", "r1"], seen)
            ours.close()
            theirs.close()

        sluice.run(main())

    def test_a_file_cannot_be_watched(self) -> None:
        async def main() -> None:
            with open(__file__) as file, self.assertRaises(PermissionError):
                asyncio.get_running_loop().add_reader(file, print)

        sluice.run(main())

    def test_an_epoll_may_be_watched_too(self) -> None:
        async def main() -> None:
            reader, writer = os.pipe()
            with select.epoll() as inner:
                inner.register(reader, select.EPOLLIN)
                ready = asyncio.get_running_loop().create_future()
                loop = asyncio.get_running_loop()
                loop.add_reader(inner.fileno(), ready.set_result, None)
                os.write(writer, b"x")
                await asyncio.wait_for(ready, SOON)
                loop.remove_reader(inner.fileno())
            os.close(reader)
            os.close(writer)

        sluice.run(main())


class Programs(unittest.TestCase):
    def test_a_pipe(self) -> None:
        async def main() -> None:
            loop = asyncio.get_running_loop()
            reading, writing = os.pipe()
            reader = asyncio.StreamReader()
            await loop.connect_read_pipe(
                lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(reading, "rb", 0)
            )
            transport, protocol = await loop.connect_write_pipe(
                asyncio.streams.FlowControlMixin, os.fdopen(writing, "wb", 0)
            )
            writer = asyncio.StreamWriter(transport, protocol, None, loop)
            data = bytes(300_000)
            sending = asyncio.ensure_future(self.send(writer, data))
            self.assertEqual(data, await asyncio.wait_for(reader.read(-1), SOON))
            await sending

        sluice.run(main())

    async def send(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        writer.write(data)
        await writer.drain()
        writer.close()

    def test_children_talk_and_end(self) -> None:
        async def one(number: int) -> bytes:
            child = await asyncio.create_subprocess_exec(
                "/bin/sh",
                "-c",
                "read word; echo got $word; exit 3",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
            out, _ = await asyncio.wait_for(child.communicate(b"%d\n" % number), 20)
            self.assertEqual(3, child.returncode)
            return out

        async def main() -> None:
            found = await asyncio.gather(*map(one, range(10)))
            self.assertEqual([b"got %d\n" % n for n in range(10)], found)

        sluice.run(main())

    def test_a_child_is_killed_and_waited_for(self) -> None:
        async def main() -> None:
            child = await asyncio.create_subprocess_exec("sleep", "100")
            await asyncio.sleep(0.05)
            child.kill()
            self.assertEqual(-signal.SIGKILL, await asyncio.wait_for(child.wait(), SOON))

        sluice.run(main())

    def test_children_of_a_loop_on_a_thread(self) -> None:
        async def main() -> bytes:
            child = await asyncio.create_subprocess_shell(
                "echo here", stdout=asyncio.subprocess.PIPE
            )
            return (await child.communicate())[0]

        found: list[bytes] = []
        thread = threading.Thread(target=lambda: found.append(asyncio.run(main())))
        thread.start()
        thread.join(20)
        self.assertEqual([b"here\n"], found)


class Network(unittest.TestCase):
    def test_names(self) -> None:
        async def main() -> None:
            loop = asyncio.get_running_loop()
            found = await loop.getaddrinfo("localhost", 80, type=socket.SOCK_STREAM)
            self.assertIn(("127.0.0.1", 80), [each[4] for each in found])
            host, _ = await loop.getnameinfo(("127.0.0.1", 80), socket.NI_NUMERICHOST)
            self.assertEqual("127.0.0.1", host)
            with self.assertRaises(socket.gaierror):
                await loop.getaddrinfo("no such host.invalid", 80)

        sluice.run(main())

    def test_many_connections_at_once(self) -> None:
        async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while line := await reader.readline():
                writer.write(line.upper())
                await writer.drain()
            writer.close()

        async def client(port: int, number: int) -> None:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            for turn in range(20):
                writer.write(b"hello %d %d\n" % (number, turn))
                answer = await asyncio.wait_for(reader.readline(), 20)
                self.assertEqual(b"HELLO %d %d\n" % (number, turn), answer)
            writer.close()
            await writer.wait_closed()

        async def main() -> None:
            server = await asyncio.start_server(echo, "127.0.0.1", 0)
            port = server.sockets[0].getsockname()[1]
            await asyncio.gather(*(client(port, n) for n in range(100)))
            server.close()
            await server.wait_closed()

        sluice.run(main())

    def test_a_datagram(self) -> None:
        class Echo(asyncio.DatagramProtocol):
            transport: asyncio.DatagramTransport

            def connection_made(self, transport: Any) -> None:
                self.transport = transport

            def datagram_received(self, data: bytes, addr: Any) -> None:
                self.transport.sendto(data.upper(), addr)

        class Client(asyncio.DatagramProtocol):
            def __init__(self) -> None:
                self.got: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

            def datagram_received(self, data: bytes, addr: Any) -> None:
                self.got.set_result(data)

        async def main() -> None:
            loop = asyncio.get_running_loop()
            server, _ = await loop.create_datagram_endpoint(Echo, ("127.0.0.1", 0))
            client, protocol = await loop.create_datagram_endpoint(
                Client, remote_addr=server.get_extra_info("sockname")
            )
            client.sendto(b"hello")
            self.assertEqual(b"HELLO", await asyncio.wait_for(protocol.got, SOON))
            client.close()
            server.close()

        sluice.run(main())

    def test_a_sleeping_loop_is_idle(self) -> None:
        """A watched descriptor that is not ready, or no longer watched, costs nothing."""

        async def main() -> float:
            ours, theirs = socket.socketpair()
            ours.setblocking(False)
            loop = asyncio.get_running_loop()
            loop.add_reader(ours, ours.recv, 10)
            theirs.send(b"x")
            await asyncio.sleep(0.01)
            loop.remove_reader(ours)
            theirs.send(b"not read")
            before = time.thread_time()
            await asyncio.sleep(0.5)
            ours.close()
            theirs.close()
            return time.thread_time() - before

        self.assertLess(sluice.run(main()), 0.1)


class Others(unittest.TestCase):
    """Clients and servers that others have written, if they are installed."""

    def test_aiohttp_talks_to_itself(self) -> None:
        with contextlib.suppress(ImportError):
            import aiohttp.web  # noqa: PLC0415

        if "aiohttp" not in sys.modules:
            self.skipTest("aiohttp is not installed")

        async def answer(request: Any) -> Any:
            return aiohttp.web.json_response({"got": await request.text()})

        async def main() -> None:
            application = aiohttp.web.Application()
            application.router.add_post("/", answer)
            runner = aiohttp.web.AppRunner(application)
            await runner.setup()
            site = aiohttp.web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            port = runner.addresses[0][1]

            async def ask(number: int) -> None:
                url = f"http://127.0.0.1:{port}/"
                async with session.post(url, data=str(number)) as response:
                    self.assertEqual({"got": str(number)}, await response.json())

            async with aiohttp.ClientSession() as session:
                await asyncio.gather(*map(ask, range(50)))
            await runner.cleanup()

        sluice.run(main())

    def test_aiosqlite_counts(self) -> None:
        with contextlib.suppress(ImportError):
            import aiosqlite  # noqa: PLC0415

        if "aiosqlite" not in sys.modules:
            self.skipTest("aiosqlite is not installed")

        async def main() -> Any:
            async with aiosqlite.connect(":memory:") as database:
                await database.execute("create table numbers (n)")
                await database.executemany(
                    "insert into numbers values (?)", [(n,) for n in range(10)]
                )
                cursor = await database.execute("select sum(n) from numbers")
                return await cursor.fetchone()

        self.assertEqual((45,), tuple(sluice.run(main())))


if __name__ == "__main__":
    unittest.main(verbosity=1)
