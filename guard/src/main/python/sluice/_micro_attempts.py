"""Calls of sockets as a microthread makes them first: so that they do not wait.

On the loop's thread. Most of what is sent goes at once, and then nobody has to know who calls. A
socket with a timeout is not in blocking mode as the system sees it, so reading and writing its
descriptor does not wait; one without a timeout is told so with each call.
"""

import os
from _socket import MSG_DONTWAIT, socket
from collections.abc import Callable
from typing import Any

from sluice import _guard_binding
from sluice._guard_farm import UNDONE, Rest

_timeout_of = socket.gettimeout
_fileno = socket.fileno
_write: Callable[[int, Any], int] = _guard_binding.original(os.write)
_read: Callable[[int, int], bytes] = _guard_binding.original(os.read)
_readv: Callable[[int, Any], int] = _guard_binding.original(os.readv)
_plain_send: Any = None


def plain_send() -> Any:
    """The socket's own send."""
    global _plain_send  # noqa: PLW0603
    if _plain_send is None:
        _plain_send = socket.__dict__["send"]
        for bound in _guard_binding.bound.values():
            if bound.call.name == "socket.send":
                _plain_send = bound.original
    return _plain_send


def receive(original: Any, sock: Any, size: Any, flags: Any) -> Any:
    """recv, if that need not wait: else it raises BlockingIOError, or does nothing."""
    if _timeout_of(sock) is None:
        return original(sock, size, flags | MSG_DONTWAIT)
    if flags == 0 < size:
        return _read(_fileno(sock), size)
    return UNDONE


def receive_into(original: Any, sock: Any, buffer: Any, size: Any, flags: Any) -> Any:
    """recv_into likewise."""
    if _timeout_of(sock) is None:
        return original(sock, buffer, size, flags | MSG_DONTWAIT)
    if flags == 0 == size:
        return _readv(_fileno(sock), (buffer,))
    return UNDONE


def send(_: Any, sock: Any, data: Any, flags: Any) -> Any:
    """send likewise."""
    if _timeout_of(sock) is None:
        return plain_send()(sock, data, flags | MSG_DONTWAIT)
    if flags == 0:
        return _write(_fileno(sock), data)
    return UNDONE


def _in(attempt: Callable[..., Any]) -> Callable[..., Any]:
    """Where it would wait, what is known of the socket says so from then on."""

    def receiving(microthread: Any, original: Any, sock: Any, *args: Any) -> Any:
        port = _port(microthread, sock)
        if port is None:
            try:
                return attempt(original, sock, *args)
            except BlockingIOError:
                return UNDONE
        if port.dry:
            return UNDONE
        try:
            return attempt(original, sock, *args)
        except BlockingIOError:
            port.dry = True
        return UNDONE

    return receiving


def _sending(microthread: Any, original: Any, sock: Any, data: Any, flags: Any) -> Any:
    port = _port(microthread, sock)
    if port is not None and port.full:
        return UNDONE
    try:
        return send(original, sock, data, flags)
    except BlockingIOError:
        if port is not None:
            port.full = True
    return UNDONE


def _sending_all(microthread: Any, original: Any, sock: Any, data: Any, flags: Any) -> Any:
    size = len(data) if data.__class__ is bytes else memoryview(data).nbytes
    sent: Any = _sending(microthread, original, sock, data, flags) if size else UNDONE
    if sent == size:
        return None
    if sent is UNDONE:
        return UNDONE
    view: Any = memoryview(data).cast("B")
    return Rest((sock, view[sent:], flags))


def _port(microthread: Any, sock: Any) -> Any:
    """The socket's, if somebody has waited for it."""
    ports = microthread.home.ports
    if ports is None:
        return None
    port = ports.by_fd.get(_fileno(sock))
    return port if port is not None and port.sock() is sock else None


#: By the names of calls.
ATTEMPTS: dict[str, Callable[..., Any]] = {
    "socket.recv": _in(receive),
    "socket.recv_into": _in(receive_into),
    "socket.send": _sending,
    "socket.sendall": _sending_all,
}
