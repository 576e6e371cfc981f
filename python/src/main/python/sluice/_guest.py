"""Sluice as a guest in a Python program, which has started the JVM; called by Java.

What is changed here for the program is undone when Sluice leaves, but for one entry at the end of
sys.path: so that sluice.java, imported later, still says what is wrong.
"""

import atexit
import threading  # which Java has made sure does not take this thread for the main one
from collections.abc import Callable

from sluice import _java_door, _process


def arrive(at_exit: Callable[[], None]) -> int:
    """Makes the process safe for a JVM; tells the ident of Python's main thread.

    at_exit lets Sluice leave before CPython ends, if the program has not closed it.
    """
    _process.install()
    atexit.register(at_exit)
    return threading.main_thread().ident or 0


def leave(at_exit: Callable[[], None]) -> None:
    """Undoes it."""
    atexit.unregister(at_exit)
    _process.uninstall()
    _java_door.uninstall()
