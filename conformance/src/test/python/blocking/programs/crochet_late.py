"""Another reactor is there first."""

from twisted.internet import reactor

from sluice import crochet

for start in (crochet.setup, crochet.no_setup):
    try:
        start()
    except RuntimeError as error:
        print(type(reactor).__name__ in str(error), str(error).split(":")[0])
