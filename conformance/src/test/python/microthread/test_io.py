"""Sockets, TLS, HTTP, processes, pipes and databases in microthreads."""

import asyncio
import http.client
import http.server
import os
import select
import selectors
import socket
import socketserver
import sqlite3
import ssl
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.request
import warnings
import zlib
from pathlib import Path
from typing import Any

from helpers import LONG, MicrothreadTest

import sluice.guard
from sluice import _micro_pool, microthread


class Echo(socketserver.ThreadingTCPServer):
    """In threads of its own."""

    daemon_threads = True
    allow_reuse_address = True
    #: All who connect at once; who is turned away tries again after seconds.
    request_queue_size = 100

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            while data := self.request.recv(65536):
                time.sleep(0.01)
                self.request.sendall(data)


class ServerTest(MicrothreadTest):
    def serve(self, server: Any) -> tuple[str, int]:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()

        def stop() -> None:
            server.shutdown()
            thread.join()
            server.server_close()

        self.addCleanup(stop)
        return server.server_address  # type: ignore[no-any-return]


class Sockets(ServerTest):
    def test_many_ask_a_server_in_threads(self) -> None:
        address = self.serve(Echo(("127.0.0.1", 0), Echo.Handler))

        def plain(number: int) -> bool:
            with socket.create_connection(address, timeout=LONG) as sock:
                for each in range(3):
                    text = f"{number} {each}".encode()
                    sock.sendall(text)
                    if sock.recv(100) != text:
                        return False
            return True

        found = self.together(*(lambda each=each: plain(each) for each in range(50)))  # type: ignore[misc]
        self.assertEqual([True] * 50, found)

    def test_timeouts_are_kept(self) -> None:
        one, other = socket.socketpair()
        listener = socket.create_server(("127.0.0.1", 0))

        def plain() -> list[str]:
            found = []
            for sock, method, arguments in (
                (one, "recv", (1,)),
                (one, "recv_into", (bytearray(1),)),
                (one, "recvfrom", (1,)),
                (one, "recvmsg", (1,)),
                (listener, "accept", ()),
            ):
                sock.settimeout(0.02)
                with self.assertRaises(TimeoutError) as caught:
                    getattr(sock, method)(*arguments)
                self.assertEqual(0.02, sock.gettimeout())
                found.append(str(caught.exception))
            with self.assertRaises(TimeoutError):
                one.sendall(bytes(10_000_000))
            return found

        self.assertEqual(["timed out"] * 5, self.alone(plain))
        for each in (one, other, listener):
            each.close()

    def test_much_is_sent_while_somebody_reads(self) -> None:
        for timeout in (None, LONG):
            one, other = socket.socketpair()
            one.settimeout(timeout)
            data = os.urandom(3_000_000)

            def writer(one: Any = one, data: bytes = data) -> None:
                one.sendall(data)
                one.close()

            def reader(other: Any = other) -> bytes:
                with other, other.makefile("rb") as file:
                    return file.read()  # type: ignore[no-any-return]

            self.assertEqual(data, self.together(writer, reader)[1])

    def test_datagrams_and_what_is_refused(self) -> None:
        def plain() -> str:
            with (
                socket.socket(type=socket.SOCK_DGRAM) as one,
                socket.socket(type=socket.SOCK_DGRAM) as other,
            ):
                other.bind(("127.0.0.1", 0))
                one.sendto(b"datagram", other.getsockname())
                data, _ = other.recvfrom(100)
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                address = free.getsockname()
            with socket.socket() as sock, self.assertRaises(ConnectionRefusedError):
                sock.connect(address)
            return data.decode()

        self.assertEqual("datagram", self.alone(plain))

    def test_a_server_in_microthreads(self) -> None:
        """socketserver and its clients, all on one thread."""

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                time.sleep(0.05)
                body = self.path.encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        async def main() -> list[bytes]:
            server = await microthread.spawn(http.server.HTTPServer, ("127.0.0.1", 0), Handler)
            serving = microthread.spawn(server.serve_forever, 0.01)
            port = server.server_address[1]

            def get(number: int) -> bytes:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/{number}", timeout=LONG) as r:
                    return r.read()  # type: ignore[no-any-return]

            found = await asyncio.gather(*(microthread.spawn(get, each) for each in range(10)))
            await microthread.spawn(server.shutdown)
            await serving
            await microthread.spawn(server.server_close)
            return found

        self.assertEqual([f"/{each}".encode() for each in range(10)], asyncio.run(main()))

    def test_http_client_keeps_a_connection(self) -> None:
        server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler
        )
        server.RequestHandlerClass.log_message = lambda *_: None  # type: ignore[method-assign]
        address = self.serve(server)

        def plain() -> list[int]:
            connection = http.client.HTTPConnection(*address[:2], timeout=LONG)
            found = []
            for _ in range(3):
                connection.request("GET", "/nothing-here")
                response = connection.getresponse()
                response.read()
                found.append(response.status)
            connection.close()
            return found

        self.assertEqual([[404] * 3] * 5, self.together(*[plain] * 5))

    def test_selectors(self) -> None:
        for kind in (selectors.SelectSelector, selectors.PollSelector, selectors.EpollSelector):
            one, other = socket.socketpair()

            def plain(one: Any = one, kind: Any = kind) -> tuple[int, int, bytes]:
                with kind() as selector:
                    selector.register(one, selectors.EVENT_READ)
                    nothing = selector.select(0.02)
                    ready = selector.select(LONG)
                    return len(nothing), len(ready), one.recv(10)

            def later(other: Any = other) -> None:
                time.sleep(0.1)
                other.send(b"now")

            self.assertEqual((0, 1, b"now"), self.together(plain, later)[0])
            one.close()
            other.close()

    def test_select_as_it_is(self) -> None:
        one, other = socket.socketpair()

        def plain() -> Any:
            return select.select([one], [one], [], LONG), select.select([one], [], [], 0.01)

        self.assertEqual((([], [one], []), ([], [], [])), self.alone(plain))
        one.close()
        other.close()


class Tls(ServerTest):
    def test_it(self) -> None:
        folder = tempfile.mkdtemp()
        key, certificate = f"{folder}/key.pem", f"{folder}/cert.pem"
        made = subprocess.run(
            [
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-keyout",
                key,
                "-out",
                certificate,
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
            ],
            capture_output=True,
            check=False,
        )
        if made.returncode:
            self.skipTest("no openssl")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server = Echo(("127.0.0.1", 0), Echo.Handler, bind_and_activate=True)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        address = self.serve(server)
        client = ssl.create_default_context(cafile=certificate)

        def plain(number: int) -> bool:
            with (
                socket.create_connection(address, timeout=LONG) as sock,
                client.wrap_socket(sock, server_hostname="localhost") as secure,
            ):
                secure.sendall(bytes([number]) * 20_000)
                got = b""
                while len(got) < 20_000:
                    got += secure.recv(65536)
                secure.settimeout(0.02)
                with self.assertRaisesRegex(TimeoutError, "The read operation timed out"):
                    secure.recv(1)
                return got == bytes([number]) * 20_000

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = self.together(*(lambda each=each: plain(each) for each in range(10)))  # type: ignore[misc]
        self.assertEqual([True] * 10, found)


class Others(MicrothreadTest):
    def test_processes(self) -> None:
        def plain() -> tuple[bytes, int]:
            ended = subprocess.run(
                ["sh", "-c", "sleep 0.2; cat; exit 3"],
                input=b"in",
                capture_output=True,
                check=False,
            )
            return ended.stdout, ended.returncode

        began = time.monotonic()
        self.assertEqual([(b"in", 3)] * 10, self.together(*[plain] * 10))
        self.assertLess(time.monotonic() - began, LONG)
        with self.assertRaises(subprocess.TimeoutExpired):
            self.alone(lambda: subprocess.run(["sleep", "60"], timeout=0.05, check=False))

    def test_pipes(self) -> None:
        read, write = os.pipe()
        data = os.urandom(500_000)

        def writer() -> None:
            with open(write, "wb") as file:
                file.write(data)

        def reader() -> bytes:
            with open(read, "rb") as file:
                return file.read()

        self.assertEqual(data, self.together(writer, reader)[1])

    def test_files(self) -> None:
        def plain(number: int) -> str:
            path = Path(tempfile.gettempdir()) / f"microthread-{os.getpid()}-{number}"
            path.write_text(f"text {number}")
            try:
                os.stat(path)
                return path.read_text()
            finally:
                path.unlink()

        found = self.together(*(lambda each=each: plain(each) for each in range(10)))  # type: ignore[misc]
        self.assertEqual([f"text {each}" for each in range(10)], found)
        with self.assertRaises(FileNotFoundError):
            self.alone(open, "/no/such/file")

    def test_sqlite(self) -> None:
        def plain(number: int) -> list[Any]:
            connection = sqlite3.connect(":memory:")
            with connection:
                connection.execute("create table t (a int)")
                connection.executemany("insert into t values (?)", [(each,) for each in range(5)])
            found = [each for (each,) in connection.execute("select a from t order by a")]
            cursor = connection.cursor()
            cursor.execute("select sum(a) + ? from t", (number,))
            found += cursor.fetchone()
            connection.close()
            return found

        found = self.together(*(lambda each=each: plain(each) for each in range(5)))  # type: ignore[misc]
        self.assertEqual([[0, 1, 2, 3, 4, 10 + each] for each in range(5)], found)

    def test_a_with_statement_commits_while_others_read(self) -> None:
        """The commit waits until nobody reads; the one who reads has to go on for that."""
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "database")
            first = sqlite3.connect(file)
            first.executescript("create table t (a int); insert into t values (1), (2);")
            first.close()

            def reads() -> int:
                connection = sqlite3.connect(file)
                rows = connection.execute("select a from t")
                rows.fetchone()
                time.sleep(0.2)
                rows.fetchall()
                connection.close()
                return 0

            def writes() -> int:
                connection = sqlite3.connect(file, timeout=LONG / 2)
                time.sleep(0.05)
                with connection:
                    connection.execute("insert into t values (3)")
                (count,) = connection.execute("select count(*) from t").fetchone()
                connection.close()
                return int(count)

            self.assertEqual([0, 3], self.together(reads, writes))

    def test_more_write_than_there_are_farm_threads(self) -> None:
        """All threads of the farm wait for the one who has the database, and has to commit."""
        self.addCleanup(microthread.farm_threads, _micro_pool.LIMIT)
        microthread.farm_threads(2)
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "database")

            def writes(number: int) -> None:
                connection = sqlite3.connect(file, timeout=LONG / 2)
                connection.execute("create table if not exists t (a int)")
                connection.execute("insert into t values (?)", (number,))
                time.sleep(0.05)
                connection.commit()
                connection.close()

            self.together(*(lambda each=each: writes(each) for each in range(6)))  # type: ignore[misc]
            connection = sqlite3.connect(file)
            self.assertEqual((6,), connection.execute("select count(*) from t").fetchone())
            connection.close()

    def test_a_connection_that_was_made_before(self) -> None:
        """It asks which thread uses it; so it is used where it was made."""
        connection = sqlite3.connect(":memory:")
        self.assertEqual((1,), self.alone(lambda: connection.execute("select 1").fetchone()))
        connection.close()

    def test_names(self) -> None:
        found = self.alone(socket.getaddrinfo, "localhost", 80)
        self.assertTrue(found)

    def test_a_call_that_is_registered(self) -> None:
        sluice.guard.register(zlib.crc32, "checks")
        sluice.guard.install("farm", ["checks", "locks"])
        self.assertEqual(zlib.crc32(b"a"), self.alone(lambda: zlib.crc32(b"a")))
        self.assertIn("zlib.crc32", [each["call"] for each in microthread.yield_points()])


if __name__ == "__main__":
    unittest.main()
