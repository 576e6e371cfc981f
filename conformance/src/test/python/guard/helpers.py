"""What the tests of the guard have in common."""

import unittest
from collections.abc import Callable
from typing import Any

import sluice.guard


class GuardTest(unittest.TestCase):
    """Ends without a guard, and without what was allowed."""

    def setUp(self) -> None:
        self.addCleanup(sluice.guard.uninstall)

    def install(self, policy: Any = "raise", categories: Any = "all") -> None:
        sluice.guard.install(policy, categories)

    def refused(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """The error of a call on this thread, guarded."""
        with self.assertRaises(sluice.guard.BlockingCallError) as caught, sluice.guard.guarded():
            function(*args, **kwargs)
        return caught.exception

    def passes(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """The result of one that is not refused."""
        with sluice.guard.guarded():
            return function(*args, **kwargs)
