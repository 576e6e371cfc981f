"""Print where this Python lies, and end with the exit code that the argument names."""

import sys

print(sys.prefix)
sys.exit(int(sys.argv[1]))
