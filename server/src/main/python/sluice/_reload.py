"""Loads the application anew in a running server; on Python's main thread, for development.

The modules that come from the application's folder are forgotten and imported again; those of the
standard library and of installed packages stay. Requests that are being answered keep the old ones.
"""

import contextlib
import importlib
import os
import sys
import sysconfig
import threading
from types import ModuleType

from sluice import _application

# What ran before the application was imported, and is none of its business.
_before = {thread.ident for thread in threading.enumerate()}


def load(name: str, app_dir: str, factory: bool) -> _application.Outcome:
    """Loads "module:attribute" again; if that fails, everything is as it was."""
    folder = os.path.realpath(app_dir)
    forgotten = {
        known: module for known, module in list(sys.modules.items()) if _is_below(folder, module)
    }
    for known, module in forgotten.items():
        del sys.modules[known]
        _forget_bytecode(module)
    importlib.invalidate_caches()
    wrote_none = sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    try:
        outcome = _application.load(name, app_dir, factory)
    finally:
        sys.dont_write_bytecode = wrote_none
    if outcome[0] is not None:
        for known, module in list(sys.modules.items()):
            if _is_below(folder, module):
                del sys.modules[known]
        sys.modules.update(forgotten)
    return outcome


def obstacle(app_dir: str) -> str:
    """Why the application cannot be loaded anew in this process; empty if it can."""
    folder = os.path.realpath(app_dir)
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if (
            isinstance(file, str)
            and not file.endswith((".py", ".pyc"))
            and _is_below(folder, module)
        ):
            return f"the module {name} is no Python source: a process can load it only once"
    for thread in threading.enumerate():
        if thread.ident not in _before and not thread.name.startswith("sluice-"):
            return f"the thread {thread.name!r} of the application would run on with the old code"
    return ""


def _forget_bytecode(module: ModuleType) -> None:
    """Python takes a source of the same size and the same second for the one it has compiled."""
    cached = getattr(module, "__cached__", None)
    if isinstance(cached, str):
        with contextlib.suppress(OSError):
            os.unlink(cached)


def _is_below(folder: str, module: ModuleType) -> bool:
    file = getattr(module, "__file__", None)
    if not isinstance(file, str):
        return False
    path = os.path.realpath(file)
    packages = [os.path.realpath(sysconfig.get_path(kind)) for kind in ("purelib", "platlib")]
    own = [os.path.realpath(sysconfig.get_path("stdlib")), os.path.dirname(__file__), *packages]
    return path.startswith(folder + os.sep) and not any(
        place != folder and place.startswith(folder) and path.startswith(place + os.sep)
        for place in own
    )
