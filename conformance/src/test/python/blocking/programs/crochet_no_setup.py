"""A program that runs Twisted's reactor itself, with threads that call into it."""

import asyncio

from sluice import crochet

crochet.no_setup()
crochet.setup()  # does nothing

from twisted.internet import defer, reactor, threads  # noqa: E402


@crochet.wait_for(20)
async def add(one: int, other: int) -> int:
    await asyncio.sleep(0)
    deferred: defer.Deferred[int] = defer.Deferred()
    reactor.callLater(0, deferred.callback, one + other)
    return await deferred


def work() -> None:
    print("in a thread of the pool:", add(1, 2))
    reactor.callFromThread(reactor.stop)


reactor.callWhenRunning(threads.deferToThread, work)
reactor.run()
print(type(reactor._asyncioEventloop).__module__)
try:
    add(1, 2)
except crochet.ReactorStopped:
    print("ReactorStopped")
