"""What can block a thread, in one table."""

from dataclasses import dataclass

#: Left out of "default": they are called so often that their cost shows, and mostly do not wait.
HOT = frozenset({"files", "locks"})


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A function, or a method of a type of C, that can block.

    Functions of Python's block only through these, and need no row.
    """

    #: What users call it, in allowances and reports.
    name: str
    category: str
    #: Where it is: a module of C, and the path within it.
    module: str
    path: str
    #: As in a definition; arguments whose names nobody uses have none.
    parameters: str
    #: An expression of the parameters and of _guard_predicates that is true where it cannot wait.
    passes: str = ""
    #: How a microthread would wait for it: by a timer, the loop, a lock's own list, or a thread.
    farm: str = "thread"
    #: What it returns must not be lost to a signal: it is handed on without a step between.
    straight: bool = False
    #: The method that undoes it, if it is hit by a signal after it has been done.
    undo: str = ""
    #: Like passes, where that takes a while to find out: asked last.
    asks: str = ""


#: Methods of sockets, and their parameters.
_SOCKET = {
    "_accept": "",
    "connect": "address, /",
    "connect_ex": "address, /",
    "recv": "bufsize, flags=0, /",
    "recv_into": "buffer, nbytes=0, flags=0",
    "recvfrom": "bufsize, flags=0, /",
    "recvfrom_into": "buffer, nbytes=0, flags=0",
    "recvmsg": "bufsize, ancbufsize=0, flags=0, /",
    "recvmsg_into": "buffers, ancbufsize=0, flags=0, /",
    "send": "data, flags=0, /",
    "sendall": "data, flags=0, /",
    "sendto": "*args",
    "sendmsg": "*args",
    "sendmsg_afalg": "*args, **kwargs",
}


def _sockets() -> list[Call]:
    """They do not wait if the socket has the timeout 0."""
    return [
        Call(
            f"socket.{name.lstrip('_')}",
            "sockets",
            "_socket",
            f"socket.{name}",
            f"self, {parameters}",
            "not is_blocking(self)",
            "loop",
        )
        for name, parameters in _SOCKET.items()
    ]


def _os(category: str, names: str, parameters: str, asks: str = "") -> list[Call]:
    return [
        Call(f"os.{each}", category, "posix", each, parameters, asks=asks) for each in names.split()
    ]


def _methods(category: str, owner: str, module: str, names: str) -> list[Call]:
    shown = owner if owner[0] != "_" else owner[1:]
    return [
        Call(
            f"{module.lstrip('_')}.{shown}.{each}",
            category,
            module,
            f"{owner}.{each}",
            "self, *args, **kwargs",
        )
        for each in names.split()
    ]


def _acquire(kind: str, name: str, parameters: str) -> Call:
    return Call(
        f"threading.{kind}.{name}",
        "locks",
        "_thread",
        f"{'lock' if kind == 'Lock' else kind}.{name}",
        parameters,
        farm="lock",
        straight=True,
        undo="release",
    )


def _locks() -> list[Call]:
    return [
        _acquire(kind, name, parameters)
        for kind in ("Lock", "RLock")
        for name, parameters in (
            ("acquire", "self, blocking=True, timeout=-1"),
            ("acquire_lock", "self, blocking=True, timeout=-1"),
            ("__enter__", "self"),
        )
    ]


_ANY = "*args, **kwargs"
_NO_TIME = "timeout is not None and timeout == 0"

TABLE: tuple[Call, ...] = (
    # name                category   module     path          parameters
    Call(
        "time.sleep",
        "sleep",
        "time",
        "sleep",
        "seconds, /",
        # For a microthread it is a place to let others run, as it is for a thread.
        "seconds == 0 and not farms('sleep')",
        "timer",
        asks="seconds == 0 and microthread() is None",
    ),
    Call(
        "select.select",
        "select",
        "select",
        "select",
        "rlist, wlist, xlist, timeout=None, /",
        _NO_TIME,
        "loop",
    ),
    Call("select.poll", "select", "select", "poll.poll", "self, timeout=None, /", _NO_TIME, "loop"),
    Call(
        "select.epoll",
        "select",
        "select",
        "epoll.poll",
        "self, timeout=None, maxevents=-1",
        _NO_TIME,
        "loop",
    ),
    Call(
        "select.devpoll",
        "select",
        "select",
        "devpoll.poll",
        "self, timeout=None, /",
        _NO_TIME,
        "loop",
    ),
    Call(
        "select.kqueue",
        "select",
        "select",
        "kqueue.control",
        "self, changelist, maxevents, timeout=None, /",
        "maxevents == 0 or " + _NO_TIME,
        "loop",
    ),
    *_sockets(),
    Call(
        "socket.getaddrinfo",
        "dns",
        "_socket",
        "getaddrinfo",
        "host, port, family=0, type=0, proto=0, flags=0",
        asks="numeric(host)",
    ),
    Call(
        "socket.gethostbyname", "dns", "_socket", "gethostbyname", "host, /", asks="numeric(host)"
    ),
    Call(
        "socket.gethostbyname_ex",
        "dns",
        "_socket",
        "gethostbyname_ex",
        "host, /",
        asks="numeric(host)",
    ),
    Call("socket.gethostbyaddr", "dns", "_socket", "gethostbyaddr", "host, /"),
    Call(
        "socket.getnameinfo",
        "dns",
        "_socket",
        "getnameinfo",
        "address, flags, /",
        "flags & NUMERIC == NUMERIC",
    ),
    *(
        Call(
            f"ssl.{each}",
            "tls",
            "_ssl",
            f"_SSLSocket.{each}",
            "self, *args",
            "no_socket_waits(self)",
            "loop",
        )
        for each in ("do_handshake", "read", "write", "shutdown")
    ),
    Call("os.read", "pipes", "posix", "read", "fd, length, /", asks="cannot_wait(fd)"),
    Call("os.write", "pipes", "posix", "write", "fd, data, /", asks="cannot_wait(fd)"),
    Call("os.readv", "pipes", "posix", "readv", "fd, buffers, /", asks="cannot_wait(fd)"),
    Call("os.writev", "pipes", "posix", "writev", "fd, buffers, /", asks="cannot_wait(fd)"),
    *_os("pipes", "sendfile splice", "out_fd, in_fd, *args, **kwargs", "cannot_wait(out_fd)"),
    Call("input", "input", "builtins", "input", "prompt='', /"),
    Call("os.waitpid", "processes", "posix", "waitpid", "pid, options, /", "options & WNOHANG"),
    Call("os.wait", "processes", "posix", "wait", ""),
    Call("os.wait3", "processes", "posix", "wait3", "options", "options & WNOHANG"),
    Call("os.wait4", "processes", "posix", "wait4", "pid, options", "options & WNOHANG"),
    Call(
        "os.waitid",
        "processes",
        "posix",
        "waitid",
        "idtype, id, options, /",
        "options & WNOHANG",
    ),
    *_os("processes", "system posix_spawn posix_spawnp", _ANY),
    # It keeps the GIL, so that no other thread could help.
    Call("subprocess.Popen", "processes", "_posixsubprocess", "fork_exec", "*args", farm="here"),
    Call(
        "threading.Thread.join",
        "threads",
        "_thread",
        "_ThreadHandle.join",
        "self, timeout=None",
        "self.is_done() or " + _NO_TIME,
        "lock",
    ),
    Call(
        "queue.SimpleQueue.get",
        "queues",
        "_queue",
        "SimpleQueue.get",
        "self, block=True, timeout=None",
        f"not block or {_NO_TIME}",
        "lock",
        straight=True,
    ),
    Call("signal.sigwait", "signals", "_signal", "sigwait", "sigset, /"),
    Call("signal.sigwaitinfo", "signals", "_signal", "sigwaitinfo", "sigset, /"),
    Call(
        "signal.sigtimedwait",
        "signals",
        "_signal",
        "sigtimedwait",
        "sigset, timeout, /",
        "timeout == 0",
    ),
    Call("signal.pause", "signals", "_signal", "pause", ""),
    Call("fcntl.flock", "fcntl", "fcntl", "flock", "fd, operation, /", "operation & UNWAITING"),
    Call("fcntl.lockf", "fcntl", "fcntl", "lockf", "fd, cmd, *args", "cmd & UNWAITING"),
    Call("fcntl.fcntl", "fcntl", "fcntl", "fcntl", "fd, cmd, arg=0, /", "cmd != SETLKW"),
    Call("os.lockf", "fcntl", "posix", "lockf", "fd, command, length, /", "command in LOCKF"),
    Call("sqlite3.connect", "sqlite", "_sqlite3", "connect", _ANY),
    *_methods(
        "sqlite",
        "Connection",
        "_sqlite3",
        "execute executemany executescript commit rollback backup blobopen close __exit__",
    ),
    *_methods(
        "sqlite",
        "Cursor",
        "_sqlite3",
        "execute executemany executescript fetchone fetchmany fetchall __next__",
    ),
    *_methods("sqlite", "Blob", "_sqlite3", "read write"),
    Call("open", "files", "_io", "open", "file, *args, **kwargs", asks="isinstance(file, int)"),
    Call("io.open_code", "files", "_io", "open_code", "path"),
    *_methods("files", "FileIO", "_io", "read readall readinto"),
    Call("io.FileIO.write", "files", "_io", "FileIO.write", "self, data, /", "is_output(self)"),
    *_os("files", "pread pwrite preadv pwritev copy_file_range", _ANY),
    *_os("files", "open stat lstat statvfs access listdir scandir readlink", _ANY),
    *_os("files", "rename replace remove unlink mkdir rmdir link symlink", _ANY),
    *_os("files", "chmod chown lchown utime truncate ftruncate mkfifo mknod", _ANY),
    *_os("files", "fsync fdatasync sync posix_fallocate", _ANY),
    *_locks(),
    Call(
        "multiprocessing.SemLock.acquire",
        "locks",
        "_multiprocessing",
        "SemLock.acquire",
        "self, block=True, timeout=None",
        farm="lock",
        straight=True,
        undo="release",
    ),
    Call(
        "multiprocessing.SemLock.__enter__",
        "locks",
        "_multiprocessing",
        "SemLock.__enter__",
        "self",
        farm="lock",
        straight=True,
        undo="release",
    ),
)

#: What gives back or puts what microthreads may wait for; bound while calls are farmed out.
TELLING = (
    *(
        Call(f"threading.{kind}.{name}", "locks", "_thread", f"{path}.{name}", "self", farm="tell")
        for kind, path, name in (
            ("Lock", "lock", "release"),
            ("Lock", "lock", "release_lock"),
            ("RLock", "RLock", "release"),
        )
    ),
    Call(
        "threading.RLock._acquire_restore",
        "locks",
        "_thread",
        "RLock._acquire_restore",
        "self, state, /",
        farm="restore",
    ),
    Call(
        "queue.SimpleQueue.put",
        "queues",
        "_queue",
        "SimpleQueue.put",
        "self, item, block=True, timeout=None",
        farm="tell",
    ),
    Call(
        "queue.SimpleQueue.put_nowait",
        "queues",
        "_queue",
        "SimpleQueue.put_nowait",
        "self, item",
        farm="tell",
    ),
)

#: No function that could be rebound: see _guard_imports.
IMPORT = Call("import", "imports", "", "", "")

CATEGORIES = frozenset(call.category for call in (*TABLE, IMPORT))
DEFAULT = CATEGORIES - HOT
