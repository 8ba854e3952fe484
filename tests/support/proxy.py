"""A network that can fail: a TCP relay that a test may slow down and freeze."""

import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

LOOK_SECONDS = 0.1


class Proxy:
    """Passes bytes between its clients and a server on this machine.

    Frozen, it keeps all connections open and passes nothing on, like a cable that was cut;
    what was sent meanwhile arrives when `frozen` is cleared. Each packet takes `delay` seconds.
    """

    def __init__(self, port: int) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.frozen = threading.Event()
        self.delay = 0.0
        self._server = ("127.0.0.1", port)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):  # the listener was closed: the test is over
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self._relay, args=(client,), daemon=True).start()

    def _relay(self, client: socket.socket) -> None:
        with client, suppress(OSError):  # either end is gone: so is the other one
            self._wait_while_frozen()
            with socket.create_connection(self._server) as server:
                while self._pass_on(client, server):
                    pass

    def _pass_on(self, client: socket.socket, server: socket.socket) -> bool:
        """What has come from either end; False once one of them has nothing more to say."""
        ready, _, _ = select.select([client, server], [], [], LOOK_SECONDS)
        self._wait_while_frozen()
        for source in ready:
            data = source.recv(65536)
            if not data:
                return False
            time.sleep(self.delay)
            self._wait_while_frozen()
            (server if source is client else client).sendall(data)
        return True

    def _wait_while_frozen(self) -> None:
        while self.frozen.is_set():
            time.sleep(LOOK_SECONDS)


@contextmanager
def proxy(port: int) -> Iterator[Proxy]:
    """A relay to the port, for as long as the block lasts; what was frozen stays so."""
    relay = Proxy(port)
    try:
        yield relay
    finally:
        relay.listener.close()
