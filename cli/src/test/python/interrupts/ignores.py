"""Says what SIGINT does, and reads a line."""

import signal

print(repr(signal.getsignal(signal.SIGINT)).strip("<>").split(":")[0], flush=True)
print("read", repr(input()))
