"""Twisted's shutdown triggers run when the program ends."""

import atexit
import threading

from sluice import crochet

atexit.register(lambda: waiting.join(10))
crochet.setup()

from twisted.internet import defer, reactor  # noqa: E402


@crochet.wait_for(20)
def prepare() -> None:
    def slow() -> defer.Deferred[None]:
        print("before shutdown")
        deferred: defer.Deferred[None] = defer.Deferred()
        reactor.callLater(0.05, lambda: (print("and a little later"), deferred.callback(None)))
        return deferred

    reactor.addSystemEventTrigger("before", "shutdown", slow)
    reactor.addSystemEventTrigger("after", "shutdown", print, "after shutdown")


@crochet.run_in_reactor
def forever() -> defer.Deferred[None]:
    return defer.Deferred()


def wait() -> None:
    try:
        forever().wait()
    except crochet.ReactorStopped:
        print("ReactorStopped")


@crochet.wait_for(20)
def turn() -> None:
    pass


prepare()
waiting = threading.Thread(target=wait, daemon=True)
waiting.start()
turn()
print("main is over")
