"""A network that can fail: a TCP relay that a test may freeze."""

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Proxy:
    """Passes bytes between its clients and a server on this machine until it is frozen.

    Frozen, it keeps all connections open and passes nothing on, like a cable that was cut.
    """

    def __init__(self, port: int) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.frozen = threading.Event()
        self._server = ("127.0.0.1", port)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):  # the listener was closed: the test is over
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection(self._server)
                threading.Thread(target=self._relay, args=(client, server), daemon=True).start()

    def _relay(self, client: socket.socket, server: socket.socket) -> None:
        with client, server, suppress(OSError):
            while not self.frozen.is_set():
                ready, _, _ = select.select([client, server], [], [], 0.1)
                for source in ready:
                    data = source.recv(65536)
                    if not data:
                        return
                    (server if source is client else client).sendall(data)
            threading.Event().wait()  # hold both ends open for good


@contextmanager
def proxy(port: int) -> Iterator[Proxy]:
    """A relay to the port, for as long as the block lasts."""
    relay = Proxy(port)
    try:
        yield relay
    finally:
        relay.listener.close()
