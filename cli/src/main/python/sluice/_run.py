"""Runs a program in __main__ as python itself would; on Python's main thread."""

import contextlib
import importlib.machinery
import io
import os
import pkgutil
import runpy
import sys
import traceback
from collections.abc import Callable
from types import CodeType, TracebackType
from typing import Any, TextIO

_INTERRUPTED = 130


def run_script(path: str) -> int:
    """python PATH: a file of source or of byte code, a folder or archive with __main__.py, or -."""
    return _run(lambda: _script(path))


def run_module(name: str) -> int:
    """python -m NAME."""
    return _run(lambda: _module(name))


def _run(program: Callable[[], None]) -> int:
    sys.orig_argv = [sys.executable, *sys.argv]
    failure: BaseException | None = None
    try:
        program()
    except BaseException as error:
        failure = error
    # Not inside of except: what a hook raises would seem to come from handling the failure.
    code = 0 if failure is None else _end(failure)
    _flush()
    return code


def _module(name: str) -> None:
    sys.path.insert(0, os.getcwd())
    runpy._run_module_as_main(name)  # type: ignore[attr-defined]


def _script(path: str) -> None:
    if path == "-":
        sys.path.insert(0, "")
        _execute(compile(sys.stdin.buffer.read(), "<stdin>", "exec", dont_inherit=True))
        return
    path = os.path.join(os.getcwd(), path)
    if pkgutil.get_importer(path) is not None and _has_main(path):
        sys.path.insert(0, path)
        runpy._run_module_as_main("__main__", False)  # type: ignore[attr-defined]
        return
    if os.path.isdir(path):
        raise SystemExit(f"{sys.executable}: can't find '__main__' module in {path!r}")
    sys.path.insert(0, os.path.dirname(os.path.realpath(path)))
    _execute(_code(path), path)


def _has_main(path: str) -> bool:
    importer = pkgutil.get_importer(path)
    find = getattr(importer, "find_spec", None)
    return find is not None and find("__main__") is not None


def _code(path: str) -> CodeType:
    with io.open_code(path) as file:
        data = file.read()  # At once: what is no file on a disk can be read only once.
    code: CodeType | None = pkgutil.read_code(io.BytesIO(data))
    return compile(data, path, "exec", dont_inherit=True) if code is None else code


def _execute(code: CodeType, path: str | None = None) -> None:
    names = sys.modules["__main__"].__dict__
    if path is not None:
        names["__file__"] = path
        names["__cached__"] = None
        names["__loader__"] = importlib.machinery.SourceFileLoader("__main__", path)
    exec(code, names)


def _end(error: BaseException) -> int:
    """Says how the program ended, as python does, and gives the exit code."""
    if isinstance(error, SystemExit):
        return _exit_code(error.code)
    own = _without_our_frames(error.__traceback__)
    error.__traceback__ = own
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error, own
    sys.last_exc = error  # type: ignore[attr-defined,unused-ignore]
    try:
        sys.excepthook(type(error), error, own)
    except SystemExit as hook_exit:
        return _exit_code(hook_exit.code)
    except BaseException as hook_error:
        _hook_failed(hook_error, error)
    return _INTERRUPTED if isinstance(error, KeyboardInterrupt) else 1


def _exit_code(code: Any) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    _print_error(f"{code}\n")
    return 1


def _hook_failed(hook_error: BaseException, error: BaseException) -> None:
    own = _without_our_frames(hook_error.__traceback__)
    _print_error("Error in sys.excepthook:\n")
    _print_error("".join(traceback.format_exception(type(hook_error), hook_error, own)))
    _print_error("\nOriginal exception was:\n")
    _print_error("".join(traceback.format_exception(error)))


def _print_error(text: str) -> None:
    stream: TextIO | None = sys.stderr
    if stream is not None:
        stream.write(text)
        stream.flush()


def _without_our_frames(tb: TracebackType | None) -> TracebackType | None:
    while tb is not None and tb.tb_frame.f_code.co_filename == __file__:
        tb = tb.tb_next
    return tb


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        # A stream may be closed, or replaced by the program: finalisation reports what matters.
        with contextlib.suppress(AttributeError, OSError, ValueError):
            stream.flush()
