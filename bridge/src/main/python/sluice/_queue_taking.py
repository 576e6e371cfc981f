"""What SafeQueue.taking returns."""

from collections import deque
from collections.abc import Iterator
from functools import partial
from itertools import repeat, takewhile
from operator import attrgetter, truth
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sluice import _queue_waiting
from sluice._queue_waiting import perform

if TYPE_CHECKING:
    from sluice._safe_queue import SafeQueue

_queue_waiting.machinery.add(__file__)

_T = TypeVar("_T")


class Taking(Generic[_T]):
    """A context that takes an item, and gives it back where its block does not end well.

    The item goes from the queue to `_held` in one step, and belongs to this object then. Where
    __exit__ is never called, the object is dropped, and gives the item back without any code in
    Python, which could be killed: __del__ finds C code only.
    """

    #: What is called when this is dropped.
    _return: Any = bool
    __del__ = property(attrgetter("_return"))

    def __init__(self, source: "SafeQueue[_T]", block: bool, timeout: float | None) -> None:
        self._source = source
        self._block = block
        self._timeout = timeout
        self._held: deque[Any] = deque()
        # Each item that is given back wakes everybody who waits for one.
        waking = map(deque, (source._getters.waking_all(),), (0,))
        self._return = partial(deque, zip(self._returning(), waking, strict=False), 0)

    def _returning(self) -> Iterator[Any]:
        held = takewhile(truth, repeat(self._held))
        return map(self._source._items.appendleft, map(deque.pop, held))

    def __enter__(self) -> _T:
        source = self._source
        if self._held:
            raise RuntimeError("this item has been taken already")
        change = map(self._held.append, source._popping())
        try:  # noqa: SIM105 (a call is not straight)
            perform(change, source._nobody)
        except IndexError:
            pass
        if not self._held:
            # Not while the error is handled: it would hide what else is.
            source._get_slowly(change, source._nobody, self._block, self._timeout)
        item: _T = self._held[0]
        return item

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        source = self._source
        if not self._held:
            raise RuntimeError("this item has been dealt with already")
        if kind is None:
            perform(source._letting_go(self._held), source._putters)
        else:
            perform(self._returning(), source._getters)
