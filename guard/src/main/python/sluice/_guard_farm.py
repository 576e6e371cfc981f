"""What becomes of a call that is to suspend a microthread: handed to those who know how."""

import importlib
import threading
from _thread import RLock
from collections.abc import Callable
from typing import Any

_ACQUIRE_RESTORE = threading.Condition._acquire_restore.__code__  # type: ignore[attr-defined]


class Rest:
    """What is left of a call that was made in part: its arguments."""

    __slots__ = ("args",)

    def __init__(self, args: tuple[Any, ...]) -> None:
        self.args = args


#: Which microthread has an RLock, by the lock's number. It counts while its thread has the lock.
claimed: dict[int, Any] = {}
owned: Callable[[Any], bool] = RLock._is_owned  # type: ignore[attr-defined]


def is_anothers(lock: Any, microthread: Any, ident: int) -> bool:
    """Whether a thread has an RLock, and for another microthread than the one that asks, or is
    None."""
    holder = claimed.get(id(lock))
    if holder is None or holder is microthread or holder.home.ident != ident:
        return False
    if owned(lock):
        return True
    if microthread is None:  # who has tried in vain is not to be taken for the one who has it
        claimed.pop(id(lock), None)
    return False


#: What an attempt says that has done nothing, as it would have had to wait.
UNDONE = object()
#: The names of calls that microthreads may try first.
ATTEMPTED = ("socket.recv", "socket.recv_into", "socket.send", "socket.sendall")
#: By the names of calls: what a microthread tries first, so that it does not wait.
kinds: dict[str, Callable[..., Any]] = {}
#: By the call, where all are to suspend microthreads, wherever they are made.
attempts: dict[Any, Callable[..., Any]] = {}


class Farmed:
    """A call that would have blocked the thread, and the microthread that makes it."""

    __slots__ = ("call", "code", "microthread", "where")

    def __init__(self, call: Any, microthread: Any, where: str, code: Any) -> None:
        self.call = call
        self.microthread = microthread
        self.where = where
        #: What calls it.
        self.code = code

    def turn(self, target: Any, timeout: float | None) -> Any:
        """A wait for a lock or a queue."""
        from sluice._micro_locks import Turn  # noqa: PLC0415 (only where there are microthreads)

        turn = Turn(self.microthread, self.call.name, self.where, target)
        turn.called_from(self.code)
        turn.until(timeout)
        # A Condition's lock has to be had again, whatever happens: it is given back behind that.
        turn.is_cancellable = self.code is not _ACQUIRE_RESTORE and self.call.farm != "restore"
        return turn

    def perform(self, original: Any, args: tuple[Any, ...], kwargs: dict[str, Any] | None) -> Any:
        """Makes the call, while the microthread waits for what comes of it."""
        calls = importlib.import_module("sluice._micro_calls")
        return calls.perform(self, original, args, kwargs or {})
