"""Makes a fresh interpreter look as its user expects; runs on Python's main thread."""

import site
import sys
import threading  # noqa: F401  (whichever thread imports it first is the main one, it believes)
from collections.abc import Sequence

from sluice import _process


def start(
    arguments: Sequence[str],
    executable: str,
    adopted_prefix: str | None,
    adopted_packages: Sequence[str],
) -> None:
    """Called once, by Java, before anything of the user's is imported.

    adopted_prefix is None unless another interpreter's library serves an environment: then
    sys.prefix becomes the environment's, whose package folders go before the library's own.
    """
    sys.argv[:] = arguments
    sys.executable = executable
    if adopted_prefix is not None:
        _adopt(adopted_prefix, adopted_packages)
    _process.install()


def start_beside(
    path: Sequence[str], arguments: Sequence[str], executable: str, prefix: str
) -> None:
    """The same for an interpreter beside the main one, which has the given sys.path."""
    sys.path[:] = path
    sys.argv = [*arguments]
    sys.executable = executable
    sys.prefix = sys.exec_prefix = prefix
    _process.install()


def _adopt(prefix: str, packages: Sequence[str]) -> None:
    sys.prefix = sys.exec_prefix = prefix
    own = [entry for entry in sys.path if entry.endswith(("site-packages", "dist-packages"))]
    for entry in own:
        sys.path.remove(entry)
    known = set(sys.path)
    for folder in packages:
        site.addsitedir(folder, known)
    sys.path.append(sys.path.pop(sys.path.index(_here())))


def _here() -> str:
    return __file__.rpartition("/sluice/")[0]
