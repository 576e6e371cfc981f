"""Flask's blocking views that use Twisted: its web client and server, on Sluice's loop."""

import asyncio
import logging
import threading
from typing import Any

from flask import Flask, Response, request

from sluice import crochet

crochet.setup()

import treq  # noqa: E402
from twisted.internet import endpoints, reactor  # noqa: E402
from twisted.logger import Logger  # noqa: E402
from twisted.web import resource, server  # noqa: E402

logging.basicConfig(format="%(name)s %(levelname)s %(message)s")

app = Flask(__name__)
log = Logger("upstream")


class Upstream(resource.Resource):
    """Twisted's server: answers a little later, with what it was asked for and where it runs."""

    isLeaf = True  # noqa: N815 (the same)

    def render_GET(self, asked: Any) -> Any:  # noqa: N802 (Twisted's name)
        def answer() -> None:
            asked.write(asked.path + b" by " + threading.current_thread().name.encode())
            asked.finish()

        seconds = float(asked.args.get(b"seconds", [b"0.01"])[0])
        closing = asked.notifyFinish()
        closing.addErrback(lambda _: log.error("the client of {path} is gone", path=asked.path))
        reactor.callLater(seconds, answer)  # type: ignore[attr-defined]
        return server.NOT_DONE_YET


@crochet.wait_for(timeout=5.0)
def listen() -> Any:
    endpoint = endpoints.TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1")
    return endpoint.listen(server.Site(Upstream()))


PORT = listen().getHost().port


def url(path: str, seconds: float = 0.01) -> str:
    return f"http://127.0.0.1:{PORT}{path}?seconds={seconds}"


@crochet.wait_for(timeout=5.0)
def fetch(path: str) -> Any:
    """With Deferreds."""
    return treq.get(url(path)).addCallback(treq.text_content)


@crochet.wait_for(timeout=5.0)
async def fetch_two(first: str, second: str) -> str:
    """With coroutines of both kinds."""
    one = treq.get(url(first))
    await asyncio.sleep(0.001)
    other = await (await treq.get(url(second))).text()
    return f"{await (await one).text()}, {other}"


@crochet.wait_for(timeout=0.2)
def fetch_slowly() -> Any:
    return treq.get(url("/slow", 30.0))


@crochet.run_in_reactor
def fetch_later(path: str) -> Any:
    return treq.get(url(path, 0.05)).addCallback(treq.text_content)


@app.get("/fetch/<name>")
def fetches(name: str) -> str:
    return f"{fetch(f'/{name}')}, for {threading.current_thread().name}"


@app.get("/two")
def two() -> str:
    return fetch_two("/one", "/other")


@app.get("/slow")
def slow() -> Response:
    try:
        fetch_slowly()
    except crochet.TimeoutError as error:
        return Response(str(error), 504)
    return Response("in time")


@app.get("/begin")
def begin() -> str:
    return str(fetch_later("/begun").stash())


@app.get("/collect")
def collect() -> Response:
    try:
        result = crochet.retrieve_result(int(request.args["number"]))
    except KeyError:
        return Response("it was collected before", 410)
    text: str = result.wait(5.0)
    return Response(text)


@app.get("/pool")
def pool() -> str:
    """All threads of the reactor's pool wait for what only another one could do."""
    most = reactor.getThreadPool().max  # type: ignore[attr-defined]

    @crochet.run_in_reactor
    def in_pool(function: Any) -> Any:
        from twisted.internet.threads import deferToThread  # noqa: PLC0415 (after setup)

        return deferToThread(function)

    waiting = [in_pool(lambda: in_pool(lambda: 1).wait(5.0)) for _ in range(most)]
    return str(sum(each.wait(5.0) for each in waiting) == most)
