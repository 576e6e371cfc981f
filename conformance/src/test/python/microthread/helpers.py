"""What the tests of microthreads have in common."""

import asyncio
import unittest
from collections.abc import Callable
from typing import Any

import sluice.guard
from sluice import microthread

#: Seconds: so long nothing here may take, on however slow a machine.
LONG = 60


async def until(test: Callable[[], Any]) -> None:
    """Waits until something is true, for as long as a test may last."""
    async with asyncio.timeout(LONG):
        while not test():
            await asyncio.sleep(0.005)


class MicrothreadTest(unittest.TestCase):
    """Runs functions as microthreads, with the policy farm; ends without a guard."""

    def setUp(self) -> None:
        sluice.guard.install("farm", "all")
        self.addCleanup(sluice.guard.uninstall)

    def together(self, *functions: Callable[[], Any]) -> list[Any]:
        """What they return, each a microthread of one loop."""

        async def main() -> list[Any]:
            spawned = [microthread.spawn(function) for function in functions]
            return await asyncio.wait_for(asyncio.gather(*spawned), LONG)

        return asyncio.run(main())

    def alone(self, function: Callable[..., Any], *args: Any) -> Any:
        return self.together(lambda: function(*args))[0]
