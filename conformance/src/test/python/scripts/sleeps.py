"""Sleep until interrupted; catch the interrupt when asked to."""

import sys
import time

print("sleeping", flush=True)
if "catch" in sys.argv:
    try:
        time.sleep(60)
    except KeyboardInterrupt:
        print("caught", flush=True)
        sys.exit(3)
    finally:
        print("finally ran", flush=True)
time.sleep(60)
