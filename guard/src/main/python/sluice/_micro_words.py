"""Thread-locals of a microthread's own: the words of the thread's state that lead to them.

On the thread that runs the microthreads, which holds the GIL. Up to 3.12 they are kept in the
dictionary of the thread's state; from 3.13 on two words of the state are what their values hang on.
A microthread begins with no such object, and CPython makes it when it needs one. So exchanging the
words gives everybody thread-locals of his own, and there are no references to count.
"""

import gc
import sys
import threading
from typing import Any

from sluice import _micro_door as door
from sluice._micro_errors import unknown_layout

#: From 3.13 on there are two words.
_SPLIT = 0x030D0000


def _find(words: Any) -> tuple[int, int]:
    """The places of the words; the same one twice where there is only one."""
    here = words.tolist()
    if sys.hexversion < _SPLIT:
        held = door.thread_dict()
        if not held or here.count(held) != 1:
            raise unknown_layout("the dictionary of thread-locals")
        place = here.index(held)
        return place, place
    local = threading.local()
    local.value = 1
    keys = {id(key) for each in gc.get_referents(local) if isinstance(each, dict) for key in each}
    places = [at for at, word in enumerate(here[:-1]) if word in keys]
    if len(places) != 1 or not here[places[0] + 1]:
        raise unknown_layout("the key of thread-locals")
    return places[0], places[0] + 1


class ThreadWords:
    """Those of one thread."""

    __slots__ = ("first", "second", "view")

    def __init__(self) -> None:
        self.view: Any = memoryview(door.thread_words())
        self.first, self.second = _find(self.view)
        self._check()

    def _check(self) -> None:
        """Exchanges them once, and looks whether that does what it is for."""
        view, first, second = self.view, self.first, self.second
        local = threading.local()
        local.mine = 1
        one, other = view[first], view[second]
        view[first] = view[second] = 0
        isolated = not hasattr(local, "mine")
        local.mine = 2
        made = view[first], view[second]
        view[first] = one
        view[second] = other
        self.release(*made)
        if not isolated or local.mine != 1:
            raise unknown_layout("what thread-locals hang on")

    def release(self, first: int, second: int) -> None:
        """Drops what a microthread has left; its thread-locals end with it."""
        if first and self.first == self.second:
            door.release(first)
        elif first or second:
            door.release(*(each for each in (first, second) if each))
