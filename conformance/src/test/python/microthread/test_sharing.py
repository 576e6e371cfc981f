"""What microthreads share with threads, with coroutines and with one another."""

import asyncio
import contextlib
import fcntl
import os
import queue
import socket
import tempfile
import threading
import time
import unittest
from collections.abc import Callable
from typing import Any

from helpers import LONG, MicrothreadTest

import sluice.guard
from sluice import microthread


async def until(test: Callable[[], Any]) -> None:
    """Waits until something is true, for as long as a test may last."""
    async with asyncio.timeout(LONG):
        while not test():
            await asyncio.sleep(0.005)


class Mutexes(MicrothreadTest):
    def test_a_cancelled_getter_leaves_a_threads_mutex_alone(self) -> None:
        """It has to get the mutex back before it ends, as it gives that back behind that."""
        items: queue.Queue[int] = queue.Queue()
        held, cancelled = threading.Event(), threading.Event()
        seen: list[bool] = []

        def thread() -> None:
            with items.mutex:
                items.queue.append(1)
                items.not_empty.notify()
                held.set()
                cancelled.wait(LONG)
                time.sleep(0.05)
                seen.append(items.mutex.locked())

        async def main() -> None:
            getter = microthread.spawn(items.get)
            await until(lambda: getter.wait is not None)
            other = threading.Thread(target=thread)
            other.start()
            await until(held.is_set)
            await until(lambda: getter.wait is not None and "acquire" in getter.wait.call)
            getter.cancel()
            await asyncio.sleep(0.02)
            cancelled.set()
            with contextlib.suppress(asyncio.CancelledError):
                await getter
            await until(lambda: not other.is_alive())

        asyncio.run(main())
        self.assertEqual([True], seen)

    def test_a_coroutine_does_not_enter_what_a_microthread_holds(self) -> None:
        lock = threading.RLock()
        holds, ends = threading.Event(), threading.Event()

        def holder() -> None:
            with lock:
                holds.set()
                ends.wait()

        async def main() -> None:
            running = microthread.spawn(holder)
            await until(holds.is_set)
            with self.assertRaises(sluice.guard.BlockingCallError), lock:
                pass
            ends.set()
            await running
            with lock:  # nobody has it
                pass

        asyncio.run(main())

    def test_only_its_owner_gives_an_rlock_back(self) -> None:
        lock = threading.RLock()
        ends = threading.Event()

        def holder() -> None:
            with lock:
                ends.wait()

        def thief() -> None:
            with self.assertRaises(RuntimeError):
                lock.release()
            ends.set()

        self.together(holder, thief)

    def test_who_tries_in_vain_does_not_own_it(self) -> None:
        """A thread has it; then the loop's code takes it, and gives it back."""
        lock = threading.RLock()
        held, ends = threading.Event(), threading.Event()

        def thread() -> None:
            with lock:
                held.set()
                ends.wait(LONG)

        other = threading.Thread(target=thread)
        other.start()
        held.wait(LONG)

        async def main() -> None:
            self.assertFalse(await microthread.spawn(lock.acquire, False))
            ends.set()
            await until(lambda: not other.is_alive())
            self.assertTrue(lock.acquire(False))
            lock.release()

        asyncio.run(main())

    def test_what_never_waits_is_not_refused_to_a_coroutine(self) -> None:
        """Another thread has the queue's own lock for a moment."""
        items: queue.Queue[int] = queue.Queue()
        ends: list[bool] = []

        def thread() -> None:
            while not ends:
                items.put(1)
                items.get()

        async def main() -> None:
            for _ in range(20_000):
                items.put_nowait(1)
                items.get_nowait()

        others = [threading.Thread(target=thread) for _ in range(2)]
        for each in others:
            each.start()
        try:
            asyncio.run(main())
        finally:
            ends.append(True)
            for each in others:
                each.join()


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


class Loops(MicrothreadTest):
    def test_sleep_zero_lets_others_run(self) -> None:
        log: list[int] = []

        def spin(number: int) -> None:
            for _ in range(3):
                log.append(number)
                time.sleep(0)

        self.together(lambda: spin(1), lambda: spin(2))
        self.assertEqual([1, 2] * 3, log)

    def test_sleep_zero_is_nothing_where_it_must_not_switch(self) -> None:
        def spin() -> None:
            with microthread.no_switch():
                time.sleep(0)

        self.alone(spin)

    def test_one_may_begin_on_another_thread_than_it_was_made_on(self) -> None:
        mine = threading.local()
        mine.value = 1
        loop = asyncio.new_event_loop()
        made: list[microthread.Microthread] = []
        seen: list[Any] = []

        def function() -> int:
            seen.append(threading.get_native_id())
            self.assertFalse(hasattr(mine, "value"))
            time.sleep(0.01)
            return threading.get_native_id()

        def begin() -> None:
            made.append(microthread.spawn(function))
            loop.stop()

        loop.call_soon(begin)
        loop.run_forever()

        def elsewhere() -> None:
            seen.append(loop.run_until_complete(asyncio.wait_for(made[0], LONG)))
            seen.append(threading.get_native_id())

        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join(LONG)
        loop.close()
        self.assertEqual(1, mine.value)
        self.assertEqual(1, len(set(seen)), seen)
        self.assertNotIn(threading.get_native_id(), seen)

    def test_one_that_waits_cannot_go_on_on_another_thread(self) -> None:
        loop = asyncio.new_event_loop()

        async def begin() -> microthread.Microthread:
            made = microthread.spawn(time.sleep, 0.01)
            await until(lambda: made.wait is not None)
            return made

        made = loop.run_until_complete(begin())
        errors: list[BaseException] = []

        def elsewhere() -> None:
            try:
                loop.run_until_complete(asyncio.wait_for(made, LONG))
            except RuntimeError as error:
                errors.append(error)

        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join(2 * LONG)
        loop.close()
        self.assertIn("SL196", str(errors))

    def test_those_of_a_thread_that_has_ended_are_forgotten(self) -> None:
        loop = asyncio.new_event_loop()

        async def begin() -> None:
            made = microthread.spawn(time.sleep, LONG)
            await until(lambda: made.wait is not None)

        thread = threading.Thread(target=loop.run_until_complete, args=(begin(),))
        thread.start()
        thread.join(LONG)
        deadline = time.monotonic() + LONG
        while microthread.running() and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertEqual([], microthread.running())
        loop.close()

    def test_nobody_else_says_what_comes_of_one(self) -> None:
        async def main() -> int:
            made = microthread.spawn(lambda: 3)
            with self.assertRaises(RuntimeError):
                made.set_result(4)
            with self.assertRaises(RuntimeError):
                made.set_exception(ValueError())
            return await made  # type: ignore[no-any-return]

        self.assertEqual(3, asyncio.run(main()))

    def test_thread_locals_end_within_it(self) -> None:
        """So what they do at their end is not taken for the loop's own doing."""
        local = threading.local()
        ended: list[Any] = []

        class Connection:
            def __del__(self) -> None:
                time.sleep(0.001)
                ended.append(microthread.current() is not None)

        def function() -> None:
            local.connection = Connection()
            time.sleep(0.001)

        self.alone(function)
        self.assertEqual([True], ended)


class Farm(MicrothreadTest):
    def test_calls_that_nobody_waits_for_do_not_use_it_up(self) -> None:
        microthread.farm_threads(2)
        self.addCleanup(microthread.farm_threads, 64)
        with tempfile.TemporaryFile() as locked, open(f"/proc/self/fd/{locked.fileno()}") as other:
            fcntl.flock(locked, fcntl.LOCK_EX)

            async def main() -> None:
                stuck = [microthread.spawn(fcntl.flock, other, fcntl.LOCK_EX) for _ in range(2)]
                await until(lambda: microthread.report()["farm"]["running"] >= 2)
                for each in stuck:
                    each.cancel()
                await asyncio.wait(stuck)
                await asyncio.wait_for(microthread.spawn(socket.getaddrinfo, "localhost", 1), LONG)
                await asyncio.to_thread(fcntl.flock, locked, fcntl.LOCK_UN)
                await until(lambda: not microthread.report()["farm"]["running"])
                # The abandoned ones have given back what nobody knew that they had.
                await asyncio.to_thread(fcntl.flock, locked, fcntl.LOCK_EX | fcntl.LOCK_NB)

            asyncio.run(main())


if __name__ == "__main__":
    unittest.main()
