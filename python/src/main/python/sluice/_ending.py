"""The end of an interpreter beside the main one; runs on its main thread."""

import sys


def join_threads() -> None:
    """Waits for the threads that are no daemons, as CPython would, who then has none to wait for.

    Before 3.13 threading does not survive being asked twice.
    """
    threading = sys.modules.get("threading")
    if threading is not None:
        threading._shutdown()
        threading._shutdown = _nothing  # type: ignore[attr-defined]


def _nothing() -> None:
    pass
