"""CPython's own tests of SimpleQueue, over SafeQueue; --where prints where they are.

What is left out stands in LEFT_OUT, with the reason.
"""

import importlib
import sys
import unittest
from typing import Any

import sluice

#: Names of tests, and why each is left out.
LEFT_OUT: dict[str, str] = {}


def made_over(base: Any, bound: int) -> type[unittest.TestCase]:
    """Their tests, which make their queue by `type2test`."""

    class Tests(base, unittest.TestCase):  # type: ignore[misc]
        queue = importlib.import_module("queue")

        def setUp(self) -> None:
            self.type2test = lambda: sluice.SafeQueue(bound)
            super().setUp()

    for name, reason in LEFT_OUT.items():
        setattr(Tests, name, unittest.skip(reason)(getattr(base, name)))
    return Tests


def main() -> int:
    theirs = importlib.import_module("test.test_queue")
    if sys.argv[1:] == ["--where"]:
        print(theirs.__file__)
        return 0
    # From 3.14 on, tests with 50 threads ask for 100 MB for each: of addresses, as it happens.
    importlib.import_module("test.support").set_memlimit("6G")
    loader = unittest.defaultTestLoader
    suite = unittest.TestSuite(
        loader.loadTestsFromTestCase(made_over(theirs.BaseSimpleQueueTest, bound))
        for bound in (0, 10_000)
    )
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    print(f"{result.testsRun} tests, {len(LEFT_OUT)} left out")
    return 0 if result.wasSuccessful() and result.testsRun else 1


if __name__ == "__main__":
    sys.exit(main())
