"""moto's server as AWS: the real protocol over HTTP, on loopback."""

import os
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from moto.server import ThreadedMotoServer

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
}
FOREIGN = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_CONFIG_FILE")


@contextmanager
def moto_server() -> Iterator[str]:
    """Yields the endpoint of an empty account: moto's memory is the process's, not the server's."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    post(f"http://{host}:{port}", "reset")
    yield f"http://{host}:{port}"
    server.stop()


def environment(endpoint: str) -> dict[str, str]:
    """What leads boto3, pyarrow and the aws command there, and nowhere else."""
    return ENVIRONMENT | {"AWS_ENDPOINT_URL": endpoint, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


def post(endpoint: str, path: str, body: str = "") -> None:
    """Talk to moto itself, e.g. `reset` to forget everything, `reset-auth` to check rights."""
    request = urllib.request.Request(
        f"{endpoint}/moto-api/{path}", body.encode(), {"Content-Type": "text/plain"}
    )
    urllib.request.urlopen(request)
