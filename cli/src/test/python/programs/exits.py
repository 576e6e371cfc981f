"""End with the exit that the argument names."""

import sys

CODES: dict[str, object] = {"none": None, "text": "a message", "list": [1], "true": True}
code = CODES.get(sys.argv[1])
sys.exit(int(sys.argv[1]) if sys.argv[1].lstrip("-").isdigit() else code)  # type: ignore[arg-type]
