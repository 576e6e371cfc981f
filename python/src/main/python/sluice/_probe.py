"""What a Python is, one ``sluice:key=value`` a line. Read by dev.sluice.python.install.Probe.

It comes in on standard input and must run on whatever Python a user names: so nothing here is
newer than Python 2.7.
"""

import sys

# The working directory must not stand in for the standard library.
sys.path[:] = [entry for entry in sys.path if entry]

import os  # noqa: E402
import site  # noqa: E402
import sysconfig  # noqa: E402

facts = [
    ("version", sys.version.split()[0]),
    (
        "implementation",
        sys.implementation.name
        if hasattr(sys, "implementation")
        else "pypy"
        if hasattr(sys, "pypy_version_info")
        else "cpython",
    ),
    ("executable", sys.executable),
    ("prefix", sys.prefix),
    ("base_prefix", getattr(sys, "base_prefix", sys.prefix)),
    ("platform", sysconfig.get_platform()),
    ("bits", "64" if sys.maxsize > 2**32 else "32"),
]
for name in (
    "LIBDIR",
    "LDLIBRARY",
    "INSTSONAME",
    "MULTIARCH",
    "PYTHONFRAMEWORKPREFIX",
    "Py_GIL_DISABLED",
):
    facts.append((name, sysconfig.get_config_var(name)))
for folder in getattr(site, "getsitepackages", list)():
    facts.append(("site_packages", folder))
if getattr(site, "ENABLE_USER_SITE", False):
    facts.append(("user_site", site.getusersitepackages()))

output = getattr(sys.stdout, "buffer", sys.stdout)
for key, value in facts:
    line = "sluice:%s=%s\n" % (key, "" if value is None else value)
    output.write(os.fsencode(line) if hasattr(os, "fsencode") else line)  # type: ignore[arg-type]
