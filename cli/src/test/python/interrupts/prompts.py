"""Ask twice at the terminal, and say what Ctrl-C makes of it."""

import readline

assert readline
for _ in range(2):
    try:
        input("name? ")
    except BaseException as error:
        print("raised", repr(error), repr(error.__cause__), repr(error.__context__))
