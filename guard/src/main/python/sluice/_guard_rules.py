"""What may block, and where: allowances for a while, and rules that stay."""

import contextvars
import functools
import inspect
import itertools
import sys
from collections.abc import Callable, Container
from fnmatch import fnmatchcase
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

from sluice._guard_catalogue import CATEGORIES, Call
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
        self._means: dict[str, bool] = {}
        #: The calls that are meant from anywhere, as far as they have been asked for.
        self.known: set[Call] = set()

    def means(self, call: Call) -> bool:
        """Whether it is one of the calls."""
        found = self._means.get(call.name)
        if found is None:
            found = not self._calls or any(
                each == call.category or fnmatchcase(call.name, each) for each in self._calls
            )
            self._means[call.name] = found
            if found and self.anywhere:
                self.known.add(call)
        return found

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

    __slots__ = ("_used", "count", "place", "text", "told")

    def __init__(self, text: str, place: str) -> None:
        self.text = text
        self.place = place
        #: Counts one more, in one step.
        self._used = itertools.count()
        self.count: Callable[[], int] = self._used.__next__
        #: Whether it was logged that it was never used.
        self.told = False

    @property
    def used(self) -> int:
        text = repr(self._used)  # as count(3)
        return int(text[text.index("(") + 1 : -1])

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

    __slots__ = ("calls", "is_open", "pattern", "used")

    def __init__(self, pattern: Pattern, used: Callable[[], int]) -> None:
        self.pattern = pattern
        #: Those that are known to be meant, wherever they come from; none once it is left.
        self.calls: Container[Call] = pattern.known
        #: Counts one more.
        self.used = used
        self.is_open = True

    def leave(self) -> None:
        self.is_open = False
        self.calls = ()


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
        entered = _Entered(self.pattern, self.usage.count)
        self._entered.append(entered)
        allowed.set((*allowed.get(), entered))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        mine = [each for each in allowed.get() if each in self._entered]
        entered = mine[-1] if mine else self._entered[-1]
        entered.leave()
        self._entered.remove(entered)
        allowed.set(tuple(each for each in allowed.get() if each is not entered))

    def __call__(self, function: _F) -> _F:
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def coroutine(*args: Any, **kwargs: Any) -> Any:
                with self:
                    return await function(*args, **kwargs)

            return coroutine  # type: ignore[return-value]

        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            with self:
                return function(*args, **kwargs)

        return wrapper  # type: ignore[return-value]
