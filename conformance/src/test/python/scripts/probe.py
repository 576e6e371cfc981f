"""Print which Python this is, when it has all that a served environment needs."""

import ctypes
import ensurepip
import sqlite3
import ssl
import sys
import sysconfig
import venv

needed = (ctypes, ensurepip, sqlite3, ssl, venv)
if all(needed) and sysconfig.get_config_var("Py_ENABLE_SHARED"):
    print("{}.{}".format(*sys.version_info))
