"""Waiting while a module is imported."""

import asyncio
import builtins
import importlib
import sys
import tempfile
import textwrap
import threading
import time
import unittest
import unittest.mock
from pathlib import Path
from typing import Any

from helpers import SOON, Started, await_blocked, turns

import sluice

FOLDER = tempfile.TemporaryDirectory()


def module(name: str, source: str) -> None:
    """Writes a module, or one of a package."""
    path = Path(FOLDER.name, *name.split(".")).with_suffix(".py")
    path.parent.mkdir(exist_ok=True)
    path.write_text(textwrap.dedent(source))
    importlib.invalidate_caches()


class Imports(unittest.TestCase):
    def imported(self, name: str) -> object:
        """The module, on another thread than the tests', in less than a second."""
        began = time.monotonic()
        found = Started(importlib.import_module, name).result()
        self.assertLess(time.monotonic() - began, 1.0)
        return found

    def test_the_loop_imports_the_same_module(self) -> None:
        module(
            "waits",
            """
            import sluice

            ready = "defined before"

            @sluice.wait_for(20)
            async def imports():
                import waits
                from waits import ready
                return waits, ready

            found, what = imports()
            """,
        )
        loaded = self.imported("waits")
        self.assertIs(loaded, loaded.found)  # type: ignore[attr-defined]
        self.assertEqual("defined before", loaded.what)  # type: ignore[attr-defined]

    def test_by_a_function_of_its_package(self) -> None:
        module("waiting_package.__init__", "from waiting_package import inner\n")
        module(
            "waiting_package.inner",
            """
            import sluice

            @sluice.wait_for(20)
            def imports():
                import waiting_package.inner as inner
                return list(vars(inner))

            names = imports()
            """,
        )
        loaded = self.imported("waiting_package")
        self.assertIn("imports", loaded.inner.names)  # type: ignore[attr-defined]

    def test_an_eventual_result_too(self) -> None:
        module(
            "waits_for_result",
            """
            import sluice

            @sluice.run_in_loop
            def imports():
                import waits_for_result
                return waits_for_result

            found = imports().wait(20)
            """,
        )
        self.assertIs(
            self.imported("waits_for_result"),
            sys.modules["waits_for_result"].found,
        )

    def test_another_module_is_imported_as_always(self) -> None:
        module("is_fresh", "import time\nbegan = time.time()\nvalue = 'whole'\n")
        module(
            "waits_for_other",
            """
            import sluice

            @sluice.wait_for(20)
            def imports():
                import is_fresh
                return is_fresh.value

            value = imports()
            """,
        )
        self.assertEqual("whole", self.imported("waits_for_other").value)  # type: ignore[attr-defined]

    def loop_waits_first(self, name: str) -> tuple[Any, Any]:
        """A module that begins to wait when the loop's thread waits for it; the module, and what
        the loop has imported."""
        module(
            name,
            """
            import builtins
            import sluice

            early = 1

            @sluice.wait_for(20)
            def anything():
                return "done"

            builtins.at_work.set()
            builtins.go_on.wait(20)
            try:
                outcome = anything()
            except RuntimeError as error:
                outcome = str(error)
            """,
        )
        at_work, go_on = threading.Event(), threading.Event()
        builtins.at_work, builtins.go_on = at_work, go_on  # type: ignore[attr-defined]
        importing = Started(importlib.import_module, name)
        self.assertTrue(at_work.wait(SOON))
        namespace: dict[str, Any] = {}
        source = f"def imports():\n from {name} import early\n import {name}\n return {name}"
        exec(source, namespace)
        result = sluice.run_in_loop(namespace["imports"])()
        bootstrap: Any = sys.modules["_frozen_importlib"]
        loop = next(t for t in threading.enumerate() if t.name.startswith("sluice-loop-"))
        for _ in range(2_000):
            if bootstrap._blocking_on.get(loop.ident):
                break
            time.sleep(0.005)
        go_on.set()
        return importing.result(), result

    def test_the_loop_waits_for_the_module_already(self) -> None:
        loaded, result = self.loop_waits_first("waits_later")
        self.assertEqual("done", loaded.outcome)
        self.assertIs(loaded, result.wait(SOON))

    def test_where_it_cannot_be_woken_the_wait_is_refused(self) -> None:
        with unittest.mock.patch("sluice._blocking_imports._wake"):
            loaded, result = self.loop_waits_first("waits_in_vain")
        self.assertRegex(loaded.outcome, "SL143.*anything.* the import of waits_in_vain")
        self.assertIs(loaded, result.wait(SOON))

    def test_nothing_is_left_behind(self) -> None:
        bootstrap = sys.modules["_frozen_importlib"]
        module("leaves", "import helpers\nhelpers.turns()\n")
        thread = Started(importlib.import_module, "leaves")
        thread.result()
        self.assertFalse(bootstrap._blocking_on.get(thread.ident))

    def test_setup_itself_is_called_while_a_module_is_imported(self) -> None:
        """In a child, where there is no loop yet."""
        module(
            "sets_up",
            """
            import sluice
            sluice.setup()

            @sluice.wait_for(20)
            async def imports():
                import sets_up
                return sets_up

            found = imports()
            """,
        )
        self.assertIsNotNone(self.imported("sets_up"))

    def test_other_threads_are_not_in_the_way(self) -> None:
        """A thread that imports, and one that waits without importing anything."""
        release = threading.Event()

        @sluice.run_in_loop
        async def late() -> int:
            while not release.is_set():
                await asyncio.sleep(0.001)
            return int(importlib.import_module("waits_quietly").value)

        module("waits_quietly", "value = 7\n")
        waiting = Started(late().wait, SOON)
        await_blocked(waiting)
        release.set()
        self.assertEqual(7, waiting.result())
        turns()


if __name__ == "__main__":
    sys.path.insert(0, FOLDER.name)
    sluice.setup()
    with FOLDER:
        unittest.main()
