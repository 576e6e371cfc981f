"""A module that fails when it is run."""

import sys

print(__name__, __spec__.name if __spec__ else None, sys.argv, sys.path[0])
raise ValueError("in a module")
