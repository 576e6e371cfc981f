"""End with the exit that the argument names."""

import sys

code: int | str | None = {"text": "a message", "none": None}.get(sys.argv[1])
sys.exit(int(sys.argv[1]) if sys.argv[1].isdigit() else code)
