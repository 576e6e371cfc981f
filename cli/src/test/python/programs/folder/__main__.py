"""A folder that is a program."""

import sys

print(__name__, __spec__.name if __spec__ else None, repr(__package__), sys.argv, sys.path[0])
raise ValueError("in a folder")
