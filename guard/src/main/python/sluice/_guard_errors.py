"""What a guarded thread gets in the place of a call that would block it."""

#: What is recommended in the place of calls of a category.
_INSTEAD = {
    "sleep": "await asyncio.sleep",
    "sockets": "use asyncio's streams, or the loop's sock_ methods",
    "tls": "use asyncio's streams",
    "dns": "await loop.getaddrinfo",
    "processes": "use asyncio.create_subprocess_exec",
    "queues": "use asyncio.Queue, or get_async of a sluice.SafeQueue",
    "locks": "use the locks of asyncio",
    "imports": "import at the top of the module",
}


class BlockingCallError(RuntimeError):
    """A call was refused because it would have blocked a guarded thread."""

    def __init__(
        self, call: str, category: str, site: str, whom: str, chain: tuple[str, ...], farm: bool
    ) -> None:
        through = ", ".join(chain[:-1])
        instead = _INSTEAD.get(category)
        advice = f"{instead[0].upper()}{instead[1:]}, or run" if instead else "Run"
        code, why = "SL180", ""
        if farm:
            code = "SL182"
            why = " It cannot be farmed out: there is no microthread here that could wait for it."
        super().__init__(
            f"sluice {code}: {call} would have blocked {whom}. It was called at {site}"
            f"{f' (by {through})' if through else ''}.{why} {advice} it on another thread:"
            f" await sluice.to_thread(function). Or allow it:"
            f' with sluice.guard.allow("{call}").'
        )
        #: The name by which it can be allowed.
        self.call = call
        self.category = category
        #: Where user code called it: file, line and function.
        self.site = site
        #: What it would have stopped.
        self.whom = whom
        #: All calls from the guarded one to user code, the innermost first.
        self.chain = chain
