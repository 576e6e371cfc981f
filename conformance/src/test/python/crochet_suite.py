"""Crochet's own tests, as far as they use its public names, against sluice.crochet.

    sluice run --venv ENVIRONMENT crochet_suite.py FOLDER LAUNCHER ENVIRONMENT
    sluice run --venv ENVIRONMENT crochet_suite.py FOLDER -c PROGRAM

FOLDER is where the package is. Its tests get sluice.crochet under the name `crochet`; what
they take from Crochet's inner modules is ours where that has the same meaning, and anything else
has the test skipped. Where they start a Python with a program, that is Sluice's. The tests in
crochet_skips.txt are left out, each for the reason given there.
"""

import functools
import importlib
import shlex
import sys
import tempfile
import types
import unittest
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sluice import crochet

SKIPS = Path(__file__).with_name("crochet_skips.txt")


class Inner:
    """Stands for a part of Crochet's that is none of its public names."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, *_: object, **__: object) -> Any:
        raise unittest.SkipTest(f"is about {self._name}, which is no public name")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Inner(f"{self._name}.{name}")


class Module(types.ModuleType):
    """A module of Crochet's: our names where there are any."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = getattr(crochet, name, None)
        return Inner(f"{self.__name__}.{name}") if found is None else found


class EventLoop:
    """Crochet's, with the public names only: of the one reactor there is."""

    def __init__(self, *_: object) -> None:
        self.wait_for = crochet.wait_for
        self.wait_for_reactor = crochet.wait_for_reactor
        self.in_reactor = crochet.in_reactor

    def no_setup(self) -> None:
        """The reactor runs."""

    def run_in_reactor(self, function: Any) -> Any:
        """The tests' own reactors are at once where ours is soon."""
        return at_once(crochet.run_in_reactor(function))


def at_once(decorated: Any) -> Any:
    """The same function, which comes back when the reactor has called the inner one."""
    if isinstance(decorated, (classmethod, staticmethod)):
        return type(decorated)(at_once(decorated.__func__))

    def called(*args: Any, **kwargs: Any) -> Any:
        result = decorated(*args, **kwargs)
        crochet.run_in_reactor(lambda: None)().wait(10.0)
        return result

    wrapped: Any = functools.wraps(decorated)(called)
    wrapped.__wrapped__ = decorated.__wrapped__
    return wrapped


class Store:
    """Where results are stashed."""

    @staticmethod
    def retrieve(number: int) -> Any:
        return crochet.retrieve_result(number)


def install(folder: Path) -> None:
    """Has the tests import ours by Crochet's name."""
    # The other kind would run the reactor, which runs already; none of the tests is asynchronous.
    unittest_of_trial: Any = importlib.import_module("twisted.trial.unittest")
    unittest_of_trial.TestCase = unittest_of_trial.SynchronousTestCase
    package = Module("crochet")
    package.__path__ = [str(folder / "crochet")]
    package.__version__ = crochet.__version__  # type: ignore[attr-defined]
    package._store = Store()  # type: ignore[attr-defined]
    sys.modules["crochet"] = package
    for name in ("_eventloop", "_resultstore", "_shutdown", "_util", "_version"):
        inner = Module(f"crochet.{name}")
        if name == "_eventloop":
            inner.EventLoop = EventLoop  # type: ignore[attr-defined]
            inner._store = package._store  # type: ignore[attr-defined]
        sys.modules[inner.__name__] = inner


def skips() -> set[str]:
    """What is left out: tests and classes of them."""
    lines = SKIPS.read_text().splitlines()
    return {line.split(":", 1)[0].strip() for line in lines if line and not line.startswith("#")}


def tests_in(suite: Any) -> Iterator[Any]:
    for each in suite:
        if isinstance(each, unittest.TestSuite):
            yield from tests_in(each)
        else:
            yield each


def use_our_reactor(module: Any) -> None:
    """The tests' own reactors are in their thread when the one there is is."""
    threadable: Any = importlib.import_module("twisted.python.threadable")
    module.FakeReactor.in_call_from_thread = property(
        lambda _: threadable.isInIOThread(), lambda *_: None
    )


def make_python(folder: str, launcher: str, environment: str) -> str:
    """A command that runs `-c PROGRAM` as this Python runs this."""
    command = Path(tempfile.mkdtemp()) / "python"
    words = [launcher, "run", "--venv", environment, __file__, folder]
    command.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
    command.chmod(0o700)
    return str(command)


def main() -> int:
    crochet.setup()
    sys.executable = make_python(*sys.argv[1:4])
    use_our_reactor(importlib.import_module("crochet.tests.test_setup"))
    left_out = skips()
    suite = unittest.TestSuite()
    for name in ("test_api", "test_process", "test_setup"):
        for test in tests_in(unittest.defaultTestLoader.loadTestsFromName(f"crochet.tests.{name}")):
            short = test.id().removeprefix("crochet.tests.")
            names = (short, short.rsplit(".", 1)[0])
            if left_out.isdisjoint(names) and not short.endswith(".runTest"):
                suite.addTest(test)
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    return 0 if result.wasSuccessful() and result.testsRun > len(result.skipped) else 1


install(Path(sys.argv[1]))
if "-c" in sys.argv:
    program = sys.argv[sys.argv.index("-c") + 1]
    sys.argv[:] = ["-c"]
    exec(program, {"__name__": "__main__"})
elif __name__ == "__main__":
    sys.exit(main())
