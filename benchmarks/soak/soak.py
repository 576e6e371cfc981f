"""Mixed load with faults against one server, and whether it loses a request or grows.

Exit code 0: nothing was lost and nothing grew; 1: something was, or did; 2: it could not be done.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
from pathlib import Path

from clients import Load, Tally
from faults import Faults
from watched import Sample, SoakError, Watched

_MEGABYTE = 1 << 20
_MOST_CONNECTIONS = 200
_SAMPLE_EVERY = 5
_COLLECT_EVERY = 6  # samples
_SETTLE_SECONDS = 15
_LONGEST_END = 60
_SHOWN_LOSSES = 20


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks/soak/run", description=__doc__)
    parser.add_argument("--seconds", type=int, default=600, help="how long (default: 600)")
    seconds = parser.parse_args().seconds
    folder = Path(__file__).resolve().parents[1] / "target" / "soak"
    try:
        watched = Watched(folder)
        try:
            return asyncio.run(_soak(watched, seconds))
        finally:
            watched.kill()
    except SoakError as e:
        print(f"soak: error: {e}", file=sys.stderr)
        return 2


async def _soak(watched: Watched, seconds: int) -> int:
    tally = Tally()
    end = asyncio.get_running_loop().time() + seconds
    load = Load(watched.port, watched.file.read_bytes(), tally, end)
    faults = Faults(watched, tally, end)
    clients = [load.kept() for _ in range(12)]
    clients += [load.fresh() for _ in range(6)]
    clients += [load.pipelined() for _ in range(4)]
    clients += [load.http2() for _ in range(5)]
    clients += [load.uploads() for _ in range(3)]
    clients += [load.late(), faults.reloads()]
    clients += [faults.killed() for _ in range(4)]
    clients += [faults.slow_reader() for _ in range(4)]
    clients += [faults.slow_sender() for _ in range(4)]
    clients += [faults.half_open() for _ in range(12)]
    clients += [faults.malformed() for _ in range(2)]
    running = [asyncio.ensure_future(client) for client in clients]
    samples = await _watch(watched, tally, end)
    done, late = await asyncio.wait(running, timeout=_LONGEST_END)
    for task in late:
        task.cancel()
        tally.lose(f"a client did not end: {task!r}")
    for task in done:
        if (error := task.exception()) is not None:
            tally.lose(f"a client failed: {error!r}")
    await asyncio.sleep(_SETTLE_SECONDS)
    last = watched.sample(collect=True)
    leftovers = watched.leftovers()
    code = watched.end()
    return _verdict(tally, samples, last, leftovers, code, watched)


async def _watch(watched: Watched, tally: Tally, end: float) -> list[Sample]:
    samples: list[Sample] = []
    print("  second   RSS MB   PSS MB  heap MB  files  threads  connections  answered  lost")
    loop = asyncio.get_running_loop()
    while loop.time() + _SAMPLE_EVERY <= end:
        await asyncio.sleep(_SAMPLE_EVERY)
        collect = len(samples) % _COLLECT_EVERY == 0
        sample = await asyncio.to_thread(watched.sample, collect)
        samples.append(sample)
        if collect:
            heap = "-" if sample.heap is None else f"{sample.heap / _MEGABYTE:.1f}"
            print(
                f"{sample.second:8}{sample.rss / _MEGABYTE:9.1f}{sample.pss / _MEGABYTE:9.1f}"
                f"{heap:>9}{sample.descriptors:7}{sample.threads:9}{tally.connections:13}"
                f"{tally.answered.total():10}{len(tally.lost):6}",
                flush=True,
            )
    return samples


def _verdict(
    tally: Tally,
    samples: list[Sample],
    last: Sample,
    leftovers: list[str],
    code: int,
    watched: Watched,
) -> int:
    print(f"answered: {dict(tally.answered)}")
    print(f"faults: {dict(tally.faults)}, most connections at once: {tally.most_connections}")
    print(f"versions of the application that answered: {len(tally.generations)}")
    print(f"after all: {last.descriptors} files, {last.threads} threads")
    wrong = [f"lost: {what}" for what in tally.lost[:_SHOWN_LOSSES]]
    if len(tally.lost) > _SHOWN_LOSSES:
        wrong.append(f"and {len(tally.lost) - _SHOWN_LOSSES} more were lost")
    wrong += _growth(samples)
    if tally.most_connections > _MOST_CONNECTIONS:
        wrong.append(f"{tally.most_connections} connections: the soak itself is wrong")
    if tally.faults["source changed"] > 1 and len(tally.generations) < 2:
        wrong.append("the application was never loaded again")
    if leftovers:
        wrong.append(f"temporary files were left: {leftovers}")
    if code != 0:
        wrong.append(f"the server ended with code {code}")
    for line in watched.log().splitlines():
        if " ERROR " in line and "asked for by" not in line and "RuntimeError" not in line:
            wrong.append(f"logged: {line[:200]}")
    for line in wrong:
        print(f"WRONG: {line}")
    print("soak: " + ("FAILED" if wrong else "passed"))
    return 1 if wrong else 0


def _growth(samples: list[Sample]) -> list[str]:
    """Compares the last quarter of the time with the one before.

    Memory may differ by the noise that the collector and malloc make; of descriptors and threads,
    which come and go with the connections, the smallest numbers are compared.
    """
    quarter = len(samples) // 4
    if quarter < 2:
        print("too short to tell of growth")
        return []
    before, after = samples[-2 * quarter : -quarter], samples[-quarter:]
    wrong = []

    def compare(what: str, one: float, other: float, allowed: float) -> None:
        print(f"{what}: {one:.1f}, then {other:.1f} (allowed: {one + allowed:.1f})")
        if other > one + allowed:
            wrong.append(f"{what} grew from {one:.1f} to {other:.1f}")

    rss = [statistics.median(s.rss for s in part) / _MEGABYTE for part in (before, after)]
    compare("RSS in MB", rss[0], rss[1], 6 + rss[0] * 0.04)
    pss = [statistics.median(s.pss for s in part) / _MEGABYTE for part in (before, after)]
    compare("PSS in MB", pss[0], pss[1], 6 + pss[0] * 0.04)
    heaps = [[s.heap for s in part if s.heap is not None] for part in (before, after)]
    if all(heaps):
        heap = [min(part) / _MEGABYTE for part in heaps]
        compare("heap in MB", heap[0], heap[1], 3)
    files = [min(s.descriptors for s in part) for part in (before, after)]
    compare("files", files[0], files[1], 15)
    threads = [min(s.threads for s in part) for part in (before, after)]
    compare("threads", threads[0], threads[1], 3)
    return wrong


if __name__ == "__main__":
    sys.exit(main())
