"""A loop that sleeps and wakes, while many threads hand it work: all is done, in order, in time."""

import asyncio
import bisect
import contextlib
import os
import random
import sys
import threading
import time
import unittest
from typing import Any

import sluice

FULL = os.environ.get("LOOP_TEST_TIER") == "full"
#: How long the storm lasts, in seconds.
STORM = 60.0 if FULL else 5.0
THREADS = 64
#: What may be late without the machine being late too: seconds.
LATE = 0.05
#: How often the machine is looked at: seconds.
PAUSE = 0.005


def stolen() -> int:
    """For how long the machine below this one has kept processors from it: nanoseconds."""
    with open("/proc/stat") as file:
        ticks = int(file.readline().split()[8])
    return ticks * 1_000_000_000 // os.sysconf("SC_CLK_TCK")


class Machine(threading.Thread):
    """Notes for how long the machine kept us waiting.

    It sleeps for a short time again and again, and sees when that took too long; and Linux tells
    for how long our threads, which could run, have waited for a processor.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.ended = False
        #: When, and how long all threads together had waited until then: seconds.
        self.samples: list[tuple[float, float]] = []
        #: When it slept for too long: from, to.
        self.stills: list[tuple[float, float]] = []

    def run(self) -> None:
        # All of them: Java's may hold the GIL as well, and stand still with it.
        threads = os.listdir("/proc/self/task")
        files = [os.open(f"/proc/self/task/{each}/schedstat", os.O_RDONLY) for each in threads]
        while not self.ended:
            now = time.monotonic()
            waited = stolen()
            for file in files:
                with contextlib.suppress(ProcessLookupError):
                    waited += int(os.pread(file, 100, 0).split()[1])
            self.samples.append((now, waited / 1e9))
            before = time.monotonic()
            time.sleep(PAUSE)
            if time.monotonic() - before > 2 * PAUSE:
                self.stills.append((before, time.monotonic()))
        for file in files:
            os.close(file)

    def lateness(self, since: float, until: float) -> float:
        """For how long it kept one thread or the other waiting between two moments, at most."""
        still = sum(max(min(until, to) - max(since, begin), 0) for begin, to in self.stills)
        first = max(bisect.bisect(self.samples, (since,)) - 1, 0)
        last = min(bisect.bisect(self.samples, (until,)), len(self.samples) - 1)
        return still + self.samples[last][1] - self.samples[first][1]


class Giver(threading.Thread):
    """Hands the loop numbers, from one thread, with pauses now and then."""

    begin = threading.Event()

    def __init__(self, loop: asyncio.AbstractEventLoop, seed: int) -> None:
        super().__init__()
        self.loop = loop
        self.random = random.Random(seed)
        self.given = 0
        self.got: list[int] = []
        #: What came late: when it was given, and when it was there.
        self.late: list[tuple[float, float]] = []
        self.error: BaseException | None = None

    def run(self) -> None:
        self.begin.wait()
        until = time.monotonic() + STORM
        try:
            while time.monotonic() < until:
                for _ in range(self.random.choice((1, 1, 1, 2, 5))):
                    self.loop.call_soon_threadsafe(self.take, self.given, time.monotonic())
                    self.given += 1
                time.sleep(self.random.choice((0, 0.0005, 0.002, 0.02, 0.05)))
        except BaseException as error:
            self.error = error

    def take(self, number: int, given: float) -> None:
        """On the loop's thread."""
        now = time.monotonic()
        self.got.append(number)
        if now - given > LATE:
            self.late.append((given, now))


class Storm(unittest.TestCase):
    def test_everything_is_run_once_in_order_and_in_time(self) -> None:
        machine = Machine()

        async def main() -> list[Giver]:
            loop: Any = asyncio.get_running_loop()
            givers = [Giver(loop, seed) for seed in range(THREADS)]
            for each in givers:
                each.start()
            machine.start()
            # Only now, because starting them all is a long pass of the loop.
            Giver.begin.set()
            ended = loop.run_in_executor(None, lambda: [each.join() for each in givers])
            # Some passes are long, some sleeps short.
            while not ended.done():
                await asyncio.sleep(random.choice((0, 0.0001, 0.003, 0.5)))
            await ended
            # Asleep for the last of them.
            await asyncio.sleep(0.1)
            return givers

        givers = sluice.run(main())
        machine.ended = True
        machine.join()
        for each in givers:
            self.assertIsNone(each.error)
            self.assertGreater(each.given, 10)
            self.assertEqual(list(range(each.given)), each.got)
        late = [both for each in givers for both in each.late]
        unexplained = [
            (since, until)
            for since, until in late
            if until - since - machine.lateness(since, until) > LATE
        ]
        self.assertEqual([], unexplained, f"{len(late)} late, of {sum(g.given for g in givers)}")

    def test_a_sleeping_loop_is_woken_every_time(self) -> None:
        """One thread, one call, and the next only when that has been made: 5,000 sleeps."""
        woken = threading.Semaphore(0)

        async def main() -> None:
            loop = asyncio.get_running_loop()

            def ask() -> None:
                for _ in range(5_000):
                    loop.call_soon_threadsafe(woken.release)
                    self.assertTrue(woken.acquire(timeout=5), "the loop sleeps on")

            await loop.run_in_executor(None, ask)

        sluice.run(main())

    def test_the_loop_wakes_for_what_its_own_thread_did_in_between(self) -> None:
        async def main() -> None:
            loop = asyncio.get_running_loop()
            future = loop.create_future()
            loop.call_later(0.01, lambda: loop.call_soon(lambda: loop.call_soon(done)))

            def done() -> None:
                future.set_result(None)

            await asyncio.wait_for(future, 1)

        sluice.run(main())


class Cost(unittest.TestCase):
    """The selector is asked how often it wakes the loop: each time is a system call."""

    def counted(self, loop: Any) -> list[float]:
        calls: list[float] = []
        wake = loop._selector._wake

        def counting() -> None:
            calls.append(time.monotonic())
            wake()

        loop._selector._wake = counting
        return calls

    def test_an_awake_loop_is_not_woken(self) -> None:
        async def main() -> tuple[int, int]:
            loop: Any = asyncio.get_running_loop()
            calls = self.counted(loop)
            ran: list[int] = []

            def give() -> None:
                for number in range(10_000):
                    loop.call_soon_threadsafe(ran.append, number)

            thread = threading.Thread(target=give)
            thread.start()
            # Never asleep: there is always something to run.
            while len(ran) < 10_000:
                await asyncio.sleep(0)
            thread.join()
            return len(calls), len(ran)

        self.assertEqual((0, 10_000), sluice.run(main()))

    def test_a_sleep_costs_one_wake_up(self) -> None:
        async def main() -> tuple[int, int]:
            loop: Any = asyncio.get_running_loop()
            calls = self.counted(loop)
            ran: list[int] = []

            def give() -> None:
                for _ in range(20):
                    time.sleep(0.02)
                    # All within one turn of this thread with the GIL.
                    for number in range(100):
                        loop.call_soon_threadsafe(ran.append, number)

            before = sys.getswitchinterval()
            sys.setswitchinterval(1)
            try:
                thread = threading.Thread(target=give)
                thread.start()
                while len(ran) < 2_000:
                    await asyncio.sleep(0.5)
                thread.join()
            finally:
                sys.setswitchinterval(before)
            return len(calls), len(ran)

        calls, ran = sluice.run(main())
        self.assertEqual(2_000, ran)
        self.assertGreaterEqual(calls, 15)
        # One for each of the sleeps, and one or two while the machine is busy.
        self.assertLessEqual(calls, 45)


if __name__ == "__main__":
    unittest.main(verbosity=1)
