"""Java for Python code: type("java.util.ArrayList") is that class, path("some.jar") adds to it."""

import builtins
import functools
import os
import shutil
from typing import Any

from sluice import _java_door

__all__ = ["overload", "path", "stubs", "type"]

_Path = str | bytes | os.PathLike[str] | os.PathLike[bytes]


def type(name: str) -> Any:  # noqa: A001 - it is what Java calls it too
    """The Java class of that full name, as a Python type; nested ones as in "java.util.Map.Entry".

    Raises ImportError where there is no such class.
    """
    return _java_door.call("type", name)


def overload(owner: Any, signature: str) -> Any:
    """One overload of a Java method, for a call that would be ambiguous or choose another one.

    The owner is a Java object or class, and the signature what error messages write:
    overload(pool, "submit(Runnable)")(function). A constructor's has the name of its class.
    """
    is_type = isinstance(owner, builtins.type)
    for entry in (owner if is_type else builtins.type(owner)).__mro__:
        number = entry.__dict__.get("__java_id__")
        found = None if number is None else _java_door.call("overload", number, signature)
        if found is None:
            continue
        if found.__name__ == "__new__":
            return functools.partial(found, owner)
        bind = getattr(found, "__get__", None)
        return found if is_type or bind is None else bind(owner)
    name = signature.partition("(")[0]
    raise AttributeError(f"{owner!r} has no Java method {name}", name=name, obj=owner)


def path(*entries: _Path) -> None:
    """Adds jars, folders of classes, and .java files or folders of them to where Java looks.

    Sources are compiled at once, in memory. Modules that these places offer can be imported.
    """
    _java_door.call("path", *(_absolute(entry) for entry in entries))


def stubs(module: str, folder: _Path) -> str:
    """Writes the .pyi file of a module that Java offers into the folder; gives the file's path.

    A type checker that finds the folder (mypy: MYPYPATH) knows the module's types then. Beside it
    lies _sluice_java.pyi, with what Java's lists, maps and functions are.
    """
    target = _absolute(folder)
    file: str = _java_door.call("stubs", module, target)
    helpers = os.path.join(os.path.dirname(__file__), "_java_types.pyi")
    shutil.copyfile(helpers, os.path.join(target, "_sluice_java.pyi"))
    return file


def _absolute(path: _Path) -> str:
    return os.path.abspath(os.fsdecode(path))
