"""What an environment holds, one ``sluice:key=value`` a line.

With arguments, also whether an application can be imported. Run by ``sluice doctor`` on standard
input of the environment's own Python, so that nothing of Sluice is in the way. Arguments: the
folder of the application, and MODULE[:APP].
"""

import importlib
import importlib.metadata
import site
import subprocess
import sys
import traceback
from types import TracebackType

_NAME = "NAME"
_IMPORTER = f"import sys; sys.path[:] = {{}}; import {_NAME}"
_OWN_GIL_SINCE = 0x030D0000
_NOT_FOUND = 3
_RAISED = 4


def _say(key: str, value: object) -> None:
    print(f"sluice:{key}={value}", flush=True)


def _describe() -> None:
    for folder in site.getsitepackages():
        _say("site_packages", folder)
    if site.ENABLE_USER_SITE:
        _say("site_packages", site.getusersitepackages())
    _say("distributions", len({d.metadata["Name"] for d in importlib.metadata.distributions()}))
    try:
        _say("pip", importlib.metadata.version("pip"))
    except importlib.metadata.PackageNotFoundError:
        _say("pip", "-")


def _import(folder: str, application: str) -> int:
    module_name, _, attribute = application.partition(":")
    sys.path.insert(0, folder)
    try:
        found: object = importlib.import_module(module_name)
    except BaseException as error:
        missing = getattr(error, "name", None) or " "
        if isinstance(error, ModuleNotFoundError) and f"{module_name}.".startswith(f"{missing}."):
            _say("application", f"there is no module {module_name} in {folder} or on sys.path")
            return _NOT_FOUND
        traceback.print_exception(type(error), error, _own(error.__traceback__))
        _say("application", f"it raised {type(error).__name__} while it was imported")
        return _RAISED
    names = attribute.split(".") if attribute else []
    if not attribute:
        names = [name for name in ("application", "app") if hasattr(found, name)][:1]
        if not names:
            _say("application", f"{module_name} has neither application nor app")
            return _NOT_FOUND
    for name in names:
        if not hasattr(found, name):
            _say("application", f"{module_name} has no {'.'.join(names)}")
            return _NOT_FOUND
        found = getattr(found, name)
    if not callable(found):
        kind = type(found).__name__
        _say("application", f"{'.'.join(names)} is a {kind}, which cannot be called")
        return _NOT_FOUND
    _say("application", f"{module_name}:{'.'.join(names)} can be imported")
    return 0


def _own_gil(folder: str, module: str) -> str:
    """Whether the module can be imported in an interpreter with a GIL of its own; else why not.

    Asked of a process of its own: an extension module that is not made for it may crash.
    """
    if sys.hexversion < _OWN_GIL_SINCE:
        return "no: interpreters with a GIL of their own need Python 3.13 or newer"
    program = (
        "import sys, _interpreters as i\n"
        f"failed = i.exec(i.create('isolated'), {_IMPORTER!r}.format([{folder!r}, *sys.path]))\n"
        "sys.exit(0 if failed is None else failed.msg or failed.type.__name__)"
    ).replace(_NAME, module)
    command = [sys.executable, "-c", program]
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        return "not known: the import did not end within a minute"
    if ended.returncode == 0:
        return f"{module} can be imported in an interpreter with a GIL of its own"
    if ended.returncode < 0:
        return f"no: importing {module} there ends the process (signal {-ended.returncode})"
    reasons = ended.stderr.strip().splitlines() or ["no reason given"]
    return f"no: {reasons[-1]}. It runs in the main interpreter, or in several processes"


def _own(tb: TracebackType | None) -> TracebackType | None:
    """Leaves out the frames that only import."""
    while tb is not None:
        name = tb.tb_frame.f_code.co_filename
        if name != "<stdin>" and "importlib" not in name:
            return tb
        tb = tb.tb_next
    return tb


# The script came in on standard input; the working directory must not stand in for a package.
sys.path[:] = [entry for entry in sys.path if entry]
_describe()
if len(sys.argv) > 1:
    code = _import(*sys.argv[1:3])
    name = sys.argv[2].partition(":")[0]
    if name.replace(".", "").isidentifier() and name in sys.modules:
        _say("own_gil", _own_gil(sys.argv[1], name))
    sys.exit(code)
