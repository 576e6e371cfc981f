"""The server under test: started, looked at, and ended; it alone, by its number."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_HERE = Path(__file__).resolve().parent
START_SECONDS = 60
END_SECONDS = 15
REQUEST_SECONDS = 5
_OPTIONS = {
    "bind": "127.0.0.1:0",
    "admin": "127.0.0.1:0",
    "threads": "4",
    "timeout-request": str(REQUEST_SECONDS),
    "timeout-header": "4",
    "timeout-idle": "4",
    "timeout-body": "4",
    "timeout-send": "6",
    "timeout-drain": "5",
    "limit-body-in-memory": "64K",
}


class SoakError(Exception):
    """The soak cannot be done, or was broken off."""


@dataclass(frozen=True)
class Sample:
    """What the server takes: bytes, and counts; the heap only where the collector has just run."""

    second: int
    rss: int
    pss: int
    descriptors: int
    threads: int
    heap: int | None


class Watched:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.rmtree(folder, ignore_errors=True)
        self.sources = folder / "application"
        self.temporary = folder / "tmp"
        static = folder / "static"
        for directory in (self.sources, self.temporary, static):
            directory.mkdir(parents=True)
        shutil.copy(_HERE / "application.py", self.sources / "soak_application.py")
        for module in ("pieces.py", "generation.py"):
            shutil.copy(_HERE / module, self.sources)
        self.file = static / "file.txt"
        self.file.write_text("".join(f"line {number}\n" for number in range(6000)))
        self._log = (folder / "log").open("w+", encoding="utf-8")
        options = [f"--{name}={value}" for name, value in _OPTIONS.items()]
        options += [f"--static=/static={static}", f"--access-log={folder / 'access'}"]
        environment = dict(os.environ)
        environment["SOAK_FILE"] = str(self.file)
        environment["SLUICE_LAUNCHER"] = "no-build"
        own = f"-Djava.io.tmpdir={self.temporary}"
        environment["SLUICE_JAVA_OPTS"] = f"{environment.get('SLUICE_JAVA_OPTS', '')} {own}".strip()
        self._started = time.monotonic()
        self._process = subprocess.Popen(
            [
                str(ROOT / "sluice"),
                "serve",
                "soak_application",
                f"--app-dir={self.sources}",
                "--reload",
                *options,
            ],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
        self.port, self.admin = self._ports()

    def change_source(self, number: int) -> None:
        """What `--reload` sees: a file with other content, put there at once."""
        written = self.folder / "generation.new"
        written.write_text(f"NUMBER = {number}\n")
        written.replace(self.sources / "generation.py")

    def _ports(self) -> tuple[int, int]:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            found = re.findall(r"http://127\.0\.0\.1:(\d+)", self.log())
            if len(found) >= 2:
                return int(found[0]), int(found[1])
            time.sleep(0.05)
        self.kill()
        raise SoakError(f"the server did not start:\n{self.log()}")

    def log(self) -> str:
        return Path(self._log.name).read_text(encoding="utf-8", errors="replace")

    def runs(self) -> bool:
        return self._process.poll() is None

    def sample(self, collect: bool) -> Sample:
        own = Path(f"/proc/{self._process.pid}")
        try:
            status = (own / "status").read_text()
            rollup = (own / "smaps_rollup").read_text()
            descriptors = len(list((own / "fd").iterdir()))
        except OSError as e:
            raise SoakError(f"the server has ended:\n{self.log()[-3000:]}") from e
        return Sample(
            second=int(time.monotonic() - self._started),
            rss=_kilobytes(status, "VmRSS") * 1024,
            pss=_kilobytes(rollup, "Pss") * 1024,
            descriptors=descriptors,
            threads=_kilobytes(status, "Threads"),
            heap=self._heap() if collect else None,
        )

    def _heap(self) -> int | None:
        """Bytes in use after a collection; None where the JDK has no jcmd."""
        java = Path(os.readlink(f"/proc/{self._process.pid}/exe"))
        jcmd = java.parent / "jcmd"
        if not jcmd.exists():
            return None
        command = [str(jcmd), str(self._process.pid)]
        subprocess.run([*command, "GC.run"], capture_output=True, check=False, timeout=30)
        result = subprocess.run(
            [*command, "GC.heap_info"], capture_output=True, text=True, check=False, timeout=30
        )
        # The generations of the serial collector, or the one line of others.
        used = re.findall(r"^ *\S.* total .*used (\d+)K", result.stdout, re.MULTILINE)
        return sum(map(int, used)) * 1024 if used else None

    def leftovers(self) -> list[str]:
        return sorted(path.name for path in self.temporary.glob("sluice-body-*"))

    def end(self) -> int:
        """Ends the server as an operator would; its exit code."""
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            print("soak: the server did not end in time", file=sys.stderr)
            return -1

    def kill(self) -> None:
        if self.runs():
            self._process.kill()
            self._process.wait()


def _kilobytes(text: str, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+)", text, re.MULTILINE)
    return int(found.group(1)) if found else 0
