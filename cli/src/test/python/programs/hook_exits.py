"""End with an exception whose hook exits."""

import sys
from types import TracebackType


def hook(kind: type[BaseException], error: BaseException, tb: TracebackType | None) -> None:
    sys.exit(9)


sys.excepthook = hook
raise KeyError("x")
