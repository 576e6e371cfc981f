"""What both contestants call, and how both are called from Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable


class Adder(Protocol):
    """An object of Java."""

    def add(self, a: int, b: int, /) -> int: ...


def noop() -> None:
    pass


def add(a: int, b: int) -> int:
    return a + b


def upper(text: str) -> str:
    return text.upper()


def call_method(target: Adder, times: int) -> int:
    total = 0
    for number in range(times):
        total = target.add(total, number)
    return total


def call_function(function: Callable[[int, int], int], times: int) -> int:
    total = 0
    for number in range(times):
        total = function(total, number)
    return total
