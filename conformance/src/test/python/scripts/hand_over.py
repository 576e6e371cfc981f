"""Start a program with an inherited descriptor, as a service manager does.

hand_over.py KIND PATH PROGRAM ARG...: in the arguments, fd:N stands for the descriptor. KIND is
tcp, unix (at PATH), silent (a socket that does not listen), file or closed; or systemd: two TCP
sockets from 3 on, told by variables as systemd does, the second one with the name http.
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


def activate() -> None:
    """Hand over as systemd does."""
    for number in (3, 4):
        os.dup2(descriptor("tcp", ""), number)
        os.set_inheritable(number, True)
    os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="2", LISTEN_FDNAMES="https:http")


kind, path, program, *arguments = sys.argv[1:]
if kind == "systemd":
    activate()
    os.execv(program, [program, *arguments])
number = descriptor(kind, path)
if kind != "closed":
    os.set_inheritable(number, True)
named = [argument.replace("fd:N", f"fd:{number}") for argument in arguments]
os.execv(program, [program, *named])
