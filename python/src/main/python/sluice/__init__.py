"""CPython inside a Java virtual machine; see sluice.java."""

import importlib
from types import ModuleType


def __getattr__(name: str) -> ModuleType:
    """Imports sluice.java when it is first asked for."""
    if name == "java":
        return importlib.import_module("sluice.java")
    raise AttributeError(f"module 'sluice' has no attribute {name!r}", name=name)
