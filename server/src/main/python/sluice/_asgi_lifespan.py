"""ASGI's lifespan: the application hears when the server starts and ends; on the loop's thread."""

import asyncio
import traceback
from typing import Any

_ASGI = {"version": "3.0", "spec_version": "2.0"}


class Lifespan:
    """One lifespan of an application, from startup to shutdown."""

    def __init__(self, application: Any) -> None:
        self._application = application
        #: What the application has put into its state: each request gets a copy.
        self.state: dict[str, Any] = {}
        self._to_application: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._started: asyncio.Future[tuple[str, str]] | None = None
        self._ended: asyncio.Future[tuple[str, str]] | None = None
        self._task: asyncio.Task[None] | None = None

    async def startup(self) -> tuple[str, str]:
        """Tells the application that the server starts.

        Returns ("complete", ""), ("failed", why) or, where the application does not take part,
        ("unsupported", why).
        """
        loop = asyncio.get_running_loop()
        self._started, self._ended = loop.create_future(), loop.create_future()
        self._to_application.put_nowait({"type": "lifespan.startup"})
        self._task = loop.create_task(self._run())
        return await asyncio.shield(self._started)

    async def shutdown(self) -> tuple[str, str]:
        """Tells the application that the server ends; ("complete", "") or ("failed", why)."""
        if self._task is None or self._ended is None or self._task.done():
            return "complete", ""
        self._to_application.put_nowait({"type": "lifespan.shutdown"})
        outcome = await asyncio.shield(self._ended)
        await asyncio.wait([self._task], timeout=1)
        return outcome

    async def _run(self) -> None:
        scope = {"type": "lifespan", "asgi": dict(_ASGI), "state": self.state}
        try:
            await self._application(scope, self._to_application.get, self._send)
        except (SystemExit, KeyboardInterrupt) as error:
            # It wants the program to end: the server does not start.
            self._tell(self._started, "failed", repr(error))
            self._tell(self._ended, "failed", repr(error))
        except BaseException as error:
            text = "".join(traceback.format_exception(error)).rstrip()
            self._tell(self._started, "unsupported", text)
            self._tell(self._ended, "failed", text)
        else:
            self._tell(self._started, "unsupported", "it returned before lifespan.startup.complete")
            self._tell(self._ended, "complete", "")

    async def _send(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        text = str(message.get("message", ""))
        if kind == "lifespan.startup.complete":
            self._tell(self._started, "complete", "")
        elif kind == "lifespan.startup.failed":
            self._tell(self._started, "failed", text)
        elif kind == "lifespan.shutdown.complete":
            self._tell(self._ended, "complete", "")
        elif kind == "lifespan.shutdown.failed":
            self._tell(self._ended, "failed", text)
        else:
            raise ValueError(f"{kind!r} is no message of the lifespan protocol")

    @staticmethod
    def _tell(future: "asyncio.Future[tuple[str, str]] | None", outcome: str, text: str) -> None:
        if future is not None and not future.done():
            future.set_result((outcome, text))
