"""Has every reference to a blocking call reach its replacement, and undoes that.

A function is changed itself, so that it does not matter who holds it. A method is replaced in its
type; what has been taken from the type or from objects before is changed itself, too.
"""

import copyreg
import gc
import importlib
import sys
import weakref
from types import BuiltinFunctionType, MethodType
from typing import Any

from sluice import _guard_door as door
from sluice import _guard_replacements
from sluice._guard_catalogue import Call


class Bound:
    """One function or method of C that reaches its replacement."""

    def __init__(self, call: Call, owner: Any, name: str, target: Any) -> None:
        self.call = call
        #: The module or the type that it is found in.
        self.owner = owner
        self.name = name
        #: The function itself, or the type's method.
        self.target = target
        self.is_method = isinstance(owner, type)
        self.definition: int = door.definition(target)
        self.words = door.words(target)
        #: Does what the target did.
        self.original = original(target)
        self.replacement: Any = None
        #: Whether somebody but the type has the method.
        self.is_stray = False


#: What does as targets did, with the targets, by their numbers: kept, since replacements outlive
#: an uninstall, and must not find themselves instead.
_originals: dict[int, tuple[Any, Any]] = {}
#: The numbers of the originals.
_ours: set[int] = set()


def original(target: Any) -> Any:
    """What does as a function or method did before it was changed."""
    known = _originals.get(id(target))
    if known is None:
        known = _originals[id(target)] = (target, door.copy(target))
        _ours.add(id(known[1]))
    return known[1]


#: Those that are bound now, by where they are.
bound: dict[tuple[int, str], Bound] = {}
_FROZEN_BY_PROGRAM = 5_000
#: Methods bound to objects before they were replaced in their type.
_early: dict[int, weakref.ref[Any]] = {}


def find(call: Call) -> tuple[Any, str, Any] | None:
    """Where the call is, its name there and the function or method; None if it is not here."""
    try:
        owner: Any = importlib.import_module(call.module)
    except ImportError:
        return None
    kind, _, name = call.path.rpartition(".")
    if kind:
        owner = _type(owner, kind)
    if owner is None:
        return None
    target = vars(owner).get(name)
    return None if target is None else (owner, name, target)


def _type(module: Any, name: str) -> Any:
    if name == "lock":
        return module.LockType
    found = getattr(module, name, None)
    if found is None or isinstance(found, type):
        return found
    return type(found())  # select.poll is a function


def can_bind(target: Any) -> bool:
    """Whether it is a function or a method of C."""
    return isinstance(target, BuiltinFunctionType) or type(target) is type(list.append)


def bind(call: Call, owner: Any, name: str, target: Any) -> None:
    """Has the call reach a replacement; at most once."""
    key = (id(owner), name)
    if key in bound or not can_bind(target) or door.rebound(target):
        return
    it = Bound(call, owner, name, target)
    if not it.is_method:
        it.replacement = _guard_replacements.make(call, it.original)
        door.rebind(target, it.replacement)
        bound[key] = it
        return
    acquire = it.original
    if (call.undo or call.farm == "restore") and name != "acquire":
        first = bound.get((id(owner), "acquire"))
        acquire = first.original if first else door.copy(vars(owner)["acquire"])
    it.replacement = _guard_replacements.make(call, it.original, owner, acquire)
    door.set_in_type(owner, name, it.replacement)
    bound[key] = it


def bind_strays() -> None:
    """Finds the methods that somebody has beside their type, and has them reach replacements."""
    methods = [it for it in bound.values() if it.is_method and not it.is_stray]
    targets = {id(it.target): it for it in methods}
    numbers = {id(_originals), id(sys._getframe(0))}
    for it in methods:
        numbers |= {id(it), id(vars(it)), id(_originals[id(it.target)])}
    # An object of ours that holds all of them for the call is a referrer, too.
    held = [it.target for it in methods]
    numbers.add(id(held))
    for each in gc.get_referrers(*held):
        if id(each) in numbers or (type(each) is tuple and len(each) == len(held)):
            continue
        for inner in gc.get_referents(each):
            found = targets.get(id(inner))
            if found is not None and not found.is_stray:
                found.is_stray = True
                door.rebind_method(found.target, found.replacement)


def bind_early() -> None:
    """Finds what was bound to objects before, or made again, and has it reach the replacements."""
    wanted = {it.definition: it for it in bound.values()}
    frozen = gc.get_freeze_count()
    if frozen:
        gc.unfreeze()  # 3.12 starts with some objects frozen
    for each in gc.get_objects():
        if not isinstance(each, BuiltinFunctionType):
            continue
        it = wanted.get(door.definition(each))
        if it is None or id(each) in _ours or door.rebound(each):
            continue
        if it.is_method:
            door.rebind(each, MethodType(it.replacement, door.first(each)))
            _keep(each)
        else:
            key = (id(each), it.name)
            again = Bound(it.call, each.__self__, it.name, each)
            again.replacement = it.replacement
            door.rebind(each, it.replacement)
            bound[key] = again
    if frozen > _FROZEN_BY_PROGRAM:
        gc.freeze()


def _keep(early: Any) -> None:
    key = id(early)
    _early[key] = weakref.ref(early, lambda _: _early.pop(key, None))


def unbind(keep: frozenset[str] = frozenset()) -> list[str]:
    """Undoes it all, but for the calls whose names are kept; says what is not as it was."""
    wrong = []
    gone = set()
    for key, it in list(bound.items()):
        if it.call.name in keep:
            continue
        gone.add(it.definition)
        if it.is_method:
            if door.rebound(it.target):
                door.restore_method(it.target)
            if vars(it.owner).get(it.name) is it.replacement:
                door.set_in_type(it.owner, it.name, it.target)
            else:
                wrong.append(f"{it.call.name} was replaced by somebody else meanwhile")
        else:
            door.restore(it.target, door.first(it.original))
        if door.words(it.target) != it.words:
            wrong.append(f"{it.call.name} is not what it was")
        del bound[key]
    for number, reference in list(_early.items()):
        early = reference()
        if early is not None and door.definition(early) in gone and door.rebound(early):
            door.restore(early, door.first(early).__self__)
            del _early[number]
    return wrong


def _reduce(function: Any) -> Any:
    """How functions of C are pickled: as before, whatever they call now."""
    if not door.rebound(function):
        return function.__reduce__()
    first = door.first(function)
    if isinstance(first, MethodType):
        return getattr, (first.__self__, function.__name__)
    return function.__name__


def start_pickling() -> None:
    copyreg.pickle(BuiltinFunctionType, _reduce)


def stop_pickling() -> None:
    if copyreg.dispatch_table.get(BuiltinFunctionType) is _reduce:
        del copyreg.dispatch_table[BuiltinFunctionType]


def early_count() -> int:
    """How many methods were found that had been bound before."""
    return len(_early)
