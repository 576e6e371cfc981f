"""Exists, but imports a module that does not: not the same as a module that is not found."""

import no_such_dependency  # type: ignore[import-not-found]  # noqa: F401
