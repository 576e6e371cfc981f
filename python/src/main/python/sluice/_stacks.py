"""What this interpreter's threads are doing; runs on a thread of Java's that has just attached."""

import sys
import threading
from types import FrameType


def threads() -> list[str]:
    """One text for each thread but this: its ident, name, whether it is a daemon, its frames."""
    known = {thread.ident: thread for thread in threading.enumerate()}
    texts = []
    this = threading.get_ident()
    for ident, frame in sys._current_frames().items():
        if ident == this:
            continue
        thread = known.get(ident)
        name = "unnamed" if thread is None else thread.name.replace("\n", " ")
        daemon = thread is None or thread.daemon
        texts.append("\n".join([str(ident), name, str(daemon), *_frames(frame)]))
    return texts


def _frames(frame: FrameType | None) -> list[str]:
    lines = []
    while frame is not None:
        code = frame.f_code
        lines.append(f'File "{code.co_filename}", line {frame.f_lineno}, in {code.co_qualname}')
        frame = frame.f_back
    return lines
