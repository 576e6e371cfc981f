"""Has every reference to a blocking call reach its replacement, and undoes that.

A function is changed itself, so that it does not matter who holds it. A method is replaced in its
type; what has been taken from the type or from objects before is changed itself, too.
"""

import copyreg
import gc
import importlib
import sys
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from types import BuiltinFunctionType, MethodType, WrapperDescriptorType
from typing import Any

from sluice import _guard_door as door
from sluice import _guard_replacements
from sluice._guard_catalogue import Call
from sluice._guard_rekeying import Tables


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
        #: Whether it stands for a slot of the type, as __next__ does.
        self.is_slot = isinstance(target, WrapperDescriptorType)
        self.definition: int = 0 if self.is_slot else door.definition(target)
        self.words = [] if self.is_slot else door.words(target)
        #: Does what the target did; a slot's method is never changed itself.
        self.original = target if self.is_slot else original(target)
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
#: Py_TPFLAGS_HEAPTYPE: of types that belong to one interpreter.
_HEAP_TYPE = 1 << 9
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
    if isinstance(target, WrapperDescriptorType):
        return bool(target.__objclass__.__flags__ & _HEAP_TYPE)
    return isinstance(target, BuiltinFunctionType) or type(target) is type(list.append)


@contextmanager
def thawed() -> Iterator[None]:
    """Has the collector know all objects, also those that the program has frozen."""
    frozen = gc.get_freeze_count()
    if frozen:
        gc.unfreeze()  # 3.12 starts with some objects frozen
    try:
        yield
    finally:
        if frozen > _FROZEN_BY_PROGRAM:
            gc.freeze()


def bind_all(calls: list[Call], registered: list[tuple[Call, Any, str, Any]]) -> None:
    """Has calls reach replacements, each at most once, with all that is bound to objects by now."""
    with thawed():
        tables = Tables([each for each in _functions(calls, registered) if not door.rebound(each)])
        # No variable keeps a target: it would be taken for a method that somebody has.
        for call in calls:
            _bind(call, find(call), tables)
        for call, *where in registered:
            _bind(call, tuple(where), tables)
        _bind_strays()
        _bind_early()


def _functions(calls: list[Call], registered: list[tuple[Call, Any, str, Any]]) -> list[Any]:
    found = [where[2] for where in map(find, calls) if where is not None]
    found += [row[3] for row in registered]
    return [each for each in found if isinstance(each, BuiltinFunctionType)]


def _bind(call: Call, where: tuple[Any, ...] | None, tables: Tables) -> None:
    if where is None:
        return
    owner, name, target = where
    key = (id(owner), name)
    if key in bound or not can_bind(target):
        return
    if isinstance(target, WrapperDescriptorType):
        it = Bound(call, owner, name, target)
        it.replacement = _guard_replacements.make(call, it.original, owner)
        door.set_slot(owner, name, it.replacement)
        bound[key] = it
        return
    if door.rebound(target):
        return
    it = Bound(call, owner, name, target)
    if not it.is_method:
        it.replacement = _guard_replacements.make(call, it.original)
        tables.change(target, door.rebind, it.replacement)
        bound[key] = it
        return
    acquire = it.original
    if (call.undo or call.farm == "restore") and name != "acquire":
        first = bound.get((id(owner), "acquire"))
        acquire = first.original if first else door.copy(vars(owner)["acquire"])
    it.replacement = _guard_replacements.make(call, it.original, owner, acquire)
    door.set_in_type(owner, name, it.replacement)
    bound[key] = it


def _bind_strays() -> None:
    """Finds the methods that somebody has beside their type, and has them reach replacements."""
    methods = [it for it in bound.values() if it.is_method and not (it.is_stray or it.is_slot)]
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


def _bind_early() -> None:
    """Finds what was bound to objects before, or made again, and has it reach the replacements."""
    wanted = {it.definition: it for it in bound.values() if not it.is_slot}
    found = []
    for each in gc.get_objects():
        if isinstance(each, BuiltinFunctionType) and id(each) not in _ours:
            it = wanted.get(door.definition(each))
            if it is not None and not door.rebound(each):
                found.append((each, it))
    tables = Tables([each for each, _ in found])
    for each, it in found:
        if it.is_method:
            tables.change(each, door.rebind, MethodType(it.replacement, door.first(each)))
            _keep(each)
        else:
            key = (id(each), it.name)
            again = Bound(it.call, each.__self__, it.name, each)
            again.replacement = it.replacement
            tables.change(each, door.rebind, it.replacement)
            bound[key] = again


def _keep(early: Any) -> None:
    key = id(early)
    _early[key] = weakref.ref(early, lambda _: _early.pop(key, None))


def unbind(keep: frozenset[str] = frozenset()) -> list[str]:
    """Undoes it all, but for the calls whose names are kept; says what is not as it was."""
    going = [(key, it) for key, it in bound.items() if it.call.name not in keep]
    gone = {it.definition for _, it in going}
    early = [each for each in (reference() for reference in list(_early.values())) if each]
    early = [each for each in early if door.rebound(each) and door.definition(each) in gone]
    if not going:
        return []
    with thawed():
        functions = [it.target for _, it in going if not it.is_method]
        tables = Tables([*functions, *early])
        wrong = []
        for key, it in going:
            wrong += _unbind(it, tables)
            del bound[key]
        for each in early:
            tables.change(each, door.restore, door.first(each).__self__)
            _early.pop(id(each), None)
    return wrong


def _unbind(it: Bound, tables: Tables) -> list[str]:
    wrong = []
    if not it.is_method:
        tables.change(it.target, door.restore, door.first(it.original))
    else:
        if not it.is_slot and door.rebound(it.target):
            door.restore_method(it.target)
        if vars(it.owner).get(it.name) is not it.replacement:
            wrong.append(f"{it.call.name} was replaced by somebody else meanwhile")
        elif it.is_slot:
            door.set_slot(it.owner, it.name, it.target)
        else:
            door.set_in_type(it.owner, it.name, it.target)
    if not it.is_slot and door.words(it.target) != it.words:
        wrong.append(f"{it.call.name} is not what it was")
    return wrong


#: How the program itself has functions of C pickled, if it does.
_reduce_by_program: Any = None


def _reduce(function: Any) -> Any:
    """How functions of C are pickled: as before, whatever they call now."""
    if _reduce_by_program is not None:
        return _reduce_by_program(function)
    if not door.rebound(function):
        return function.__reduce__()
    first = door.first(function)
    if isinstance(first, MethodType):
        return getattr, (first.__self__, function.__name__)
    return function.__name__


def start_pickling() -> None:
    global _reduce_by_program  # noqa: PLW0603
    former: Any = copyreg.dispatch_table.get(BuiltinFunctionType)
    if former is not _reduce:
        _reduce_by_program = former
        copyreg.pickle(BuiltinFunctionType, _reduce)


def stop_pickling() -> None:
    global _reduce_by_program  # noqa: PLW0603
    if copyreg.dispatch_table.get(BuiltinFunctionType) is _reduce:
        del copyreg.dispatch_table[BuiltinFunctionType]
        if _reduce_by_program is not None:
            copyreg.pickle(BuiltinFunctionType, _reduce_by_program)
    _reduce_by_program = None


def early_count() -> int:
    """How many methods were found that had been bound before."""
    return len(_early)
