"""Dictionaries and sets with functions as keys: hashes of functions change with their words.

On the thread that installs or uninstalls a guard. Others may use the dictionaries meanwhile: for a
moment they do not find a function that is just rebound, and who iterates over such a dictionary may
be told that it has changed.
"""

import contextlib
import gc
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from itertools import repeat
from typing import Any

_NOTHING = object()


class _Former:
    """Finds a function in a table where it is by the hash that it had."""

    __slots__ = ("_function", "_hash")

    def __init__(self, function: Any) -> None:
        self._function = function
        self._hash = hash(function)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return other is self._function


class Tables:
    """The dictionaries and sets that have some functions as keys; found before these change."""

    def __init__(self, functions: Sequence[Any]) -> None:
        self._by_key: dict[int, list[Any]] = {}
        wanted = frozenset(map(id, functions))
        for each in gc.get_referrers(*functions) if functions else ():
            if isinstance(each, dict | set):
                # In one step of C's, as all that follows is, so that nobody changes it meanwhile.
                for key in wanted.intersection(map(id, _keys(each))):
                    self._by_key.setdefault(key, []).append(each)

    def change(self, function: Any, step: Callable[..., None], *args: Any) -> None:
        """Has a step change the hash of a function, which stays the key that it is."""
        tables = self._by_key.get(id(function))
        if tables is None:
            step(function, *args)
            return
        former = _Former(function)
        orders = [_order(each) for each in tables]
        step(function, *args)
        for each, order in zip(tables, orders, strict=True):
            if isinstance(each, set):
                _in_set(each, function, former)
            else:
                _in_dict(each, function, former, order)


def _keys(table: Any) -> Any:
    """Those that are there, whatever the methods of a subclass say."""
    return set.__iter__(table) if isinstance(table, set) else dict.__iter__(table)


def _order(table: Any) -> list[Any]:
    """The keys, in the order in which it shows them."""
    if isinstance(table, OrderedDict):
        return list(OrderedDict.keys(table))
    return [] if isinstance(table, set) else list(dict.keys(table))


def _in_set(table: set[Any], function: Any, former: _Former) -> None:
    size = set.__len__(table)
    set.discard(table, former)
    if set.__len__(table) < size:
        set.add(table, function)


def _in_dict(table: dict[Any, Any], function: Any, former: _Former, order: list[Any]) -> None:
    kind: Any = OrderedDict if isinstance(table, OrderedDict) else dict
    value = kind.pop(table, former, _NOTHING)
    if value is _NOTHING:
        return
    kind.__setitem__(table, function, value)
    # Those that came after it come after it again, without a moment where one is missing.
    after = order[next(i for i, key in enumerate(order) if key is function) + 1 :]
    if isinstance(table, OrderedDict):
        moved = map(table.move_to_end, after)
    else:
        moved = map(dict.__setitem__, repeat(table), after, map(dict.pop, repeat(table), after))
    with contextlib.suppress(KeyError):  # somebody has just removed one
        deque(moved, maxlen=0)
