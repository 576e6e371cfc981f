"""An application whose import takes its time."""

import time

print("importing", flush=True)
time.sleep(3600)
