"""Java's classes as Python types: the parts that are easier said in Python; called by Java.

A type knows the names of its members when it is made. What stands behind a name is made by Java
when it is first asked for, and then takes the name's place in the type.
"""

import importlib
from collections import abc
from collections.abc import Iterable, Sequence
from types import FunctionType
from typing import Any, NoReturn

from sluice import _java_door

#: What a type is called in Java's tables.
_ID = "__java_id__"

#: The flag of code that takes further arguments: inspect.CO_VARARGS, which would be a slow import.
_VARARGS = 4

#: Java's own object for the class, which no type keeps: types outlive the interpreter, and with
#: them Java could never let go of it.
_CLASS = "class_"


class JavaType(type):
    """The type of the types that stand for Java's classes."""

    def mro(cls) -> list[type]:
        """Python's own order, or where Java's interfaces contradict it, one that keeps subtypes
        before their supertypes."""
        try:
            return super().mro()
        except TypeError:
            everything: list[type] = [cls]
            for base in cls.__bases__:
                everything += base.__mro__
            last = {entry: place for place, entry in enumerate(everything)}
            return sorted(last, key=last.__getitem__)

    def __setattr__(cls, name: str, value: Any) -> None:
        for entry in cls.__mro__:
            member = entry.__dict__.get(name)
            if isinstance(member, UnlinkedField):
                member = member.link()
            if isinstance(member, StaticField):
                member.__set__(None, value)
                return
            if member is not None:
                break
        super().__setattr__(name, value)

    def __repr__(cls) -> str:
        kind = "java class" if _ID in cls.__dict__ else "class"
        return f"<{kind} '{cls.__module__}.{cls.__qualname__}'>"


class Unlinked:
    """Stands for a method until it is first asked for."""

    __slots__ = ("_name", "_owner")

    def __set_name__(self, owner: type, name: str) -> None:
        self._owner = owner
        self._name = name

    def link(self) -> Any:
        member = self._owner.__dict__[self._name]
        if member is self:
            member = _java_door.call("link", self._owner.__dict__[_ID], self._name)
            if self._name != _CLASS:
                type.__setattr__(self._owner, self._name, member)
        return member

    def __get__(self, instance: Any, owner: Any) -> Any:
        member = self.link()
        get = getattr(type(member), "__get__", None)
        return member if get is None else get(member, instance, owner)


class UnlinkedField(Unlinked):
    """Stands for a field until it is first asked for."""

    __slots__ = ()

    def __set__(self, instance: Any, value: Any) -> None:
        self.link().__set__(instance, value)


class StaticField:
    """A static field: read through the class or an object, written through either."""

    __slots__ = ("_get", "_name", "_set")

    def __init__(self, name: str, get: Any, put: Any) -> None:
        self._name = name
        self._get = get
        self._set = put

    def __get__(self, instance: Any, owner: Any) -> Any:
        return self._get()

    def __set__(self, instance: Any, value: Any) -> None:
        if self._set is None:
            raise AttributeError(f"the field {self._name} is final")
        self._set(value)


class Mixed:
    """A name that Java has both for static methods and for those of objects."""

    __slots__ = ("_of_object", "_static")

    def __init__(self, static: Any, of_object: Any) -> None:
        self._static = static
        self._of_object = of_object

    def __get__(self, instance: Any, owner: Any) -> Any:
        return self._static if instance is None else self._of_object.__get__(instance, owner)


class ThrowableBase(Exception):
    """What Java's Throwable is in Python besides itself; the slot holds the Java object."""

    __slots__ = ("__weakref__", "_handle")

    _handle: Any


#: Where the slot lies in an object.
SLOT = Exception.__basicsize__


def make_type(
    number: int,
    name: str,
    module: str,
    bases: Sequence[type],
    methods: Iterable[str],
    fields: Iterable[str],
) -> type:
    """A type for a Java class."""
    namespace: dict[str, Any] = {
        "__slots__": (),
        "__module__": module,
        "__qualname__": name,
        _ID: number,
    }
    namespace.update({field: UnlinkedField() for field in fields})
    namespace.update({method: Unlinked() for method in methods})
    abstract, additions = _ABSTRACT.get(
        "[]" if name.endswith("[]") else f"{module}.{name}", (None, {})
    )
    made = JavaType(name.rpartition(".")[2], tuple(bases), {**additions, **namespace})
    if abstract is not None:
        abstract.register(made)
    return made


#: What of Python's own kinds of containers is not there under another name in Java's.
_OF_SEQUENCES = {name: getattr(abc.Sequence, name) for name in ("index", "count")}
_OF_MAPPINGS = {"keys": abc.Mapping.keys, "items": abc.Mapping.items}
_OF_SETS = {
    name: abc.Set.__dict__[name]
    for name in (
        *("__le__", "__lt__", "__ge__", "__gt__", "__and__", "__rand__", "__or__", "__ror__"),
        *("__sub__", "__rsub__", "__xor__", "__rxor__", "isdisjoint"),
    )
} | {"_from_iterable": set}


def _awaited(stage: Any) -> Any:
    """A stage's __await__: waits on the running loop for what becomes of it."""
    return importlib.import_module("sluice._java_stages").steps(stage)


#: The abstract classes that Java's containers count as, arrays too; and what can be awaited.
_ABSTRACT: dict[str, tuple[Any, dict[str, Any]]] = {
    "java.util.concurrent.CompletionStage": (abc.Awaitable, {"__await__": _awaited}),
    "[]": (abc.Sequence, _OF_SEQUENCES),
    "java.util.List": (abc.Sequence, _OF_SEQUENCES),
    "java.util.Map": (abc.Mapping, _OF_MAPPINGS),
    "java.util.Set": (abc.Set, _OF_SETS),
}


def make_root(number: int, methods: Iterable[str]) -> type:
    """The type for java.lang.Object, which classes, interfaces and exceptions share."""
    root = make_type(number, "Object", "java.lang", (), methods, ())
    type.__setattr__(root, "__reduce_ex__", _refuse_pickling)
    return root


def make_layout(root: type, handle: type) -> type:
    """The base of all objects but exceptions."""
    return JavaType("Object", (root, handle), {"__slots__": (), "__module__": "java.lang"})


def _refuse_pickling(self: Any, protocol: int) -> NoReturn:
    raise TypeError(f"cannot copy or pickle the Java object {self!r}")


def make_property(get: Any, put: Any) -> property:
    """A field of objects."""
    return property(get, put)


def takes(function: Any, count: int) -> bool:
    """Whether a call with so many arguments can succeed, as far as the signature says."""
    if type(function) is FunctionType and not function.__code__.co_kwonlyargcount:
        code = function.__code__
        most = code.co_argcount
        least = most - len(function.__defaults__ or ())
        return least <= count and (count <= most or bool(code.co_flags & _VARARGS))
    try:
        signature = importlib.import_module("inspect").signature(function)
    except (TypeError, ValueError):
        return True
    try:
        signature.bind(*[None] * count)
    except TypeError:
        return False
    return True


def wrap(
    kind: type[ThrowableBase], handle: Any, message: str | None, cause: BaseException | None
) -> ThrowableBase:
    """An exception that stands for a Java Throwable."""
    error = Exception.__new__(kind)
    error._handle = handle
    error.args = () if message is None else (message,)
    if cause is not None:
        error.__cause__ = cause
    return error
