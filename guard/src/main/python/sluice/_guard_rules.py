"""What may block, and where: allowances for a while, and rules that stay."""

import contextvars
import sys
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

from sluice import _guard_places
from sluice._guard_catalogue import CATEGORIES, Call
from sluice._guard_decorators import decorated
from sluice._guard_places import Places, Uses
from sluice._guard_sites import Site

Policy = Literal["raise", "report", "farm", "off"]
POLICIES = ("raise", "report", "farm", "off")

_F = TypeVar("_F", bound=Callable[..., Any])


class Pattern:
    """Which calls are meant, and by whom."""

    def __init__(
        self,
        calls: tuple[str, ...],
        caller: str | None = None,
        file: str | None = None,
        function: str | None = None,
        line: int | None = None,
    ) -> None:
        self._calls = calls
        self._where = (caller, file, function, line)
        #: Whether calls from anywhere are meant.
        self.anywhere = self._where == (None, None, None, None)
        #: As far as it was asked for: False for calls that are not meant, None for those that are
        #: meant from anywhere, and the places of others that were asked for.
        self.known: dict[Call, Places | Literal[False] | None] = {}

    def means(self, call: Call) -> bool:
        """Whether it is one of the calls."""
        if call not in self.known:
            if self._calls and not any(
                each == call.category or fnmatchcase(call.name, each) for each in self._calls
            ):
                self.known[call] = False
            else:
                self.known[call] = None if self.anywhere else _guard_places.none()
        return self.known[call] is not False

    def fits(self, site: Site) -> bool:
        """Whether one of the callers, from the call to user code, is meant."""
        caller, file, function, line = self._where
        return self.anywhere or any(
            (caller is None or fnmatchcase(module, caller) or module.startswith(caller + "."))
            and (file is None or fnmatchcase(path, file))
            and (function is None or fnmatchcase(name, function))
            and (line is None or line == at)
            for module, path, at, name in site.frames
        )

    def __str__(self) -> str:
        caller, file, function, line = self._where
        where = {"caller": caller, "file": file, "function": function, "line": line}
        named = [repr(each) for each in self._calls]
        named += [f"{key}={value!r}" for key, value in where.items() if value is not None]
        return ", ".join(named)


def check_calls(calls: tuple[str, ...], names: set[str]) -> None:
    """Raises if a call, a category or a pattern of them means nothing."""
    for each in calls:
        if each in CATEGORIES or any(fnmatchcase(name, each) for name in names):
            continue
        raise ValueError(
            f"{each!r} is no call that is guarded, and no category of such;"
            " sluice.guard.calls() lists both"
        )


class Usage:
    """How often an allowance or a rule was used that the program makes at one place."""

    __slots__ = ("place", "text", "told", "uses")

    def __init__(self, text: str, place: str) -> None:
        self.text = text
        self.place = place
        self.uses = _guard_places.uses()
        #: Whether it was logged that it was never used.
        self.told = False

    @property
    def used(self) -> int:
        return _guard_places.count(self.uses)

    def as_dict(self) -> dict[str, Any]:
        return {"allowance": self.text, "place": self.place, "used": self.used}


usages: dict[tuple[str, str], Usage] = {}


def usage(text: str, depth: int) -> Usage:
    frame = sys._getframe(depth)
    place = f"{frame.f_code.co_filename}:{frame.f_lineno} in {frame.f_code.co_qualname}"
    return usages.setdefault((text, place), Usage(text, place))


class Rule:
    """A rule that stays until it is removed."""

    def __init__(self, policy: Policy, pattern: Pattern, used: Usage) -> None:
        self.policy = policy
        self.pattern = pattern
        self.usage = used


class _Entered:
    """An allowance that some block has entered, until it leaves it."""

    __slots__ = ("is_open", "known", "pattern", "uses")

    def __init__(self, pattern: Pattern, uses: Uses) -> None:
        self.pattern = pattern
        self.known: Mapping[Call, Places | Literal[False] | None] = pattern.known
        self.uses = uses
        self.is_open = True
        blocks.add(self)

    def fits(self, call: Call, site: Site, distance: int) -> bool:
        """Whether a call that is meant is so at a place, which is not asked again."""
        found = self.pattern.fits(site)
        places = self.known[call]
        if places and site.code is not None:
            _guard_places.add(places, site.code, distance, self.uses if found else None)
        return found

    def leave(self) -> None:
        self.is_open = False
        blocks.discard(self)


#: Those that are entered in any context: mostly none, which is quickly seen.
blocks: set[_Entered] = set()


#: The allowances of the running context: those of a task are no other task's.
allowed: contextvars.ContextVar[tuple[_Entered, ...]] = contextvars.ContextVar(
    "sluice.guard.allowed", default=()
)


class Allowance:
    """Calls that may block within a block of code: a context manager, and a decorator.

    What the block starts may not, once it has been left.
    """

    def __init__(self, pattern: Pattern, used: Usage) -> None:
        self.pattern = pattern
        self.usage = used
        self._entered: list[_Entered] = []

    def __enter__(self) -> Self:
        entered = _Entered(self.pattern, self.usage.uses)
        self._entered.append(entered)
        allowed.set((*allowed.get(), entered))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if not self._entered:
            raise RuntimeError("an allowance is left that has not been entered")
        mine = [each for each in allowed.get() if each in self._entered]
        entered = mine[-1] if mine else self._entered[-1]
        entered.leave()
        self._entered.remove(entered)
        allowed.set(tuple(each for each in allowed.get() if each is not entered))

    def __call__(self, function: _F) -> _F:
        return decorated(self, function, is_of_task=True)
