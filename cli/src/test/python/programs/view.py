"""Say what a program can see of itself."""

import pickle
import sys
import threading

import __main__


class Thing:
    """Something to pickle: its module must be __main__."""


print(__name__, __file__, __spec__, __package__, __builtins__)
print(sys.argv, sys.orig_argv[1:], sys.path[0], sys.flags)
print(sorted(name for name in vars(__main__) if name.startswith("__")))
print(type(pickle.loads(pickle.dumps(Thing()))))
print(threading.current_thread() is threading.main_thread(), threading.active_count())
print(sys.prefix == sys.exec_prefix, sys.executable)
