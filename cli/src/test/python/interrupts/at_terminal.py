"""Run a program at a terminal of its own, and press Ctrl-C at each prompt.

at_terminal.py PROGRAM ARG...: prints what appeared on the terminal and how the program ended.
"""

import os
import pty
import sys

PROMPT = b"name? "

pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
seen = b""
answered = 0
while True:
    try:
        data = os.read(terminal, 4096)
    except OSError:  # Linux says so at the end.
        data = b""
    if not data:
        break
    seen += data
    if seen.count(PROMPT) > answered:
        answered += 1
        os.write(terminal, b"\x03")
_, status = os.waitpid(pid, 0)
print(seen.decode(), "ended", os.waitstatus_to_exitcode(status))
