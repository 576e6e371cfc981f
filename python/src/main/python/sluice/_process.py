"""Child processes of a Java virtual machine: what works, and what is refused with the reason.

A forked child has only the thread that forked; the JVM's others, its collector among them, are
gone, and the child hangs at the first need of one. So os.fork is refused, subprocess (which starts
another program at once) works as it is, and multiprocessing starts its children by spawning.
"""

import importlib.abc
import importlib.machinery
import os
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any, NoReturn


def _refuse_fork() -> NoReturn:
    raise OSError(
        "sluice SL140: os.fork() is refused, because the child of a Java virtual machine has none"
        " of its threads and would hang. Use subprocess, or multiprocessing with its spawn method."
    )


def _refuse_forkpty() -> NoReturn:
    _refuse_fork()


class _SpawnByDefault(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Makes spawn the default start method when multiprocessing.context is first imported."""

    _name = "multiprocessing.context"

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._name:
            return None
        sys.meta_path.remove(self)
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.loader is None:
            return spec
        self._loader = spec.loader
        spec.loader = self
        return spec

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        context = module._default_context
        context._default_context = module._concrete_contexts["spawn"]


#: What os had before.
_before: dict[str, Any] = {}


def install() -> None:
    """Applies both rules to this process."""
    for name, refusal in (("fork", _refuse_fork), ("forkpty", _refuse_forkpty)):
        if hasattr(os, name):
            _before[name] = getattr(os, name)
            setattr(os, name, refusal)
    sys.meta_path.insert(0, _SpawnByDefault())


def uninstall() -> None:
    """Lets the process do as it likes again."""
    for name, function in _before.items():
        setattr(os, name, function)
    _before.clear()
    sys.meta_path[:] = [each for each in sys.meta_path if not isinstance(each, _SpawnByDefault)]
