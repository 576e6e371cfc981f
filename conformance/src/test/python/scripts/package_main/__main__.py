"""What runs."""

import sys

print("package", __package__, sys.argv[1:])
