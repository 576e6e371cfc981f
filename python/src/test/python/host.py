"""A Python program that starts a JVM in its own process; RunningTest runs it on a plain Python.

    host.py LIBJVM CLASSPATH PROGRAM [JVM OPTION]...

It calls the static methods of dev.sluice.python.RunningChild, of which PROGRAM is one.
"""

import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

JNI_VERSION = 0x00150000
DETACH, ATTACH = 5, 4
FIND_CLASS, NEW_GLOBAL_REF, GET_STATIC_METHOD, CALL_STATIC_VOID = 6, 21, 113, 143
EXCEPTION_CHECK, EXCEPTION_DESCRIBE, EXCEPTION_CLEAR = 228, 16, 17
CHILD = b"dev/sluice/python/RunningChild"

Pointer = ctypes.c_void_p


class Option(ctypes.Structure):
    _fields_ = [("text", ctypes.c_char_p), ("extra", Pointer)]


class Arguments(ctypes.Structure):
    _fields_ = [
        ("version", ctypes.c_int32),
        ("count", ctypes.c_int32),
        ("options", ctypes.POINTER(Option)),
        ("lenient", ctypes.c_uint8),
    ]


class Jvm:
    """The functions of JNI that are needed here, by their places in its tables."""

    def __init__(self, library: str, *options: str) -> None:
        lines = (Option * len(options))(*(Option(option.encode()) for option in options))
        arguments = Arguments(JNI_VERSION, len(options), lines, 0)
        self.vm, env = Pointer(), Pointer()
        code = ctypes.CDLL(library).JNI_CreateJavaVM(
            ctypes.byref(self.vm), ctypes.byref(env), ctypes.byref(arguments)
        )
        assert code == 0, code
        # Asked for later, from within Java, it would be looked for where that Java comes from.
        found = self._function(env, FIND_CLASS, Pointer, Pointer, ctypes.c_char_p)(env, CHILD)
        assert found, CHILD
        self.child = self._function(env, NEW_GLOBAL_REF, Pointer, Pointer, Pointer)(env, found)

    def _function(self, table: Pointer, place: int, *types: Any, keeps_gil: bool = False) -> Any:
        functions = ctypes.cast(table, ctypes.POINTER(ctypes.POINTER(Pointer))).contents
        kind = ctypes.PYFUNCTYPE if keeps_gil else ctypes.CFUNCTYPE
        return kind(*types)(functions[place])

    def attach(self) -> Pointer:
        env = Pointer()
        attach = self._function(self.vm, ATTACH, ctypes.c_int, Pointer, Pointer, Pointer)
        assert attach(self.vm, ctypes.byref(env), None) == 0
        return env

    def detach(self) -> None:
        self._function(self.vm, DETACH, ctypes.c_int, Pointer)(self.vm)

    def call(self, method: str, keeps_gil: bool = False) -> None:
        """Calls a static method without parameters or result."""
        env = self.attach()
        get = self._function(
            env,
            GET_STATIC_METHOD,
            Pointer,
            Pointer,
            Pointer,
            ctypes.c_char_p,
            ctypes.c_char_p,
        )
        method_id = get(env, self.child, method.encode(), b"()V")
        assert method_id, method
        self._function(
            env, CALL_STATIC_VOID, None, Pointer, Pointer, Pointer, Pointer, keeps_gil=keeps_gil
        )(env, self.child, method_id, None)
        if self._function(env, EXCEPTION_CHECK, ctypes.c_uint8, Pointer)(env):
            self._function(env, EXCEPTION_DESCRIBE, None, Pointer)(env)
            self._function(env, EXCEPTION_CLEAR, None, Pointer)(env)
            raise SystemExit(3)


def say(*words: Any) -> None:
    print(*words, flush=True)


def state() -> int:
    """The thread state that CPython has for this thread."""
    function = ctypes.pythonapi.PyGILState_GetThisThreadState
    function.restype = ctypes.c_size_t
    return int(function())


def states() -> int:
    """How many thread states the interpreter has."""
    head, following = (
        ctypes.pythonapi.PyInterpreterState_ThreadHead,
        ctypes.pythonapi.PyThreadState_Next,
    )
    head.restype = following.restype = Pointer
    ctypes.pythonapi.PyInterpreterState_Main.restype = Pointer
    count, each = 0, head(Pointer(ctypes.pythonapi.PyInterpreterState_Main()))
    while each:
        count, each = count + 1, following(Pointer(each))
    return count


def called_back() -> str:
    """Has C code call Python while this thread keeps the GIL, as extension modules may."""
    comparison = ctypes.CFUNCTYPE(ctypes.c_int, Pointer, Pointer)
    ctypes.PyDLL(None).qsort((ctypes.c_int * 2)(2, 1), 2, 4, comparison(lambda a, b: 0))
    return "called back"


def in_thread(task: Callable[[], object]) -> None:
    thread = threading.Thread(target=task)
    thread.start()
    thread.join()


def in_jvm_thread(method: str) -> None:
    """Calls Java on a thread of Python's own, which must be the same to both."""

    def run() -> None:
        jvm.call(method)
        jvm.detach()

    in_thread(run)


def refused(task: Callable[[], object]) -> str:
    try:
        return f"allowed: {task()!r}"
    except BaseException as e:
        return f"{type(e).__name__}: {e}"


local = threading.local()
kept: list[Any] = []
before = os.__dict__.get("fork")


def after() -> None:
    """What a program still does when Sluice has left it."""
    say("kept:", [refused(lambda each=each: each.getCount()) for each in kept])
    say("function:", [refused(lambda each=each: each()) for each in kept if callable(each)])
    say("import:", refused(lambda: __import__("no_such_module")))
    if "sluice.java" in sys.modules:
        say("type:", refused(lambda: sys.modules["sluice.java"].type("java.lang.String")))
    say("fork:", os.__dict__.get("fork") is before)
    kept.clear()
    in_thread(lambda: say("thread", sum(range(10))))
    say("state:", state() == own, called_back(), "deep", deep(100))


def deep(levels: int) -> int:
    return min([1], key=lambda _: deep(levels - 1)) if levels else 0


def main(program: str) -> None:
    if program == "python_threads":
        jvm.call("open")
        threads = [threading.Thread(target=in_jvm_thread, args=("attach",)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        jvm.call("close")
    elif program == "interrupt":
        jvm.call("open")
        # A process that was started in the background ignores it, and so does Python then.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            jvm.call("interrupt")
            time.sleep(60)
            say("wrong: not interrupted")
        except KeyboardInterrupt:
            say("interrupted")
        jvm.call("close")
    elif program == "main_thread":
        jvm.call(program)
        while signal.getsignal(signal.SIGUSR1) == signal.SIG_DFL:
            time.sleep(0.001)
        signal.raise_signal(signal.SIGUSR1)
        jvm.call("close")
    elif program == "deep":
        jvm.call(program)
        say("recursion:", refused(lambda: deep(1_000_000)).partition(":")[0])
        in_jvm_thread(program)
        jvm.call("close")
    elif program == "threading_missing":
        module = sys.modules.pop("threading")
        jvm.call(program)
        sys.modules["threading"] = module
    elif program == "keeping_gil":
        jvm.call(program, keeps_gil=True)
    else:
        jvm.call(program)
    if program not in ("left_open", "threading_missing"):
        after()


if __name__ == "__main__":
    local.name = "of the main thread"
    own = state()
    # Not on this thread, for whose stack the JVM would then set limits of its own.
    created: list[Jvm] = []

    def create() -> None:
        jvm = Jvm(
            sys.argv[1],
            f"-Djava.class.path={sys.argv[2]}",
            f"-Dtest.executable={sys.executable}",
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseSerialGC",
            "-Xrs",
            "-Xcheck:jni",
            *sys.argv[4:],
        )
        jvm.detach()
        created.append(jvm)

    in_thread(create)
    jvm = created[0]
    main(sys.argv[3])
    say("the end")
