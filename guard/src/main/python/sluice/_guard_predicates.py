"""What the table of blocking calls asks, to learn whether a call cannot wait."""

import os
import stat
from _socket import AF_INET, AF_INET6, NI_NUMERICHOST, NI_NUMERICSERV, inet_pton, socket
from typing import Any

#: Whether a socket's timeout is not 0.
is_blocking = socket.getblocking
NUMERIC = NI_NUMERICHOST | NI_NUMERICSERV
WNOHANG = getattr(os, "WNOHANG", 0)
#: LOCK_NB and LOCK_UN of fcntl.
UNWAITING = 4 | 8
SETLKW = 7
LOCKF = tuple(getattr(os, name, None) for name in ("F_ULOCK", "F_TLOCK", "F_TEST"))

_get_blocking = getattr(os, "get_blocking", None)
_fstat = os.fstat


def numeric(host: Any) -> bool:
    """Whether a name is an address already, for which nobody is asked."""
    if not host:
        return True
    text = host.decode("ascii", "replace") if isinstance(host, bytes | bytearray) else host
    if not isinstance(text, str):
        return False
    if text == "localhost":
        return False
    for family in (AF_INET, AF_INET6):
        try:
            inet_pton(family, text.partition("%")[0])
        except (OSError, ValueError):
            continue
        return True
    return False


def cannot_wait(fd: Any) -> bool:
    """Whether a descriptor is not in blocking mode, or an ordinary file, or none at all."""
    try:
        if _get_blocking is not None and not _get_blocking(fd):
            return True
        return stat.S_ISREG(_fstat(fd).st_mode)
    except (OSError, TypeError, OverflowError):
        return True  # the call says what is wrong


def no_socket_waits(connection: Any) -> bool:
    """Whether an object of _ssl has no socket below it, or one that does not wait."""
    owner = connection.owner
    return not isinstance(owner, socket) or not is_blocking(owner)


def is_output(file: Any) -> bool:
    """Whether a file is the program's standard output or error."""
    try:
        return file.fileno() in (1, 2)
    except ValueError:
        return True  # it is closed, which the call says
