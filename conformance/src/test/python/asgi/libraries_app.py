"""Views that use asyncio's own means, and the libraries that people use with it."""

import asyncio
import sys
import tempfile
import threading
from pathlib import Path

import aiosqlite
import anyio
import anyio.to_thread
import httpx
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

FOLDER = Path(tempfile.mkdtemp())
DATABASE = FOLDER / "visits.sqlite3"
FILE = FOLDER / "numbers.txt"
FILE.write_text("".join(f"{number}\n" for number in range(100_000)))


async def sqlite(request: Request) -> Response:
    """Each visit is a row."""
    async with aiosqlite.connect(DATABASE) as database:
        await database.execute("create table if not exists visit (name text)")
        await database.execute("insert into visit values (?)", (request.query_params["name"],))
        await database.commit()
        async with database.execute("select name from visit order by rowid") as cursor:
            return JSONResponse([name async for (name,) in cursor])


async def calls(request: Request) -> Response:
    """Calls a URL: of this server, or of another one."""
    async with httpx.AsyncClient(timeout=20) as client:
        answer = await client.get(request.query_params["url"])
        return PlainTextResponse(answer.text, answer.status_code)


async def calls_many(request: Request) -> Response:
    """Twenty calls at once, over connections that are kept."""
    async with httpx.AsyncClient(timeout=20) as client:
        urls = [f"{request.query_params['url']}?n={number}" for number in range(20)]
        answers = await asyncio.gather(*(client.get(url) for url in urls))
        return PlainTextResponse(" ".join(answer.text for answer in answers))


async def streams_from(request: Request) -> Response:
    size = 0
    async with (
        httpx.AsyncClient(timeout=20) as client,
        client.stream("GET", request.query_params["url"]) as answer,
    ):
        async for part in answer.aiter_bytes():
            size += len(part)
    return PlainTextResponse(f"{size}")


async def number(request: Request) -> Response:
    return PlainTextResponse(request.query_params.get("n", "none"))


async def thread(_request: Request) -> Response:
    loops = threading.current_thread()

    def elsewhere() -> bool:
        return threading.current_thread() is not loops

    answers = [
        await asyncio.to_thread(elsewhere),
        await run_in_threadpool(elsewhere),
        await anyio.to_thread.run_sync(elsewhere),
        await asyncio.get_running_loop().run_in_executor(None, elsewhere),
    ]
    return PlainTextResponse(f"{answers}")


def sync_view(_request: Request) -> Response:
    """Starlette runs it on a thread."""
    return PlainTextResponse(threading.current_thread().name)


async def group(_request: Request) -> Response:
    seen: list[int] = []

    async def work(count: int) -> None:
        await anyio.sleep(0.001 * count)
        seen.append(count)

    async with anyio.create_task_group() as tasks:
        for count in (3, 1, 2):
            tasks.start_soon(work, count)
    with anyio.move_on_after(0.01) as scope:
        await anyio.sleep_forever()
    try:
        async with asyncio.TaskGroup() as failing:
            failing.create_task(anyio.sleep_forever())
            failing.create_task(fails())
    except* ZeroDivisionError:
        seen.append(0)
    return PlainTextResponse(f"{seen} {scope.cancelled_caught}")


async def fails() -> None:
    await asyncio.sleep(0)
    raise ZeroDivisionError


async def process(_request: Request) -> Response:
    """A program of its own, fed and read."""
    child = await asyncio.create_subprocess_exec(
        "tr",
        "a-z",
        "A-Z",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await child.communicate(b"from a child " * 10_000)
    shell = await asyncio.create_subprocess_shell("exit 3")
    return PlainTextResponse(f"{len(output)} {output[:12].decode()} {await shell.wait()}")


async def connects(request: Request) -> Response:
    """HTTP by hand."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(request.query_params["port"]))
    writer.write(b"GET /number?n=by-hand HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    await writer.drain()
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return PlainTextResponse(answer.split(b"\r\n\r\n", 1)[1])


async def serves(_request: Request) -> Response:
    """A server of its own for a moment, in the same loop."""

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello " + await reader.readline())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(b"world\n")
        answer = await reader.read()
        writer.close()
    return PlainTextResponse(answer)


async def times(_request: Request) -> Response:
    """Timeouts and timers."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        async with asyncio.timeout(0.05):
            await asyncio.sleep(60)
    except TimeoutError:
        took = loop.time() - began
    else:
        took = 60
    fired = loop.create_future()
    loop.call_later(0.01, fired.set_result, "fired")
    return PlainTextResponse(f"{0.05 <= took < 5} {await fired}")


async def file(_request: Request) -> Response:
    return FileResponse(FILE)


async def runs_elsewhere(_request: Request) -> Response:
    """A loop of its own on a thread of its own."""

    async def main() -> str:
        await asyncio.sleep(0.01)
        return "another loop"

    return PlainTextResponse(await asyncio.to_thread(asyncio.run, main()))


async def python(_request: Request) -> Response:
    """Another Python."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "print(6 * 7)", stdout=asyncio.subprocess.PIPE
    )
    output, _ = await child.communicate()
    return PlainTextResponse(output.strip())


VIEWS = [
    sqlite,
    calls,
    calls_many,
    streams_from,
    number,
    thread,
    sync_view,
    group,
    process,
    connects,
    serves,
    times,
    file,
    runs_elsewhere,
    python,
]
app = Starlette(routes=[Route(f"/{view.__name__}", view) for view in VIEWS])
