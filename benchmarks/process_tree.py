"""CPU time and memory of a process and all its descendants, read from Linux's /proc."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class _Process:
    pid: int
    parent: int
    group: int
    cpu_ticks: int
    started: int

    def still_runs(self) -> bool:
        """A process number may be given out again; together with the start time it is unique."""
        now = _read(self.pid)
        return now is not None and now.started == self.started


def cpu_seconds(root: int) -> float:
    return sum(process.cpu_ticks for process in _tree(root)) / _TICKS_PER_SECOND


def pss_bytes(root: int) -> int:
    """Proportional set size: a page that several processes share counts in parts."""
    return sum(_pss_bytes(process.pid) for process in _tree(root))


class Leftovers:
    """The processes of a tree at one moment, to end those that outlive their root."""

    def __init__(self, root: int) -> None:
        self._processes = _tree(root)

    def kill(self) -> int:
        killed = 0
        for process in self._processes:
            if process.still_runs():
                os.kill(process.pid, signal.SIGKILL)
                killed += 1
        return killed


def _tree(root: int) -> list[_Process]:
    """Also the process group that the root leads: it keeps children whose parent has ended."""
    read = (_read(int(entry.name)) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    processes = [process for process in read if process is not None]
    found = {p.pid: p for p in processes if root in (p.pid, p.group)}
    grown = True
    while grown:
        children = {p.pid: p for p in processes if p.parent in found and p.pid not in found}
        found.update(children)
        grown = bool(children)
    return list(found.values())


def _read(pid: int) -> _Process | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The second field is the command in parentheses and may hold anything; counted from 0 after it:
    # 0 state, 1 parent, 2 group, 11-14 utime stime cutime cstime, 19 start time.
    fields = text.rpartition(")")[2].split()
    if fields[0] in "ZX":
        return None
    cpu_ticks = sum(map(int, fields[11:15]))
    return _Process(pid, int(fields[1]), int(fields[2]), cpu_ticks, int(fields[19]))


def _pss_bytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    for line in lines:
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0
