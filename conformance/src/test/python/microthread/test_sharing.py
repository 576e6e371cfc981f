"""What microthreads share with threads, with coroutines and with one another."""

import asyncio
import contextlib
import fcntl
import queue
import socket
import tempfile
import threading
import time
import unittest
from typing import Any

from helpers import LONG, MicrothreadTest, until

import sluice.guard
from sluice import microthread


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
