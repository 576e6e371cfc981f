"""Places that are known: let be at once, counted all the same, asked again when rules change."""

import os
import select
import threading
import time
import traceback
import types
import unittest
from collections.abc import Callable
from typing import Any

from helpers import GuardTest

import sluice.guard
from sluice.guard import BlockingCallError, guarded

_SOURCE = "import time\ndef sleeps():\n    time.sleep(0.0001)\n"


def module(name: str) -> Callable[[], None]:
    """A function that sleeps, of a module of its own; all have the same bytes of code."""
    made = types.ModuleType(name)
    exec(compile(_SOURCE, f"/lib/{name}.py", "exec"), vars(made))
    function: Callable[[], None] = made.sleeps  # type: ignore[attr-defined]
    return function


def used(text: str) -> int:
    """How often allowances were used whose text has some text in it."""
    return sum(
        row["used"] for row in sluice.guard.report()["allowances"] if text in row["allowance"]
    )


class PlacesTest(GuardTest):
    def setUp(self) -> None:
        super().setUp()
        self.install("raise", "default")

    def test_each_call_of_a_rule_is_counted(self) -> None:
        sleeps = module("counted_by_rule")
        self.addCleanup(sluice.guard.rule("time.sleep", caller="counted_by_rule"))
        for _ in range(5):
            self.passes(sleeps)
        self.assertEqual(5, used("counted_by_rule"))
        sleeps()  # on a thread that nobody guards
        self.assertEqual(5, used("counted_by_rule"))

    def test_nor_are_those_of_other_threads(self) -> None:
        sleeps = module("counted_beside")
        self.addCleanup(sluice.guard.rule("time.sleep", caller="counted_beside"))
        self.passes(sleeps)
        with guarded():
            other = threading.Thread(target=sleeps)
            with sluice.guard.allow(), sluice.guard.allow("time.sleep"):
                other.start()
                other.join()
        self.assertEqual(1, used("counted_beside"))

    def test_each_call_of_a_block_is_counted(self) -> None:
        sleeps, others = module("counted_by_block"), module("not_counted")
        with sluice.guard.allow("time.sleep", caller="counted_by_block"):
            for _ in range(5):
                self.passes(sleeps)
                self.refused(others)
        self.assertEqual(5, used("counted_by_block"))
        self.refused(sleeps)
        with sluice.guard.allow("time.*", "processes"):
            for _ in range(5):
                self.passes(sleeps)
        self.assertEqual(5, used("'time.*', 'processes'"))
        self.assertEqual(5, used("counted_by_block"))

    def test_a_block_counts_before_a_rule(self) -> None:
        sleeps, others = module("counted_first"), module("counted_second")
        self.addCleanup(sluice.guard.rule("time.sleep", caller="counted_*"))
        self.passes(sleeps)
        self.passes(others)
        with sluice.guard.allow("sleep", caller="counted_f*"):
            for _ in range(3):
                self.passes(sleeps)
                self.passes(others)
        with sluice.guard.allow("time.s*"), sluice.guard.allow("select"):
            self.passes(sleeps)
            self.passes(sleeps)
        self.assertEqual([5, 3, 2], [used("'counted_*'"), used("'counted_f*'"), used("'time.s*'")])

    def test_what_a_block_knew_ends_with_it(self) -> None:
        sleeps = module("left")
        allowance = sluice.guard.allow(caller="left")
        with allowance:
            self.passes(sleeps)
        self.refused(sleeps)
        with allowance:
            self.passes(sleeps)
        self.refused(sleeps)

    def test_many_codes_that_call_at_the_same_distance(self) -> None:
        self.addCleanup(sluice.guard.rule("time.sleep", caller="many"))
        modules = {name: module(name) for n in range(40) for name in (f"many.m{n}", f"other{n}")}
        for _ in range(3):
            for name, sleeps in modules.items():
                (self.passes if name.startswith("many") else self.refused)(sleeps)
        self.assertEqual(3 * 40, used("caller='many'"))

    def test_other_calls_at_the_same_place_are_asked(self) -> None:
        waits: list[tuple[Any, ...]] = [(time.sleep, 0.0001), (select.select, [], [], [], 0.0001)]
        self.addCleanup(sluice.guard.rule("time.sleep", function="*at_one_place"))

        def at_one_place(function: Callable[..., Any], *arguments: Any) -> None:
            with guarded():
                function(*arguments)

        for _ in range(3):
            at_one_place(*waits[0])
            self.assertRaises(BlockingCallError, at_one_place, *waits[1])

    def test_rules_that_change_are_seen_at_once(self) -> None:
        sleeps = module("changing")
        for _ in range(3):
            remove = sluice.guard.rule(caller="changing")
            self.passes(sleeps)
            self.passes(sleeps)
            remove()
            site = f"time.sleep at {self.refused(sleeps).site}"
            sluice.guard.set_site(site, "off")
            self.passes(sleeps)
            self.passes(sleeps)
            sluice.guard.set_site(site, "raise")
            self.refused(sleeps)
            sluice.guard.set_site(site, None)
        self.install("off", "default")
        self.passes(sleeps)
        self.passes(sleeps)
        self.install("raise", "default")
        self.refused(sleeps)

    def test_also_those_that_another_thread_changes(self) -> None:
        sleeps = module("changing_elsewhere")
        passed, refused, end = (threading.Event() for _ in range(3))
        seen: list[bool] = []

        def changes() -> None:
            for _ in range(10):
                remove = sluice.guard.rule("time.sleep", caller="changing_elsewhere")
                passed.clear()
                seen.append(passed.wait(60))
                remove()
                refused.clear()
                seen.append(refused.wait(60))
            for _ in range(100):
                sluice.guard.rule("time.sleep", caller="changing_elsewhere")()
            end.set()

        other = threading.Thread(target=changes)
        other.start()
        while not end.is_set():
            try:
                self.passes(sleeps)
                passed.set()
            except BlockingCallError:
                refused.set()
        other.join()
        self.assertEqual([True] * 20, seen)
        self.refused(sleeps)

    def test_errors_pass_through_little(self) -> None:
        reader, writer = os.pipe()
        os.close(writer)
        os.close(reader)
        passed: list[str] = []
        with sluice.guard.allow("pipes"):
            try:
                self.passes(os.read, reader, 1)
            except OSError as error:
                passed = [each.filename for each in traceback.extract_tb(error.__traceback__)]
        guards = [each for each in passed if "guard" in os.path.basename(each)]
        self.assertEqual(["<sluice guard>"], guards)


if __name__ == "__main__":
    unittest.main()
