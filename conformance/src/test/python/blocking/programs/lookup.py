"""A look-up in the DNS with Twisted's names, as blocking code sees it: no loop anywhere."""

import sys
from typing import Any

from sluice import crochet

crochet.setup()

from twisted.internet import reactor  # noqa: E402
from twisted.names import authority, client, dns, server  # noqa: E402


class Zone(authority.FileAuthority):  # type: ignore[misc]
    """One name, and where it is."""

    def __init__(self) -> None:
        record = dns.Record_A(address="192.0.2.7", ttl=60)
        super().__init__(None)
        self.soa = (b"example", dns.Record_SOA(mname=b"example", rname=b"root.example"))
        self.records = {b"example": [self.soa[1]], b"host.example": [record]}

    def loadFile(self, _: object) -> None:  # noqa: N802 (Twisted's name)
        """It has none."""


@crochet.wait_for(timeout=5.0)
def serve() -> Any:
    protocol = dns.DNSDatagramProtocol(server.DNSServerFactory(authorities=[Zone()]))
    return reactor.listenUDP(0, protocol, interface="127.0.0.1")  # type: ignore[attr-defined]


RESOLVER = client.Resolver(servers=[("127.0.0.1", serve().getHost().port)], reactor=reactor)


@crochet.wait_for(timeout=5.0)
def address_of(name: str) -> Any:
    """Where a host is."""
    found = RESOLVER.lookupAddress(name)
    return found.addCallback(lambda records: records[0][0].payload.dottedQuad())


if __name__ == "__main__":
    for each in sys.argv[1:] or ["host.example"]:
        print(each, "is", address_of(each))
