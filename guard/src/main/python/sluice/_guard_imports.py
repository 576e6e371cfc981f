"""Imports of modules that are not there yet: seen by a finder, as nothing is called for others."""

import _imp
import dis
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from sluice import _guard_policy, _guard_sites
from sluice._guard_catalogue import IMPORT

_IMPORT_NAME = dis.opmap["IMPORT_NAME"]


def _by_user(fullname: str) -> bool:
    """Whether user code imports it itself, and could do so earlier: not what the standard library
    imports when it needs it."""
    frame = sys._getframe(2)
    while frame.f_back is not None and frame.f_globals.get("__name__") in (
        "importlib",
        "_frozen_importlib",
        "importlib._bootstrap",
    ):
        frame = frame.f_back
    if _guard_sites.kind_of(frame) != _guard_sites.USER:
        return False
    if fullname.partition(".")[0] not in sys.stdlib_module_names:
        return True
    # Else C code does: time.strptime imports a module.
    return frame.f_code.co_code[frame.f_lasti] == _IMPORT_NAME


class ImportFinder(importlib.abc.MetaPathFinder):
    """Finds nothing; the first to be asked, it refuses or reports what comes from a disk.

    Modules of C whose functions are guarded it has guarded again, if they are imported anew.
    """

    def __init__(self, modules: set[str], again: Callable[[], None]) -> None:
        self.sees_imports = False
        self._modules = modules
        self._again = again
        self._asking = False

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname in self._modules and not self._asking:
            return self._anew(fullname, path, target)  # type: ignore[no-any-return]
        if not self.sees_imports:
            return None
        if fullname in sys.builtin_module_names or _imp.is_frozen(fullname):
            return None
        if not _by_user(fullname):
            return None
        note = _guard_policy.judge(IMPORT)
        if callable(note):
            note(0)
        return None

    def _anew(self, fullname: str, path: Any, target: Any) -> Any:
        self._asking = True
        try:
            for finder in sys.meta_path:
                spec = finder.find_spec(fullname, path, target)
                if spec is not None and spec.loader is not None:
                    spec.loader = _Loader(spec.loader, self._again)
                    return spec
        finally:
            self._asking = False
        return None


class _Loader(importlib.abc.Loader):
    def __init__(self, loader: Any, again: Callable[[], None]) -> None:
        self._loader = loader
        self._again = again

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        found: ModuleType | None = self._loader.create_module(spec)
        return found

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._again()
