"""Ends while a call keeps the loop's thread."""

import threading

import sluice

entered = threading.Event()


@sluice.run_in_loop
def keeps_it() -> None:
    entered.set()
    threading.Event().wait(30)


sluice.setup()
keeps_it()
entered.wait(20)
print("main is over")
