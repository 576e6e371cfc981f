"""uvicorn under the suites' own command line: shows that what the ASGI suites expect can be had.

    mvn verify -Dtest='Asgi*Test' -Dsluice.reference=VENV

where VENV has the packages of asgi-requirements.txt, uvicorn, httptools and websockets.
"""

import argparse
import signal
import socket
import sys

import uvicorn


class Server(uvicorn.Server):
    """Says where it listens, as the product does."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            port = sockets[0].getsockname()[1]
            served = f"Sluice 0.0.0 serves {self.config.app} (ASGI) on CPython"
            print(f"{served} at http://127.0.0.1:{port}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["serve"])
    parser.add_argument("application")
    parser.add_argument("--bind")
    parser.add_argument("--app-dir")
    parser.add_argument("--root-path", default="")
    parser.add_argument("--factory", action="store_true")
    parser.add_argument("--interface")
    parser.add_argument("--certfile")
    parser.add_argument("--keyfile")
    options = parser.parse_args()
    sys.path.insert(0, options.app_dir)

    # Raised again by uvicorn when it has stopped.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    server = Server(
        uvicorn.Config(
            options.application,
            factory=options.factory,
            root_path=options.root_path,
            http="httptools",
            ws="websockets-sansio",
            log_level="warning",
            ssl_certfile=options.certfile,
            ssl_keyfile=options.keyfile,
        )
    )
    server.run(sockets=[listener])
    sys.exit(0 if server.started else 3)


main()
