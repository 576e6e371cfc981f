"""What an environment holds, one ``sluice:key=value`` a line.

With arguments, also whether an application can be imported. Run by ``sluice doctor`` on standard
input of the environment's own Python, so that nothing of Sluice is in the way. Arguments: the
folder of the application, and MODULE[:APP].
"""

import importlib
import importlib.metadata
import site
import sys
import traceback
from types import TracebackType

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
    sys.exit(_import(*sys.argv[1:3]))
