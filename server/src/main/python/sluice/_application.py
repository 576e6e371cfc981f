"""Finds the application that a user has named, and says what is wrong with the name if it fails."""

import importlib
import importlib.util
import inspect
import os
import sys
import traceback
from types import ModuleType, TracebackType
from typing import Any

_DEFAULT_NAMES = ("application", "app")

# (problem, message, application, interface); problem is the name of a member of
# dev.sluice.server.ServerError, and the interface wsgi, asgi2 or asgi3.
Outcome = tuple[str | None, str, Any, str]


class _Problem(Exception):
    def __init__(self, problem: str, message: str) -> None:
        super().__init__(message)
        self.problem = problem


def load(name: str, app_dir: str, factory: bool, interface: str) -> Outcome:
    """Imports "module:attribute" with app_dir first on sys.path.

    interface is what the user says of it: auto, wsgi or asgi.
    """
    if app_dir not in sys.path[:1]:
        sys.path.insert(0, app_dir)
    module_name, colon, attribute = name.partition(":")
    try:
        if colon and not attribute:
            raise _Problem(
                "ATTRIBUTE_NOT_FOUND",
                f"{name!r} names no application behind the colon. Write MODULE:APP, as in"
                f" {module_name}:app, or {module_name} alone for its application or app.",
            )
        if not all(part.isidentifier() for part in module_name.split(".")):
            raise _Problem("MODULE_NOT_FOUND", _missing(module_name, app_dir))
        module = _import(module_name, app_dir)
        found_as, application = _find(module, attribute)
        made = factory or _is_factory(application)
        if made:
            application = _make(found_as, application)
        _check(f"what {found_as}() gives" if made else repr(found_as), application)
    except _Problem as problem:
        return problem.problem, str(problem), None, ""
    return None, f"{module_name}:{found_as}", application, _spoken(application, interface)


def _import(name: str, app_dir: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if name == missing or name.startswith(missing + "."):
            raise _Problem("MODULE_NOT_FOUND", _missing(name, app_dir)) from None
        raise _raised(f"while {name} was imported", error) from None
    except BaseException as error:
        raise _raised(f"while {name} was imported", error) from None


def _missing(name: str, app_dir: str) -> str:
    message = f"there is no module {name!r} in {app_dir} or on sys.path."
    if name.endswith(".py") or os.sep in name or not name:
        return f"{message} Write the module's name, not its file's: MODULE:APP, as in hello:app."
    return f"{message} Name its folder with --app-dir, or its environment with --venv."


def _find(module: ModuleType, attribute: str) -> tuple[str, Any]:
    if not attribute:
        for name in _DEFAULT_NAMES:
            if hasattr(module, name):
                return name, getattr(module, name)
        raise _Problem(
            "ATTRIBUTE_NOT_FOUND",
            f"the module {module.__name__} has neither 'application' nor 'app'."
            f" Name the application: {module.__name__}:NAME.",
        )
    found: Any = module
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise _Problem(
                "ATTRIBUTE_NOT_FOUND",
                f"the module {module.__name__} ({module.__file__}) has no {attribute!r}."
                f"{_similar(module, attribute)}",
            )
        found = getattr(found, part)
    return attribute, found


def _similar(module: ModuleType, attribute: str) -> str:
    names = [name for name in _DEFAULT_NAMES if name != attribute and hasattr(module, name)]
    if names:
        return f" Did you mean {module.__name__}:{names[0]}?"
    return " Write MODULE:NAME with a name that the module defines."


def _make(name: str, factory: Any) -> Any:
    if not callable(factory):
        raise _Problem(
            "NOT_CALLABLE",
            f"{name!r} is no function, so --factory cannot call it. Leave --factory out.",
        )
    try:
        return factory()
    except BaseException as error:
        raise _raised(f"while the factory {name} was called", error) from None


def _check(what: str, application: Any) -> None:
    if not callable(application):
        raise _Problem(
            "NOT_CALLABLE",
            f"{what} is no application: it is of type {type(application).__name__}, which cannot"
            " be called. Name the application.",
        )


def _spoken(application: Any, interface: str) -> str:
    """wsgi, asgi2 or asgi3."""
    if interface == "wsgi":
        return "wsgi"
    if _is_coroutine_function(application):
        return "asgi3"
    count = _required(application)
    if count == 1:
        return "asgi2"
    if count == 3 or interface == "asgi":
        return "asgi3"
    return "wsgi"


def _is_coroutine_function(application: Any) -> bool:
    if inspect.iscoroutinefunction(application):
        return True
    if inspect.isclass(application) or inspect.isfunction(application):
        return False
    return inspect.iscoroutinefunction(getattr(type(application), "__call__", None))  # noqa: B004


def _is_factory(found: Any) -> bool:
    """Whether it can be nothing but a function, or a class, that makes the application."""
    if not (inspect.isroutine(found) or inspect.isclass(found)) or _is_coroutine_function(found):
        return False
    # One that could be called with nothing may still be meant to be called with these.
    meant = ("environ", "start_response", "scope")
    named = any(each.name in meant for each in _parameters(found) or ())
    return _required(found) == 0 and not named


def _required(application: Any) -> int:
    """How many arguments it has to be given; -1 if nobody knows."""
    parameters = _parameters(application)
    if parameters is None:
        return -1
    return sum(
        each.default is each.empty
        and each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)
        for each in parameters
    )


def _parameters(application: Any) -> list[inspect.Parameter] | None:
    """None if nobody knows them, or it takes any number."""
    try:
        parameters = list(inspect.signature(application).parameters.values())
    except (TypeError, ValueError):
        return None
    return None if any(each.kind is each.VAR_POSITIONAL for each in parameters) else parameters


def _raised(when: str, error: BaseException) -> _Problem:
    own = _without_loading_frames(error.__traceback__)
    text = "".join(traceback.format_exception(type(error), error, own)).rstrip()
    return _Problem(
        "IMPORT_RAISED", f"the application raised {type(error).__name__} {when}:\n{text}"
    )


def _without_loading_frames(tb: TracebackType | None) -> TracebackType | None:
    while tb is not None:
        name = tb.tb_frame.f_code.co_filename
        if name != __file__ and "importlib" not in name:
            return tb
        tb = tb.tb_next
    return tb
