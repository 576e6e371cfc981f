"""Threads that Java started, as Python's threading sees them."""

import threading
from collections.abc import Callable
from typing import Any


def install(java_name: Callable[[], str | None]) -> None:
    """Called once in each interpreter, by Java.

    java_name tells what Java calls the calling thread, or None if Java did not start it.
    """

    class JavaThread(threading._DummyThread):
        """Called what Java calls it, unless Python code calls it otherwise."""

        _follows_java = False

        def __init__(self) -> None:
            super().__init__()
            name = java_name()
            if name is not None:
                self._name = name
                self._follows_java = True

        @property
        def name(self) -> str:
            # Java may rename it; and threading keeps this object for whichever thread is next to
            # have the same ident.
            if self._follows_java and self.ident == threading.get_ident():
                self._name = java_name() or self._name
            return self._name

        @name.setter
        def name(self, name: str) -> None:
            self._follows_java = False
            plain: Any = threading.Thread.name
            plain.fset(self, name)

    JavaThread.__name__ = JavaThread.__qualname__ = "_DummyThread"
    threading._DummyThread = JavaThread  # type: ignore[misc]
