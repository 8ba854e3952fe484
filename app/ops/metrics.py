"""The site's metrics for Prometheus: requests, the answer cache, the published run.

Every worker counts the first two as they happen; the run is read on each scrape.
"""

from collections.abc import Iterator
from functools import cache
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    Metric,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from app.catalogue.catalogue import Catalogue
from app.catalogue.runs import RunFigures
from app.ops import worker_metrics
from app.pages.errors import by_accept_header
from app.serving import answer_cache
from app.serving import watcher as watching
from app.web.problems import Problem, check_method, missing

METHODS = frozenset("GET HEAD POST PUT PATCH DELETE OPTIONS".split())
BUCKETS = (
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
)  # fmt: skip
"""Seconds: from a cached answer to the longest wait."""

disable_created_metrics()  # several workers have no common time of creation
counted = CollectorRegistry()
requests = Counter(
    "recsys_requests", "Requests answered.", ["endpoint", "method", "status"], registry=counted
)
seconds = Histogram(
    "recsys_request_seconds",
    "Time from a request to its answer.",
    ["endpoint"],
    registry=counted,
    buckets=BUCKETS,
)
counted.register(answer_cache.counter)


def count_request(endpoint: str, method: str | None, status: int, took: float) -> None:
    """Count an answered request and the seconds that it took."""
    number, time = _of(endpoint, method if method in METHODS else "OTHER", status)
    number.inc()
    time.observe(took)


@cache
def _of(endpoint: str, method: str | None, status: int) -> tuple[Counter, Histogram]:
    return requests.labels(endpoint, method, status), seconds.labels(endpoint)


@never_cache
def expose(request: HttpRequest) -> HttpResponse:
    """The metrics, for clients with METRICS_TOKEN; a 404 where none is set."""
    try:
        _check_access(request)
        check_method(request)
    except Problem as problem:
        return by_accept_header(request, problem)
    return HttpResponse(generate_latest(_everything()), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _check_access(request: HttpRequest) -> None:
    if not settings.METRICS_TOKEN:
        raise missing(f"There is nothing at {request.path}.")
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    known = constant_time_compare(token.strip(), settings.METRICS_TOKEN)
    if scheme.lower() != "bearer" or not known:
        problem = Problem(HTTPStatus.UNAUTHORIZED, "This address takes a bearer token.")
        problem.headers["WWW-Authenticate"] = 'Bearer realm="metrics"'
        raise problem


def _everything() -> CollectorRegistry:
    everything = CollectorRegistry()
    everything.register(Published())
    everything.register(Read(_counted()))
    return everything


def _counted() -> list[Metric]:
    """The counters of all workers, or of this process where it serves alone."""
    folder = worker_metrics.folder()
    if folder is None:
        return list(counted.collect())
    with worker_metrics.reading(folder):
        return list(MultiProcessCollector(None, str(folder)).collect())


class Read(Collector):
    """Metrics that were collected already."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> list[Metric]:
        """Return all of them."""
        return self._families


class Published(Collector):
    """The state of the database and its current run, now."""

    def collect(self) -> Iterator[Metric]:
        """Query the database."""
        check = watching.watcher.check(now=True)
        up = check.error is None
        yield GaugeMetricFamily("recsys_database_up", "Whether the database answers.", up)
        if check.version:
            yield from _of_catalogue(check.version.catalogue)
        if up and check.version:
            yield from _of_run(check.version.run)


def _of_catalogue(catalogue: Catalogue) -> Iterator[Metric]:
    movies, size = len(catalogue.columns), catalogue.predicted_bytes
    yield GaugeMetricFamily("recsys_catalogue_movies", "Movies in memory.", movies)
    yield GaugeMetricFamily(
        "recsys_catalogue_bytes", "Predicted memory of the current run's catalogue.", size
    )


def _of_run(run: RunFigures) -> Iterator[Metric]:
    yield GaugeMetricFamily("recsys_run_id", "The current run.", run.id)
    age = (timezone.now() - run.finished_at).total_seconds()
    yield GaugeMetricFamily("recsys_run_age_seconds", "Since the run was published.", age)
    read = run.movies_read + run.ratings_read
    rejected = sum(sum(reasons.values()) for reasons in run.rejected_by_reason.values())
    share = rejected / read if read else 0.0
    yield GaugeMetricFamily("recsys_run_rejected_ratio", "Rejected share of the run's rows.", share)
