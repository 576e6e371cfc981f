"""The calls that programs have added to the table."""

import builtins
import functools
import inspect
import sys
from collections.abc import Callable
from contextvars import ContextVar
from types import CodeType
from typing import Any

from sluice import _guard_binding, _guard_predicates
from sluice._guard_catalogue import IMPORT, TABLE, Call

#: Where they are, and what they are.
registered: dict[str, tuple[Call, Any, str, Any]] = {}


def names() -> set[str]:
    """Those of all calls, and the categories that programs have added."""
    return {call.name for call in (*TABLE, IMPORT)} | {
        text for name, (call, *_) in registered.items() for text in (name, call.category)
    }


def add(function: Any, category: str, unless: Callable[..., bool] | None) -> str:
    """Adds a function or a method of C, and says its name; or raises, if that cannot be."""
    if not _guard_binding.can_bind(function) or (
        not inspect.isbuiltin(function) and not hasattr(function, "__objclass__")
    ):
        raise TypeError(
            f"sluice SL183: {function!r} is no function and no method of C. What is written in"
            " Python blocks only through what it calls: register that."
        )
    if inspect.isbuiltin(function):
        owner: Any = function.__self__
        if isinstance(owner, type) or not inspect.ismodule(owner):
            raise TypeError(
                f"sluice SL183: {function!r} belongs to one object: register the method of its type"
            )
        where, parameters = owner.__name__, "*args, **kwargs"
    else:
        owner = function.__objclass__
        where, parameters = f"{owner.__module__}.{owner.__qualname__}", "self, *args, **kwargs"
    if _is_ours(function, owner):
        raise TypeError(
            f"sluice SL183: {function!r} cannot be guarded, as the guard itself is built from it;"
            " nor does it wait for anything."
        )
    name = f"{where}.{function.__name__}"
    asks = ""
    if unless is not None:
        key = f"unless_{len(registered)}"
        setattr(_guard_predicates, key, unless)
        asks = f"{key}({parameters})"
    call = Call(name, category, owner.__name__, function.__name__, parameters, asks=asks)
    registered[name] = (call, owner, function.__name__, function)
    return name


def _is_ours(function: Any, owner: Any) -> bool:
    """Whether the guard calls it, and would never come to an end."""
    if isinstance(owner, type):
        return owner.__module__ == "builtins" or owner is ContextVar
    return id(function) in _used()


@functools.cache
def _used() -> frozenset[int]:
    """The functions that the guard's own modules call by name."""
    used = {id(sys._getframe)}
    for name, module in list(sys.modules.items()):
        if not name.startswith("sluice._guard_"):
            continue
        values = list(vars(module).values())
        for kind in [each for each in values if isinstance(each, type)]:
            values += vars(kind).values()
        for value in values:
            if inspect.isbuiltin(value):
                used.add(id(value))
            code = getattr(value, "__code__", None)
            for each in _names_in(code) if isinstance(code, CodeType) else ():
                found = getattr(builtins, each, None)
                if inspect.isbuiltin(found):
                    used.add(id(found))
    return frozenset(used)


def _names_in(code: CodeType) -> set[str]:
    inner = (_names_in(each) for each in code.co_consts if isinstance(each, CodeType))
    return set(code.co_names).union(*inner)
