"""Writes the stubs of the module zoo: write.py FOLDER_OF_JAVA FOLDER_OF_STUBS."""

import sys

import sluice

sluice.java.path(sys.argv[1])
print(sluice.java.stubs("zoo", sys.argv[2]))
