"""CPython's own tests of asyncio, on the loop that `sluice run` gives.

    sluice run --python PYTHON asyncio_suite.py [--plain] NAME...

A NAME is a module of test.test_asyncio, a class or a test in one. Wherever the tests make a loop,
whatever the way, they get ours; --plain leaves them asyncio's, to tell its failures from ours.
--where prints the folder of the modules, and runs nothing.
The tests in asyncio_skips.txt are left out, each for the reason that stands there.
"""

import asyncio
import asyncio.base_events
import asyncio.unix_events
import contextlib
import faulthandler
import fnmatch
import importlib
import sys
import time
import types
import unittest
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SKIPS = Path(__file__).with_name("asyncio_skips.txt")
#: Seconds after which a test hangs, and after which it is worth a line.
PATIENCE = 120
NOTABLE = 3
_PREFIX = "test.test_asyncio."


def use_our_loop() -> type:
    """Puts our loop wherever tests look for one by name."""
    from sluice._loop import Loop  # noqa: PLC0415 (only there if the loops are to be ours)

    class TestedLoop(Loop):  # type: ignore[misc]
        """Ours, made as tests make asyncio's: with a selector, which it does without."""

        def __init__(self, selector: Any = None) -> None:
            if selector is not None:
                selector.close()
            super().__init__()

    for module in (asyncio, asyncio.unix_events):
        module.SelectorEventLoop = TestedLoop  # type: ignore[misc,assignment,attr-defined]
    asyncio.BaseEventLoop = TestedLoop  # type: ignore[misc]
    if hasattr(asyncio, "EventLoop"):
        asyncio.EventLoop = TestedLoop  # type: ignore[misc]
    with contextlib.closing(asyncio.new_event_loop()) as made:
        if not isinstance(made, Loop):
            raise AssertionError(f"asyncio does not make our loops, but {made}")
    return TestedLoop


def use_instead_of_base(module: Any, tested: type) -> None:
    """The tests of the abstract loop get ours as well; the module that they patch stays."""
    names = {**vars(asyncio.base_events), "BaseEventLoop": tested}
    module.base_events = types.SimpleNamespace(**names)


class Skips:
    """The tests that are left out: a pattern and a reason on each line."""

    def __init__(self) -> None:
        self.reasons: dict[str, str] = {}
        for line in SKIPS.read_text().splitlines():
            if line and not line.startswith("#"):
                pattern, separator, reason = line.partition(":")
                if not separator or not reason.strip():
                    raise AssertionError(f"a line without a reason: {line}")
                self.reasons[pattern.strip()] = reason.strip()

    def why(self, name: str) -> str | None:
        """Why a test is left out, if it is."""
        for pattern, reason in self.reasons.items():
            if fnmatch.fnmatchcase(name, pattern):
                return reason
        return None


def each(suite: Any) -> Iterator[unittest.TestCase]:
    """The tests of a suite of suites."""
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from each(item)
        else:
            yield item


class Result(unittest.TextTestResult):
    """Tells a hang by the stacks of all threads, and ends it."""

    began = 0.0

    def startTest(self, test: unittest.TestCase) -> None:  # noqa: N802
        faulthandler.dump_traceback_later(PATIENCE, exit=True)
        self.began = time.monotonic()
        super().startTest(test)

    def stopTest(self, test: unittest.TestCase) -> None:  # noqa: N802
        super().stopTest(test)
        faulthandler.cancel_dump_traceback_later()
        lasted = time.monotonic() - self.began
        # From 3.12.1 on, a test that is skipped may end without a beginning.
        if self.began and lasted > NOTABLE:
            print(f"{test.id()} took {lasted:.1f} s")


def main(names: list[str]) -> int:
    """Runs the tests; the exit code is 0 if all went well and there were any."""
    if names == ["--where"]:
        print(*importlib.import_module(_PREFIX.rstrip(".")).__path__)
        return 0
    plain = "--plain" in names
    names = [_PREFIX + name for name in names if name != "--plain"]
    loaded = unittest.defaultTestLoader
    skips = Skips()
    chosen = unittest.TestSuite()
    tested = None if plain else use_our_loop()
    left_out = 0
    for name in names:
        parts = name.split(".")
        module = importlib.import_module(".".join(parts[:3]))
        if tested is not None and parts[2] == "test_base_events":
            use_instead_of_base(module, tested)
        for test in each(loaded.loadTestsFromName(name)):
            if skips.why(test.id().removeprefix(_PREFIX)) is None:
                chosen.addTest(test)
            else:
                left_out += 1
    if loaded.errors:
        print("\n".join(loaded.errors))
        return 3
    made = count_loops(tested)
    result = unittest.TextTestRunner(resultclass=Result, verbosity=1).run(chosen)
    print(
        f"{result.testsRun} tests, {left_out} left out, {len(result.skipped)} skip themselves,"
        f" {len(made)} loops of ours"
    )
    return 0 if result.wasSuccessful() and result.testsRun else 1


def count_loops(tested: Any) -> list[None]:
    """A list that grows by one for each loop of ours that is made."""
    made: list[None] = []
    if tested is not None:
        base = tested.__mro__[1]
        init = base.__init__

        def counting(self: Any, *arguments: Any, **options: Any) -> None:
            made.append(None)
            init(self, *arguments, **options)

        base.__init__ = counting
    return made


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
