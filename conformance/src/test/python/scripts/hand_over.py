"""Start a program with an inherited descriptor, as a service manager does.

hand_over.py KIND PATH PROGRAM ARG...: in the arguments, fd:N stands for the descriptor. KIND is
tcp, unix (at PATH), silent (a socket that does not listen), file or closed.
"""

import os
import socket
import sys


def descriptor(kind: str, path: str) -> int:
    if kind in ("tcp", "silent"):
        opened = socket.create_server(("127.0.0.1", 0)) if kind == "tcp" else socket.socket()
        return opened.detach()
    if kind == "unix":
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen()
        return listener.detach()
    null = os.open(os.devnull, os.O_RDONLY)
    if kind == "closed":
        os.close(null)
    return null


kind, path, program, *arguments = sys.argv[1:]
number = descriptor(kind, path)
if kind != "closed":
    os.set_inheritable(number, True)
named = [argument.replace("fd:N", f"fd:{number}") for argument in arguments]
os.execv(program, [program, *named])
