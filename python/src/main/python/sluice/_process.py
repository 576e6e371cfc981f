"""Child processes of a Java virtual machine: what works, and what is refused with the reason.

A forked child has only the thread that forked; the JVM's others, its collector among them, are
gone, and the child hangs at the first need of one. So forking is refused, subprocess (which starts
another program at once) works as it is, and multiprocessing starts its children by spawning.
"""

import os
import sys
from types import ModuleType
from typing import Any, NoReturn

from sluice import _java_door
from sluice._after_import import AfterImport


def _refuse_fork() -> NoReturn:
    raise OSError(
        "sluice SL140: os.fork() is refused, because the child of a Java virtual machine has none"
        " of its threads and would hang. Use subprocess, or multiprocessing with its spawn method."
    )


def _refuse_forkpty() -> NoReturn:
    _refuse_fork()


def _spawn_by_default(context: Any) -> None:
    context._default_context._default_context = context._concrete_contexts["spawn"]


def _refuse_fork_of_pty(pty: Any) -> None:
    """Its own one opens a terminal before it tries os.fork, and would leave it open."""
    pty.fork = _refuse_forkpty


def _without_java(operation: str, *arguments: Any) -> Any:
    if operation == "find":
        return False
    raise RuntimeError(
        f"sluice SL140: sluice.java cannot do {operation!r}{arguments} in a preexec_fn, because the"
        " forked process has none of the threads of the Java virtual machine"
    )


def _forked() -> None:
    """Runs in a child that subprocess has forked for a preexec_fn; Java would hang there."""
    _java_door.call = _without_java


#: What they had before: module, name, function.
_before: list[tuple[ModuleType, str, Any]] = []


def install() -> None:
    """Applies these rules to this process; called once in each interpreter."""
    for module in (os, sys.modules.get("posix")):
        for name, refusal in (("fork", _refuse_fork), ("forkpty", _refuse_forkpty)):
            if module is not None and hasattr(module, name):
                _before.append((module, name, getattr(module, name)))
                setattr(module, name, refusal)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_forked)
    sys.meta_path[:0] = [
        AfterImport("multiprocessing.context", _spawn_by_default),
        AfterImport("pty", _refuse_fork_of_pty),
    ]


def uninstall() -> None:
    """Lets the process do as it likes again."""
    for module, name, function in _before:
        setattr(module, name, function)
    _before.clear()
    sys.meta_path[:] = [each for each in sys.meta_path if not isinstance(each, AfterImport)]
