"""Circles of waits over awaits; what has come and gone leaves nothing."""

import asyncio
import unittest
from typing import Any

from helpers import SOON, OtherLoop, recorded

import sluice
from sluice import _blocking_setup, _loop_door

results: dict[str, Any] = {}


@sluice.run_in_loop
async def awaits(name: str) -> Any:
    while name not in results:
        await asyncio.sleep(0)
    return await results[name]


@sluice.run_in_loop
async def one() -> int:
    await asyncio.sleep(0)
    return 1


class Circles(unittest.TestCase):
    def setUp(self) -> None:
        results.clear()

    def test_a_result_that_awaits_itself(self) -> None:
        results["itself"] = awaits("itself")
        with self.assertRaisesRegex(RuntimeError, "SL143: .*awaits\\(\\) needs awaits\\(\\)"):
            results["itself"].wait(SOON)

    def test_two_that_await_each_other(self) -> None:
        first = awaits("second")
        second = results["second"] = awaits("first")
        results["first"] = first
        with self.assertRaisesRegex(RuntimeError, "SL143"):
            first.wait(SOON)
        with self.assertRaisesRegex(RuntimeError, "SL143"):
            second.wait(SOON)

    def test_over_two_loops(self) -> None:
        """A loop stands still for a call of another one, which awaits a call of the first."""

        @sluice.run_in_loop
        def stands_still() -> Any:
            return results["elsewhere"].wait(SOON)

        with OtherLoop() as loop, OtherLoop() as other:
            elsewhere = results["elsewhere"] = awaits("still")
            self.assertIs(other.portal, elsewhere.portal)
            _blocking_setup.choice.portal = loop.portal
            still = results["still"] = stands_still()
            self.assertIs(loop.portal, still.portal)
            _blocking_setup.choice.portal = other.portal
            for each in (still, elsewhere):
                with self.assertRaisesRegex(RuntimeError, "SL143"):
                    each.wait(SOON)

    def test_what_is_no_circle(self) -> None:
        async def both() -> list[int]:
            first = one()
            return [await first, await first, await one()]

        with recorded() as log:
            self.assertEqual([1, 1, 1], sluice.run_in_loop(both)().wait(SOON))
        self.assertEqual([], log.texts())


class Numbers(unittest.TestCase):
    def test_they_mean_one_thing_in_the_process(self) -> None:
        """Those of other interpreters, and of Java's own calls, are elsewhere."""
        self.assertGreaterEqual(_loop_door.first_number, 1 << 40)
        self.assertNotEqual(one().number, one().number)


if __name__ == "__main__":
    sluice.setup()
    unittest.main()
