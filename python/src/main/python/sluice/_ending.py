"""The end of an interpreter as far as Python code does it; runs on its main thread."""

import atexit
import sys


def finish() -> None:
    """Does what CPython does first when it ends, so that Java can look who is left before the rest.

    CPython does it again, and finds nothing to do.
    """
    _join_threads()
    atexit._run_exitfuncs()


def _join_threads() -> None:
    """Waits for the threads that are no daemons.

    Before 3.13 threading does not survive being asked twice.
    """
    threading = sys.modules.get("threading")
    if threading is None:
        return
    try:
        threading._shutdown()
    except BaseException:  # Control-C, say: CPython would report it too, and go on.
        print("Exception ignored while waiting for threads:", file=sys.stderr)
        sys.__excepthook__(*sys.exc_info())
    threading._shutdown = _nothing  # type: ignore[attr-defined]


def _nothing() -> None:
    pass
