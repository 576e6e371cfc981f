"""End the main thread first: the program ends when the other is done, as Python's does."""

import threading
import time


def late() -> None:
    time.sleep(0.3)
    print("late thread done", flush=True)


threading.Thread(target=late).start()
print("main done", flush=True)
