"""Close the streams that are flushed at the end."""

import sys

print("last words", flush=True)
sys.stdout.close()
sys.stderr = None
