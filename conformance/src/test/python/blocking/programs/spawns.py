"""Has multiprocessing import this in a process without Java."""

import multiprocessing

import sluice

sluice.setup()

if __name__ == "__main__":
    child = multiprocessing.get_context("spawn").Process(target=print)
    child.start()
    child.join(60)
    print(child.exitcode)
