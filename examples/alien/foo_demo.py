"""A Java object with a thread of its own: ./sluice run examples/alien/foo_demo.py"""

import os
import time

from sluice import java

# Compiles the Java files beside this one. With --java examples/alien the line is not needed.
java.path(os.path.dirname(__file__))

import foo  # noqa: E402 - only now is it there

f = foo.Foo()
f.start()
time.sleep(3)
f.stop()
