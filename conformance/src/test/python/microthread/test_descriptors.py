"""Sockets and pipes that microthreads share with threads, and with one another."""

import asyncio
import os
import socket
import subprocess
import sys
import threading
import time
import unittest
from typing import Any

from helpers import LONG, MicrothreadTest, until

from sluice import microthread


class Descriptors(MicrothreadTest):
    def test_two_that_read_one_pipe_do_not_stop_the_loop(self) -> None:
        readable, writable = os.pipe()
        passes: list[int] = []

        async def main() -> list[bytes]:
            readers = [microthread.spawn(os.read, readable, 1) for _ in range(2)]
            await until(lambda: all(each.wait is not None for each in readers))
            await asyncio.to_thread(os.write, writable, b"x")
            await until(lambda: any(each.done() for each in readers))
            for number in range(3):  # the loop goes on while one of them waits
                await asyncio.sleep(0.01)
                passes.append(number)
            await asyncio.to_thread(os.write, writable, b"y")
            return await asyncio.wait_for(asyncio.gather(*readers), LONG)

        try:
            self.assertEqual([b"x", b"y"], sorted(asyncio.run(main())))
        finally:
            os.close(readable)
            os.close(writable)
        self.assertEqual([0, 1, 2], passes)

    def test_a_thread_may_receive_while_a_microthread_sends(self) -> None:
        """By a socket in blocking mode, which stays in it."""
        near, far = socket.socketpair()
        received: list[Any] = []
        data = b"x" * 300_000

        def echo() -> None:
            while far.recv(65536):
                far.sendall(b"ok")

        def receive() -> None:
            try:
                while near.recv(1):
                    pass
            except OSError as error:
                received.append(error)

        def send() -> None:
            for _ in range(50):
                near.sendall(data)

        threads = [threading.Thread(target=each) for each in (echo, receive)]
        for each in threads:
            each.start()
        try:
            self.alone(send)
        finally:
            near.shutdown(socket.SHUT_RDWR)
            for each in threads:
                each.join(LONG)
            near.close()
            far.close()
        self.assertEqual([], received)

    def test_a_descriptor_may_be_another_sockets_by_now(self) -> None:
        """Each is known from its first wait on, and the next one has its number."""

        def ask(timeout: float | None) -> int:
            near, far = socket.socketpair()
            with near, far:
                near.settimeout(timeout)
                threading.Timer(0.01, far.sendall, (b"there",)).start()
                received = near.recv(9)
                self.assertEqual(b"there", received)
                near.sendall(b"back")
                self.assertEqual(b"back", far.recv(9))
                return near.fileno()

        numbers = self.alone(lambda: [ask(LONG if each % 2 else None) for each in range(20)])
        self.assertLess(len(set(numbers)), 20)

    def test_the_rest_of_what_did_not_fit_is_sent(self) -> None:
        data = os.urandom(3_000_000)

        def receive() -> bytes:
            parts = []
            while part := far.recv(10_000):
                parts.append(part)
                time.sleep(0)
            return b"".join(parts)

        def send() -> None:
            with near:
                near.sendall(data)

        for timeout in (None, LONG):
            near, far = socket.socketpair()
            near.settimeout(timeout)
            with far:
                self.assertEqual(data, self.together(receive, send)[0])

    def test_buffers_may_come_from_an_iterator(self) -> None:
        near, far = socket.socketpair()
        buffers = [bytearray(2), bytearray(3)]

        def receive() -> int:
            return near.recvmsg_into(iter(buffers))[0]

        def send() -> None:
            far.sendmsg(iter([b"ab", b"cde"]))

        with near, far:
            self.assertEqual(5, self.together(receive, send)[0])
        self.assertEqual([b"ab", b"cde"], buffers)

    def test_what_runs_in_a_forked_child_is_not_suspended(self) -> None:
        """It would wait for a loop that is not there."""

        def run() -> int:
            return subprocess.run(
                [sys.executable, "-c", ""], check=False, preexec_fn=look, timeout=LONG
            ).returncode

        def look() -> None:
            with open(__file__):
                time.sleep(0.001)

        self.assertEqual(0, self.alone(run))

    def test_an_empty_message_is_one(self) -> None:
        near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        with near, far:
            far.settimeout(LONG)

            def exchange() -> bytes:
                near.sendall(b"")
                return far.recv(10)

            self.assertEqual(b"", self.alone(exchange))
        closed = socket.socket()
        closed.close()
        with self.assertRaises(OSError):
            self.alone(closed.sendall, b"")

    def test_a_socket_with_a_timeout_says_when_it_is_over(self) -> None:
        near, far = socket.socketpair()
        with near, far:
            near.settimeout(0.05)

            def receive() -> None:
                for _ in range(2):
                    with self.assertRaises(TimeoutError):
                        near.recv(1)
                with self.assertRaises(TimeoutError):
                    near.recv_into(bytearray(1))

            self.alone(receive)


if __name__ == "__main__":
    unittest.main()
