"""A site that can be slow, fail and count who asks it, and nginx before it."""

import gzip
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from email.message import Message
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler
from itertools import count
from socketserver import ThreadingUnixStreamServer

from tests.deployment.machine import Machine

JSON, PAGE, PROBLEM = "application/json", "text/html", "application/problem+json"


class Site(ThreadingUnixStreamServer):
    """Answers as it is told to; the body says when it was made."""

    daemon_threads = True
    request_queue_size = 128

    def be_well(self) -> None:
        self.asked: list[Message] = []
        self.status, self.seconds = 200, 0.0
        self.headers = {"Content-Type": JSON, "Cache-Control": "public, max-age=60"}

    def ways(self) -> int:
        return len(self.asked)


class Answering(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self.server.asked.append(self.headers)
        time.sleep(self.server.seconds)
        body = json.dumps({"made": time.time(), "padding": "x" * 1000}).encode()
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        zips = self.server.headers["Content-Type"] == JSON
        if zips and self.headers["Accept-Encoding"] == "gzip":
            body = gzip.compress(body)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("X-Request-ID", self.headers["X-Request-ID"])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass

    def address_string(self) -> str:
        return "unix"


@dataclass
class Answer:
    status: int
    headers: Message
    body: bytes
    asked: float
    came: float = field(default_factory=time.time)

    def made(self) -> float:
        return float(json.loads(self.body)["made"])

    def once(self, name: str) -> str:
        (value,) = self.headers.get_all(name, [])
        return str(value)


@dataclass
class Front:
    machine: Machine
    port: int
    addresses: Iterator[int] = field(default_factory=lambda: count(2))

    def get(self, path: str, **headers: str) -> Answer:
        """Each from another address, or the limit on requests would be what is tested."""
        number = next(self.addresses)
        source = f"127.{number >> 16 & 127}.{number >> 8 & 255}.{number & 255}"
        asked = time.time()
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60, source_address=(source, 0))
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("GET", path, headers={"Host": "movies.test", **named})
        with connection.getresponse() as answer:
            return Answer(answer.status, answer.headers, answer.read(), asked)

    def crowd(self, path: str, people: int = 20) -> list[Answer]:
        with ThreadPoolExecutor(people) as pool:
            return list(pool.map(self.get, [path] * people))

    def log(self) -> list[dict[str, object]]:
        text = self.machine.path("/var/log/recsys/access.log").read_text()
        return [json.loads(line) for line in text.splitlines()]
