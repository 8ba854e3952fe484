"""How gunicorn serves the site, on a laptop and in production. From the project's folder:

    gunicorn --config python:recsys.gunicorn --bind ADDRESS recsys.wsgi

Omit `--bind` if systemd passes the socket. Lower-case names are gunicorn's settings and hooks;
its command line takes precedence over them.
"""

import json
import os
import re
import signal
from http import HTTPStatus
from logging import captureWarnings
from logging.config import dictConfig
from pathlib import Path
from select import select
from socket import socket
from threading import Thread
from time import sleep
from uuid import uuid4

from django.conf import settings
from gunicorn import util
from gunicorn.arbiter import Arbiter
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.http import errors
from gunicorn.http.message import Request
from gunicorn.workers.gthread import ThreadWorker

from app.ops import log_format, worker_metrics
from recsys.spreading import ABSENT, ConnectionCounts

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsys.settings")
worker_metrics.prepare()

worker_class = "recsys.gunicorn.Worker"
logger_class = "recsys.gunicorn.Log"
workers = settings.WEB_CONCURRENCY
threads = settings.THREADS
preload_app = True  # a version that cannot start fails here, not in its workers

timeout = 30
graceful_timeout = 30
keepalive = 5
# Limits memory leaks. A new worker starts with an empty cache, so this is rare: at full speed
# after some ten minutes.
max_requests = 1_000_000
max_requests_jitter = 200_000

limit_request_line = settings.LONGEST_REQUEST_LINE
limit_request_fields = 50
limit_request_field_size = 8190

shared_memory = "/dev/shm"  # noqa: S108  # a heartbeat must not wait for a disk
worker_tmp_dir = shared_memory if Path(shared_memory).is_dir() else None
forwarder_headers = ""  # no client may set SCRIPT_NAME
control_socket_disable = True
loglevel = "warning"

REFUSALS = {
    errors.LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    errors.LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    errors.ForbiddenProxyRequest: HTTPStatus.FORBIDDEN,
    errors.ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
    errors.UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
    # Subclasses of client errors, but our faults.
    errors.InvalidResponseHeader: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.InvalidResponseHeaderName: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.ConfigurationProblem: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""Errors in parsing a request that are not a plain 400."""
LATER_VERSION = re.compile(r"'HTTP/[2-9]|\([2-9],")
"""As gunicorn words it; nobody uses an HTTP version before 1.0."""
DETAILS = {
    HTTPStatus.REQUEST_URI_TOO_LONG: (
        f"The first line of a request may have up to {limit_request_line:,} bytes."
    ),
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: (
        f"A request may have up to {limit_request_fields} headers "
        f"of {limit_request_field_size} bytes each."
    ),
    HTTPStatus.BAD_REQUEST: "The request is not understood: it is not well-formed HTTP.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong on the server.",
}


YIELDS, YIELD_SECONDS = 5, 0.001
"""Enough to wake another worker; one that is still too busy gets no connection."""
connections = ConnectionCounts()

ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)


def on_starting(_server: Arbiter) -> None:
    """Block signals while a worker is forked; `Worker.init_signals` unblocks them.

    Until it has its own handlers, a worker would put them into its copy of the server's queue,
    which nobody reads: the server would wait for its end in vain, and kill it.
    """
    os.register_at_fork(after_in_parent=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING))


def pre_fork(server: Arbiter, worker: ThreadWorker) -> None:
    """The other half of `on_starting`; also give the worker its place to count connections."""
    worker.place = connections.free_place(one.place for one in server.WORKERS.values())
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)


def when_ready(_server: Arbiter) -> None:
    """Load the catalogue before the workers are forked, so that they share its memory."""
    from app.serving.watcher import watcher

    watcher.load_before_fork()


def post_worker_init(worker: ThreadWorker) -> None:
    """Refresh the catalogue: a forked one may be old, and an earlier run must not be served."""
    from app.serving.watcher import watcher

    loading = Thread(target=watcher.catch_up)
    loading.start()
    while loading.is_alive():
        worker.notify()  # a large catalogue takes longer than `timeout`
        loading.join(timeout=1)
    Thread(target=watcher.watch, daemon=True).start()


def pre_request(worker: ThreadWorker, request: Request) -> None:
    """Refuse requests to a proxy, `CONNECT host:port`, or to the server itself, `OPTIONS *`.

    While the database is down a worker is not replaced: its successor would be out of date.
    """
    from app.serving.watcher import watcher

    if not request.path.startswith("/"):
        raise errors.InvalidRequestLine(request.method)
    if watcher.last.error:
        worker.nr = 0


def child_exit(server: Arbiter, worker: ThreadWorker) -> None:
    """Keep the metrics of a dead worker."""
    connections.put(worker.place, ABSENT)
    try:
        if folder := worker_metrics.folder():
            worker_metrics.add_up(folder, worker.pid)
    except Exception:  # metrics are not worth the death of all workers
        server.log.exception("The figures of worker %s are lost", worker.pid)


class Log(Logger):
    """Log gunicorn's own records, and Python's warnings, like those of the site."""

    def setup(self, cfg: Config) -> None:
        """Configure logging from the settings."""
        super().setup(cfg)
        dictConfig(settings.LOGGING)
        captureWarnings(True)


class Worker(ThreadWorker):
    """Answer requests that never reach Django as Django would: as problem+json.

    A worker also leaves new connections, for a moment, to workers that have fewer.
    """

    place: int | None = None
    _connections = 0

    @property
    def nr_conns(self) -> int:
        """gunicorn's own count, shared with the other workers."""
        return self._connections

    @nr_conns.setter
    def nr_conns(self, count: int) -> None:
        self._connections = count
        connections.put(self.place, count)

    def set_accept_enabled(self, enabled: bool) -> None:
        """Accept connections or not; a worker that does not must not hold others back."""
        super().set_accept_enabled(enabled)
        connections.put(self.place, self.nr_conns if enabled else ABSENT)

    def accept(self, listener: socket) -> None:
        """Accept a connection, unless a worker that has fewer soon does."""
        for _ in range(YIELDS):
            if not connections.is_ahead(self.place):
                break
            sleep(YIELD_SECONDS)
            if not select([listener], [], [], 0)[0]:
                return
        super().accept(listener)

    def init_signals(self) -> None:
        """Let signals reach this worker, including those since the fork."""
        super().init_signals()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)

    def handle_error(self, req: object, client: socket, addr: object, exc: Exception) -> None:  # noqa: ARG002
        """Answer, and log the error without what was sent."""
        status = _status(exc)
        log_format.request_id.set(id_ := uuid4().hex)
        if status == HTTPStatus.INTERNAL_SERVER_ERROR:
            self.log.error("Failed to answer a request", exc_info=exc)
        else:
            # Not the message: it repeats the faulty input, which may be a password.
            kind = {"status_code": status}
            self.log.warning(
                "Refused a request with %d: %s", status, type(exc).__name__, extra=kind
            )
        try:
            util.write_nonblock(client, _answer(status, id_))
        except OSError:
            self.log.debug("The client is gone already")
        finally:
            log_format.request_id.set(log_format.NO_REQUEST)


def _status(error: Exception) -> HTTPStatus:
    if not isinstance(error, errors.ParseException):
        return HTTPStatus.INTERNAL_SERVER_ERROR
    if isinstance(error, errors.InvalidHTTPVersion) and LATER_VERSION.search(str(error)):
        return HTTPStatus.HTTP_VERSION_NOT_SUPPORTED
    return REFUSALS.get(type(error), HTTPStatus.BAD_REQUEST)


def _answer(status: HTTPStatus, request_id: str) -> bytes:
    from app.ops import metrics
    from app.ops.request_log import HEADER, UNMATCHED
    from app.web.problems import Problem

    metrics.requests.labels(UNMATCHED, "OTHER", status).inc()
    body = json.dumps(Problem(status, DETAILS.get(status, status.description)).as_dict())
    lines = [
        f"HTTP/1.1 {status} {status.phrase}",
        "Connection: close",
        "Content-Type: application/problem+json",
        f"Content-Length: {len(body)}",
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
        f"{HEADER}: {request_id}",
    ]
    return "\r\n".join([*lines, "", body]).encode("ascii")
