"""End at once."""

import os

print("written", flush=True)
os._exit(5)
