"""Read all of standard input, and end with its length."""

import sys

print("ready", flush=True)
sys.exit(len(sys.stdin.read()))
