"""CPython's own tests of its standard library, in a microthread whose blocking calls are farmed.

    sluice run --venv ENVIRONMENT microthread_suite.py [--plain] NAME...

A NAME is a module of the package test, a class or a test in one; they are plain blocking code, and
know nothing of loops. Beside them the loop has something to do all the time: one that is held up
for longer than it may is counted. --plain runs the tests without a microthread and a guard, to tell
this Python's own failures. Those in microthread_skips.txt are left out, each for the reason there.
"""

import asyncio
import contextlib
import fnmatch
import os
import sys
import time
import unittest
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SKIPS = Path(__file__).with_name("microthread_skips.txt")
#: Seconds after which the loop counts as held up.
LONG = 1.0
NOTABLE = 5
#: How many farm threads there are.
FARM = 4


def skips() -> dict[str, str]:
    """The tests that are left out: a pattern and a reason on each line."""
    found = {}
    for line in SKIPS.read_text().splitlines():
        if line and not line.startswith("#"):
            pattern, separator, reason = line.partition(":")
            if not separator or not reason.strip():
                raise AssertionError(f"a line without a reason: {line}")
            found[pattern.strip()] = reason.strip()
    return found


def each(suite: Any) -> Iterator[unittest.TestCase]:
    """The tests of a suite of suites."""
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from each(item)
        else:
            yield item


class Result(unittest.TextTestResult):
    """Names the tests that take long."""

    began = 0.0

    def startTest(self, test: unittest.TestCase) -> None:  # noqa: N802
        self.began = time.monotonic()
        super().startTest(test)

    def stopTest(self, test: unittest.TestCase) -> None:  # noqa: N802
        super().stopTest(test)
        lasted = time.monotonic() - self.began
        if self.began and lasted > NOTABLE:
            print(f"{test.id()} took {lasted:.1f} s", flush=True)


def load(names: list[str]) -> tuple[unittest.TestSuite, int]:
    """The tests to be run, and how many are left out."""
    reasons = skips()
    chosen = unittest.TestSuite()
    left_out = 0
    for name in names:
        suite = unittest.defaultTestLoader.loadTestsFromName(f"test.{name}")
        for test in each(suite):
            short = test.id().removeprefix("test.")
            if any(fnmatch.fnmatchcase(short, pattern) for pattern in reasons):
                left_out += 1
                continue
            chosen.addTest(test)
    return chosen, left_out


def run(chosen: unittest.TestSuite) -> unittest.TestResult:
    from test import support  # noqa: PLC0415 (a package that not all Pythons have)

    support.use_resources = []
    support.verbose = 0
    return unittest.TextTestRunner(stream=sys.stdout, resultclass=Result, verbosity=0).run(chosen)


async def beside(held_up: list[float]) -> None:
    """Looks whether the loop goes on."""
    while True:
        before = time.monotonic()
        await asyncio.sleep(0.01)
        lasted = time.monotonic() - before
        if lasted > LONG:
            held_up.append(lasted)


async def in_microthread(chosen: unittest.TestSuite) -> unittest.TestResult:
    from sluice import _micro_pool, guard, microthread  # noqa: PLC0415 (not with --plain)

    guard.install("farm", "all")
    # Tests look whether threads are left over: the farm's are there all the time.
    _micro_pool._IDLE = 1e6
    microthread.farm_threads(FARM)
    await asyncio.gather(*(microthread.spawn(os.system, "sleep 0.5") for _ in range(FARM)))
    held_up: list[float] = []
    watch = asyncio.create_task(beside(held_up))
    try:
        result: unittest.TestResult = await microthread.spawn(run, chosen)
    finally:
        watch.cancel()
    points = len(microthread.yield_points())
    print(f"suspended at {points} places; the loop was held up {len(held_up)} times", flush=True)
    return result


def main(arguments: list[str]) -> int:
    """The exit code is 0 if all went well and there were any."""
    plain = "--plain" in arguments
    chosen, left_out = load([name for name in arguments if name != "--plain"])
    if plain:
        result = run(chosen)
    else:  # and not asyncio.run, whose handler of SIGINT tests of threads would meet
        with contextlib.closing(asyncio.new_event_loop()) as loop:
            result = loop.run_until_complete(in_microthread(chosen))
    print(f"{result.testsRun} tests, {left_out} left out, {len(result.skipped)} skip themselves")
    return 0 if result.wasSuccessful() and result.testsRun else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
