"""Who refers to blocking calls, and what covers each reference."""

import functools
import gc
import sys
from types import BuiltinFunctionType, CellType, FrameType, FunctionType, MethodType, ModuleType
from typing import Any

from sluice import _guard_binding as binding
from sluice import _guard_door as door

_FUNCTION = "the function itself leads to the guard"
_IN_TYPE = "the type's own attribute is the guard's"
_STRAY = "the method itself leads to the guard"
_EARLY = "the bound method itself leads to the guard"


def audit() -> list[dict[str, str]]:
    """For each guarded call the references to it that the collector knows."""
    found = []
    names = _owners()
    for it in list(binding.bound.values()):
        if it.is_method:
            found.append(_row(it.call.name, f"type {_name(it.owner)}, {it.name}", _IN_TYPE))
        covers = _STRAY if it.is_method else _FUNCTION
        if it.is_method and not it.is_stray:
            continue
        for each in gc.get_referrers(it.target):
            where = _where(each, it.target, names)
            if where is not None:
                found.append(_row(it.call.name, where, covers))
    calls = {it.definition: it.call.name for it in binding.bound.values()}
    for each in gc.get_objects():
        if isinstance(each, BuiltinFunctionType) and door.rebound(each):
            first = door.first(each)
            if isinstance(first, MethodType):
                call = calls.get(door.definition(each), "?")
                kind = type(first.__self__)
                for referrer in gc.get_referrers(each):
                    where = _where(referrer, each, names)
                    if where is not None:
                        found.append(_row(call, f"a method of a {_name(kind)} in {where}", _EARLY))
    return found


def _row(call: str, where: str, covered: str) -> dict[str, str]:
    return {"call": call, "reference": where, "covered": covered}


def _name(kind: Any) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _owners() -> dict[int, str]:
    """Of dictionaries, whose they are."""
    names: dict[int, str] = {}
    for name, module in list(sys.modules.items()):
        if isinstance(module, ModuleType):
            names.setdefault(id(vars(module)), f"module {name}")
    for each in gc.get_objects():
        if isinstance(each, type):
            inner = gc.get_referents(each.__dict__)
            if inner:
                names.setdefault(id(inner[0]), f"class {_name(each)}")
    return names


def _where(referrer: Any, target: Any, names: dict[int, str]) -> str | None:
    """What kind of reference it is; None for our own."""
    if isinstance(referrer, FrameType | binding.Bound):
        return None
    if isinstance(referrer, dict):
        owner = names.get(id(referrer))
        if owner is not None:
            keys = [str(key) for key, value in referrer.items() if value is target]
            return f"{owner}, {', '.join(keys)}"
        if any(isinstance(each, binding.Bound) for each in gc.get_referrers(referrer)):
            return None
        return "a dictionary"
    if isinstance(referrer, FunctionType):
        return f"a default of {_name(referrer)}"
    if isinstance(referrer, CellType):
        return "a closure"
    if isinstance(referrer, functools.partial):
        return "a partial"
    if isinstance(referrer, list | tuple | set | frozenset):
        return f"a {type(referrer).__name__}"
    return f"an object of {_name(type(referrer))}"
