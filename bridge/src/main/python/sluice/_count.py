"""A number that any place may count up, as that is one call in C."""

import itertools


class Count:
    """Counts from 0 on; `steps` is the iterator whose each step counts one."""

    def __init__(self) -> None:
        self.steps = itertools.count()

    def add(self) -> None:
        next(self.steps)

    def total(self) -> int:
        # Which only its text tells without counting up.
        return int(repr(self.steps).removeprefix("count(").removesuffix(")"))
