"""What goes wrong with microthreads."""

import sys
from pathlib import Path


class SwitchError(RuntimeError):
    """A call would have suspended a microthread where that is forbidden."""


def switch_forbidden(call: str, where: str, block: str) -> SwitchError:
    return SwitchError(
        f"sluice SL191: {call} would have suspended the microthread, at {where}. That is forbidden"
        f" within the block microthread.no_switch() at {block}. Make the call outside of it, or let"
        f' it block the thread: with sluice.guard.allow("{call}").'
    )


def _is_embedded() -> bool:
    """Whether it is Sluice's own Python, or the environment that goes with it: both are in the
    cache, whatever that is called."""
    base = Path(sys.base_prefix)
    environment = base.parent.parent / "env" / f"{sys.version_info[0]}.{sys.version_info[1]}"
    return base.parent.name == "cpython" and Path(sys.prefix) in (base, environment)


def no_greenlet(reason: str) -> RuntimeError:
    if _is_embedded():
        option = ""  # it has an environment of its own
    elif sys.prefix != sys.base_prefix:
        option = f"--venv {sys.prefix} "
    else:
        option = f"--python {sys.prefix} "
    return RuntimeError(
        "sluice SL190: microthreads need the package greenlet, which this Python cannot import"
        f" ({reason}). Install it: sluice pip {option}install greenlet"
    )


def no_own_gil() -> RuntimeError:
    return RuntimeError(
        "sluice SL192: there are no microthreads in an interpreter with a GIL of its own, as"
        " greenlet cannot be loaded there. Use the main interpreter, or several processes."
    )


def unknown_layout(what: str) -> RuntimeError:
    return RuntimeError(
        f"sluice SL193: there can be no microthreads in this Python: {what} cannot be found in"
        " its thread state. Use a standard build of CPython."
    )


def java_between(name: str) -> RuntimeError:
    return RuntimeError(
        f"sluice SL194: the microthread {name!r} cannot go on, as its loop is now run by Python"
        " code that Java has called. Run the loop where it ran when the microthread began."
    )


def other_thread(name: str) -> RuntimeError:
    return RuntimeError(
        f"sluice SL196: the microthread {name!r} cannot go on, as its loop is now run by another"
        " thread, and its stack is the first one's. Run the loop where it ran when the microthread"
        " began."
    )


def outside() -> RuntimeError:
    return RuntimeError(
        "sluice SL195: this is for microthreads, and none runs here. Start one:"
        " sluice.microthread.spawn(function), from a loop."
    )
