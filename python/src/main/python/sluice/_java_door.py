"""The way into Java: what `import` and sluice.java ask for. Java sets `call` at the start."""

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


def call(operation: str, *arguments: Any) -> Any:
    """Replaced by a function of Java's, where there is a Java."""
    raise RuntimeError(
        f"sluice.java cannot do {operation!r}{arguments}: this Python does not run inside a Java"
        " virtual machine. Start the program with: sluice run SCRIPT"
    )


class _Modules:
    """Finds the modules that Java offers; asked last, for what nobody else has."""

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        if not call("find", name):
            return None
        return ModuleSpec(name, self, origin="java")  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        call("load", module.__name__, module)


def install() -> None:
    """Called once in each interpreter, by Java."""
    sys.meta_path.append(_Modules())


def uninstall() -> None:
    """Closes the way, in an interpreter that stays when Sluice has left it."""
    globals()["call"] = _refuse
    sys.meta_path[:] = [each for each in sys.meta_path if not isinstance(each, _Modules)]


def _refuse(operation: str, *arguments: Any) -> Any:
    raise RuntimeError(
        f"sluice SL135: sluice.java cannot do {operation!r}{arguments}: Sluice was closed in this"
        " process. Keep it open until every caller is done."
    )
