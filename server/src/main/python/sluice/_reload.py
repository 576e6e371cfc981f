"""Loads the application anew in a running server; on Python's main thread, for development.

The modules that come from the application's folder are forgotten and imported again; those of the
standard library and of installed packages stay. Requests that are being answered keep the old ones.
"""

import _thread
import contextlib
import importlib
import os
import signal
import sys
import sysconfig
import threading
import time
from types import ModuleType

from sluice import _application, _ending


def load(name: str, app_dir: str, factory: bool, interface: str) -> _application.Outcome:
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
        outcome = _application.load(name, app_dir, factory, interface)
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
    found = _obstacle(os.path.realpath(app_dir))
    if found:
        forget_bytecode(app_dir)  # since another process is going to load the sources
    return found


def forget_bytecode(app_dir: str) -> None:
    """Deletes what Python has compiled of the application."""
    folder = os.path.realpath(app_dir)
    for module in list(sys.modules.values()):
        if _is_below(folder, module):
            _forget_bytecode(module)


def _obstacle(folder: str) -> str:
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if (
            isinstance(file, str)
            and not file.endswith((".py", ".pyc"))
            and _is_below(folder, module)
        ):
            return f"the module {name} is no Python source: a process can load it only once"
    requests = sys.modules.get("sluice._wsgi_microthreads")
    answering = requests.idents() if requests is not None else ()
    for thread in threading.enumerate():
        # Dummies stand for threads that Python has not started: the server's. Requests that are
        # microthreads end as others do, and the farm's threads have no code of their own.
        ours = (
            isinstance(thread, threading._DummyThread)
            or thread is threading.main_thread()
            or thread.ident in answering
            or thread.name.startswith("sluice-farm-")
        )
        if not ours:
            return f"the thread {thread.name!r} of the application would run on with the old code"
    return ""


def keep(addresses: list[str]) -> list[str]:
    """The addresses of other descriptors for the same sockets, "fd:N" or "http:fd:N"."""
    kept = []
    for address in addresses:
        kind, colon, number = address.rpartition(":")
        kept.append(kind + colon + str(os.dup(int(number))))
    return kept


def take_over(
    program: str, arguments: list[str], handed_over: str, descriptors: list[int], limit: float
) -> None:
    """Puts a new process in the place of this one, which inherits these descriptors only.

    Before that the program's threads and exit functions may end, within so many seconds.
    """
    ended = False

    def take_over_late() -> None:
        time.sleep(limit)
        if not ended:
            _become(program, arguments, handed_over, descriptors)

    _thread.start_new_thread(take_over_late, ())
    _ending.finish()
    ended = True
    _become(program, arguments, handed_over, descriptors)


def _become(program: str, arguments: list[str], handed_over: str, descriptors: list[int]) -> None:
    for number in [int(name) for name in os.listdir("/proc/self/fd")]:
        if number > 2:
            with contextlib.suppress(OSError):
                os.set_inheritable(number, number in descriptors)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    os.execve(program, [program, *arguments], {**os.environ, "SLUICE_HANDED_OVER": handed_over})


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
