# What dev.sluice.bridge.LogModule offers.

from collections.abc import Callable
from typing import NamedTuple

class Entry(NamedTuple):
    number: int
    logger: str
    level: int
    message: str
    thrown: str | None
    created: float
    thread: str

def next_number(_: object) -> int: ...
def open(mark: Callable[[], None], bound: int) -> bool: ...  # noqa: A001
def take(below: int) -> tuple[list[Entry], int]: ...
def close() -> None: ...
def end() -> tuple[list[Entry], int]: ...
