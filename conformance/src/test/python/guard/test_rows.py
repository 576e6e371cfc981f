"""Calls of the table that need something on the other side: TLS, databases, other processes."""

import contextlib
import ctypes
import multiprocessing
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

from helpers import GuardTest

import sluice.guard

#: Where a type has its slot tp_iternext.
ITERNEXT = 224


class Tls(GuardTest):
    def setUp(self) -> None:
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        key, certificate = Path(folder.name, "key.pem"), Path(folder.name, "cert.pem")
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
                *("-subj", "/CN=localhost", "-keyout", str(key), "-out", str(certificate)),
            ],
            check=True,
            capture_output=True,
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.listener.close)
        server = threading.Thread(target=self.echo, args=(context,))
        server.start()
        self.addCleanup(server.join)
        self.client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.client.load_verify_locations(certificate)

    def echo(self, context: ssl.SSLContext) -> None:
        plain, _ = self.listener.accept()
        with (
            plain,
            contextlib.suppress(OSError),
            context.wrap_socket(plain, server_side=True) as secured,
        ):
            while data := secured.recv(100):
                secured.sendall(data)

    def test_a_socket_that_waits(self) -> None:
        plain = socket.create_connection(self.listener.getsockname())
        with (
            plain,
            self.client.wrap_socket(
                plain, server_hostname="localhost", do_handshake_on_connect=False
            ) as secured,
        ):
            self.install("raise", ["tls"])
            self.assertEqual("ssl.do_handshake", self.refused(secured.do_handshake).call)
            secured.do_handshake()
            self.assertEqual("ssl.write", self.refused(secured.sendall, b"abc").call)
            secured.sendall(b"abc")
            self.assertEqual("ssl.read", self.refused(secured.recv, 100).call)
            self.assertEqual(b"abc", secured.recv(100))
            secured.settimeout(0)
            with self.assertRaises(ssl.SSLWantReadError):
                self.passes(secured.recv, 100)

    def test_memory_does_not_wait(self) -> None:
        self.install("raise", ["tls"])
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        secured = self.client.wrap_bio(incoming, outgoing, server_hostname="localhost")
        with self.assertRaises(ssl.SSLWantReadError):
            self.passes(secured.do_handshake)
        self.assertTrue(outgoing.read())
        socket.create_connection(self.listener.getsockname()).close()


class Databases(GuardTest):
    def test_sqlite(self) -> None:
        try:
            import sqlite3  # noqa: PLC0415 (not all Pythons have it)
        except ImportError:
            self.skipTest("this Python has no sqlite3")

        def commits(connection: sqlite3.Connection) -> None:
            with connection:
                pass

        self.install("raise", ["sqlite"])
        self.assertEqual("sqlite3.connect", self.refused(sqlite3.connect, ":memory:").call)
        connection = sqlite3.connect(":memory:")
        self.addCleanup(connection.close)
        for refused, call in (
            (lambda: connection.execute("select 1"), "sqlite3.Connection.execute"),
            (connection.commit, "sqlite3.Connection.commit"),
            (lambda: commits(connection), "sqlite3.Connection.__exit__"),
            (lambda: connection.cursor().execute("select 1"), "sqlite3.Cursor.execute"),
        ):
            self.assertEqual(call, self.refused(refused).call)
        rows = connection.execute("select 1 union select 2")
        self.assertEqual("sqlite3.Cursor.fetchone", self.refused(rows.fetchone).call)
        self.assertEqual([(1,), (2,)], rows.fetchall())
        rows = connection.execute("select 1 union select 2")
        self.assertEqual("sqlite3.Cursor.__next__", self.refused(next, rows).call)
        self.assertEqual("sqlite3.Cursor.__next__", self.refused(list, rows).call)
        self.assertEqual([(1,), (2,)], list(rows))
        self.assertRaises(StopIteration, next, rows)
        self.assertEqual("sqlite3.Connection.__exit__", self.refused(within, connection).call)
        self.assertEqual("sqlite3.Connection.close", self.refused(connection.close).call)
        self.assertEqual(
            "sqlite3.Connection.blobopen", self.refused(connection.blobopen, "t", "x", 1).call
        )
        with sluice.guard.allow("sqlite"):
            self.passes(within, connection)
            self.assertEqual([(3,)], self.passes(lambda: connection.execute("select 3").fetchall()))

    def test_a_slot_is_given_back(self) -> None:
        try:
            import sqlite3  # noqa: PLC0415
        except ImportError:
            self.skipTest("this Python has no sqlite3")

        class Mine(sqlite3.Cursor):
            pass

        kinds = (sqlite3.Cursor, Mine)
        method = vars(sqlite3.Cursor)["__next__"]
        slots = [ctypes.c_void_p.from_address(id(kind) + ITERNEXT).value for kind in kinds]
        connection = sqlite3.connect(":memory:")
        self.addCleanup(connection.close)
        for _ in range(2):
            self.install("raise", ["sqlite"])
            self.assertIsNot(method, vars(sqlite3.Cursor)["__next__"])
            rows = connection.cursor(Mine).execute("select 1")
            self.assertEqual("sqlite3.Cursor.__next__", self.refused(next, rows).call)
            with self.assertRaises(TypeError):
                sqlite3.Cursor.mine = 1  # type: ignore[attr-defined]
            sluice.guard.uninstall()
            self.assertIs(method, vars(sqlite3.Cursor)["__next__"])
            self.assertEqual(
                slots, [ctypes.c_void_p.from_address(id(kind) + ITERNEXT).value for kind in kinds]
            )
            self.assertEqual([(1,)], list(rows))


def within(manager: contextlib.AbstractContextManager[object]) -> None:
    with manager:
        pass


class Processes(GuardTest):
    def test_locks_of_several(self) -> None:
        lock = multiprocessing.get_context("spawn").Lock()
        self.install("raise", ["locks"])
        self.passes(lock.acquire)
        self.assertFalse(self.passes(lock.acquire, False))
        self.assertEqual("multiprocessing.SemLock.acquire", self.refused(lock.acquire).call)
        self.assertEqual("multiprocessing.SemLock.__enter__", self.refused(lock.__enter__).call)
        lock.release()
        with sluice.guard.guarded(), lock:
            self.assertFalse(lock.acquire(block=False))

    def test_children(self) -> None:
        self.install("raise", ["processes"])
        self.assertEqual("subprocess.Popen", self.refused(subprocess.run, ["true"]).call)
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        self.assertEqual("os.waitpid", self.refused(child.wait).call)
        self.assertIsNone(self.passes(child.poll))
        child.communicate(b"\n")
        self.assertEqual(0, child.returncode)


if __name__ == "__main__":
    unittest.main()
