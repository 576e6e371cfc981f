"""Places in code that make a call, so kept that a call finds its own in the shortest time.

Any thread asks, counts and adds, without a lock: each of these is one step of C code's.
"""

from collections.abc import Iterator
from itertools import repeat
from operator import length_hint
from types import CodeType

#: Counts one more with each step. What is left of a repetition is its own count, so that none has
#: to be made, which a call that is let be would notice.
Uses = Iterator[None]
_LIMIT = 1 << 62
#: For what nobody asks to be counted.
UNCOUNTED: Uses = repeat(None)

#: One code that makes the call at a distance from its beginning, what counts its calls (None for a
#: place that is known not to be meant), and others.
_Found = tuple[CodeType | None, Uses | None, tuple[tuple[CodeType, Uses | None], ...]]
#: By the lower bits of that distance.
Places = list[_Found]

MASK = 127
_FEW = 16
_NONE: _Found = (None, UNCOUNTED, ())


def uses() -> Uses:
    return repeat(None, _LIMIT)


def count(counted: Uses) -> int:
    """How many steps were made."""
    return _LIMIT - length_hint(counted)


def none() -> Places:
    """No places, to be added to."""
    return [_NONE] * (MASK + 1)


#: Not to be added to.
NO_PLACES = none()


def add(places: Places, code: CodeType, distance: int, counted: Uses | None) -> None:
    """Adds one; if there are too many with its bits, one of them is forgotten."""
    known, its, others = places[distance & MASK]
    if known is not None and known is not code:
        others = ((known, its), *others)
    kept = tuple(each for each in others if each[0] is not code)
    places[distance & MASK] = (code, counted, kept[:_FEW])
