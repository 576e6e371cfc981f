"""How microthreads wait for sockets, and for TLS on them: on the loop's thread, without the loop.

A call is tried so that it does not wait; where it would, the microthread waits until the socket is
ready, within the socket's own timeout. What it raises is what CPython raises.
"""

import errno
import os
from _socket import MSG_DONTWAIT, MSG_WAITALL, SO_ERROR, SOL_SOCKET, socket
from collections.abc import Callable
from typing import Any

from sluice import _guard_farm, _guard_policy, _micro_attempts, _micro_pool
from sluice._guard_farm import UNDONE
from sluice._guard_predicates import numeric
from sluice._micro_attempts import plain_send, send
from sluice._micro_descriptors import IN, OUT, wait_ready
from sluice._micro_ports import ports_of, wait_for
from sluice._micro_run import now

_timeout_of = socket.gettimeout
_set_timeout = socket.settimeout
_connect_ex = socket.__dict__["connect_ex"]
_IN_PROGRESS = (errno.EINPROGRESS, errno.EALREADY, errno.EINTR)


class _Time:
    """What is left of a socket's timeout."""

    def __init__(self, of: Any) -> None:
        timeout = _timeout_of(of)
        self.timeout = timeout
        self._deadline: float | None = None

    def left(self) -> float | None:
        """The whole of it when it is asked for the first time, as nothing has been waited for."""
        if self._deadline is not None:
            return max(0.0, self._deadline - now())
        if self.timeout is not None:
            self._deadline = now() + self.timeout
        return self.timeout


def _wait(farmed: Any, sock: Any, mask: int, time: _Time, message: str = "timed out") -> None:
    """For who has tried."""
    left = time.left()
    if left != 0:
        port = ports_of(farmed.microthread).of(sock)
        wanted = (farmed.microthread, farmed.call.name, farmed.where)
        if port is not None:
            found = wait_for(*wanted, port, mask, left)
        else:
            found = wait_ready(*wanted, [(sock.fileno(), mask)], left)
        if found:
            return
    raise TimeoutError(message)


def _must_wait(farmed: Any, sock: Any, mask: int) -> bool:
    """Whether it was tried, and nothing has changed."""
    ports = farmed.microthread.home.ports
    port = None if ports is None else ports.by_fd.get(sock.fileno())
    if port is None or port.sock() is not sock:
        return False
    return port.dry if mask == IN else port.full  # type: ignore[no-any-return]


def _at_once(sock: Any, function: Callable[..., Any], *args: Any) -> Any:
    """A call that does not wait; nobody else sees the timeout that it has meanwhile."""
    timeout = _timeout_of(sock)
    _set_timeout(sock, 0)
    try:
        return function(*args)
    finally:
        if sock.fileno() != -1:
            _set_timeout(sock, timeout)


def _repeatable(name: str, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments of a call that is made again: buffers may come from an iterator."""
    if name in ("socket.recvmsg_into", "socket.sendmsg") and args and hasattr(args[0], "__next__"):
        return list(args[0]), *args[1:]
    return args


def _flagged(original: Any, mask: int) -> Any:
    """Of those whose last argument are flags."""

    def perform(farmed: Any, sock: Any, *args: Any) -> Any:
        if args[-1] & MSG_WAITALL:
            return _micro_pool.run(
                farmed.microthread, farmed.call.name, farmed.where, original, sock, *args
            )
        args = _repeatable(farmed.call.name, args)
        attempt = _ATTEMPTS.get(farmed.call.name)
        time = _Time(sock)
        while True:
            if not _must_wait(farmed, sock, mask):
                try:
                    if attempt is not None:
                        result = attempt(original, sock, *args)
                        if result is not UNDONE:
                            return result
                    if time.timeout is None:
                        return original(sock, *args[:-1], args[-1] | MSG_DONTWAIT)
                    return _at_once(sock, original, sock, *args)
                except BlockingIOError:
                    pass
            _wait(farmed, sock, mask, time)

    return perform


def _with_flag(name: str, args: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """The arguments of a call that is not to wait; None if it cannot be told so."""
    try:
        if name == "socket.sendto" and len(args) in (2, 3):
            data, *flags, address = args
            return data, (flags[0] if flags else 0) | MSG_DONTWAIT, address
        if name == "socket.sendmsg" and 0 < len(args) < 5:
            buffers = args[0]
            ancillary = args[1] if len(args) > 1 else ()
            flag = args[2] if len(args) > 2 else 0
            return buffers, ancillary, flag | MSG_DONTWAIT, *args[3:]
    except (TypeError, ValueError):
        pass  # the call says what is wrong
    return None


def _tried(original: Any, mask: int) -> Any:
    """Of those that are tried with another timeout of the socket's."""

    def perform(farmed: Any, sock: Any, *args: Any, **kwargs: Any) -> Any:
        time = _Time(sock)
        args = _repeatable(farmed.call.name, args)
        flagged = None if time.timeout is not None or kwargs else _with_flag(farmed.call.name, args)
        while True:
            try:
                if flagged is not None:
                    return original(sock, *flagged)
                return _at_once(sock, lambda: original(sock, *args, **kwargs))
            except BlockingIOError:
                pass
            _wait(farmed, sock, mask, time)

    return perform


def _sendall(_: Any, __: int) -> Any:
    def perform(farmed: Any, sock: Any, data: Any, flags: int = 0) -> None:
        time = _Time(sock)
        with memoryview(data) as view, view.cast("B") as rest:
            sent = 0
            while sent < len(rest) or not sent:
                if not _must_wait(farmed, sock, OUT):
                    try:
                        part = send(None, sock, rest[sent:], flags)
                        if part is UNDONE:
                            part = _at_once(sock, plain_send(), sock, rest[sent:], flags)
                        sent += part
                        if sent < len(rest):
                            continue
                        return
                    except BlockingIOError:
                        pass
                _wait(farmed, sock, OUT, time)

    return perform


def _connect(original: Any, _: int) -> Any:
    def perform(farmed: Any, sock: Any, address: Any) -> Any:
        from sluice._micro_calls import original_of  # noqa: PLC0415

        raises = farmed.call.name == "socket.connect"
        if isinstance(address, tuple) and address and not numeric(address[0]):
            return _micro_pool.run(
                farmed.microthread, farmed.call.name, farmed.where, original, sock, address
            )
        time = _Time(sock)
        number = _at_once(sock, original_of(_connect_ex), sock, address)
        if number in _IN_PROGRESS:
            # Whether it has ended, and not only changed: as it may be known from an attempt before.
            left = time.left()
            if left == 0 or not wait_ready(
                farmed.microthread, farmed.call.name, farmed.where, [(sock.fileno(), OUT)], left
            ):
                if raises:
                    raise TimeoutError("timed out")
                return errno.EWOULDBLOCK
            number = sock.getsockopt(SOL_SOCKET, SO_ERROR)
        elif number == errno.EAGAIN:  # the queue of a Unix socket is full
            return _micro_pool.run(
                farmed.microthread, farmed.call.name, farmed.where, original, sock, address
            )
        if raises and number:
            raise OSError(number, os.strerror(number))
        return None if raises else number

    return perform


#: What _flagged tries first.
_ATTEMPTS: dict[str, Callable[..., Any]] = {
    "socket.recv": _micro_attempts.receive,
    "socket.recv_into": _micro_attempts.receive_into,
    "socket.send": send,
}

_KINDS: dict[str, tuple[Callable[[Any, int], Any], int]] = {
    "socket.accept": (_tried, IN),
    "socket.connect": (_connect, OUT),
    "socket.connect_ex": (_connect, OUT),
    "socket.recv": (_flagged, IN),
    "socket.recv_into": (_flagged, IN),
    "socket.recvfrom": (_flagged, IN),
    "socket.recvfrom_into": (_flagged, IN),
    "socket.recvmsg": (_flagged, IN),
    "socket.recvmsg_into": (_flagged, IN),
    "socket.send": (_flagged, OUT),
    "socket.sendall": (_sendall, OUT),
    "socket.sendto": (_tried, OUT),
    "socket.sendmsg": (_tried, OUT),
    "socket.sendmsg_afalg": (_tried, OUT),
}

_SSL_TIMEOUTS = {
    "ssl.do_handshake": "_ssl.c: The handshake operation timed out",
    "ssl.read": "The read operation timed out",
    "ssl.write": "The write operation timed out",
    "ssl.shutdown": "The read operation timed out",
}


def of_socket(name: str, original: Any) -> Any:
    """What makes a call of a socket's."""
    kind, mask = _KINDS[name]
    return kind(original, mask)


def of_tls(name: str, original: Any) -> Any:
    """What makes a call of TLS's."""
    import ssl  # noqa: PLC0415 (only where it is used)

    def perform(farmed: Any, connection: Any, *args: Any) -> Any:
        sock = connection.owner
        time = _Time(sock)
        while True:
            try:
                return _at_once(sock, original, connection, *args)
            except ssl.SSLWantReadError:
                mask = IN
            except ssl.SSLWantWriteError:
                mask = OUT
            _wait(farmed, sock, mask, time, _SSL_TIMEOUTS[name])

    return perform


_guard_farm.kinds.update(_micro_attempts.ATTEMPTS)
_guard_policy.changed()
