"""Show what a program can see of itself, of its input and of its end."""

import atexit
import sys

atexit.register(print, "atexit ran")
print("name", __name__)
print("file", __file__)
print("argv", sys.argv[1:])
print("path", sys.path[0])
print("input", sys.stdin.read() if "-" in sys.argv else None)
