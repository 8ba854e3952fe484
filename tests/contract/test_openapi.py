"""The read API held against its own OpenAPI document, over a small but odd database.

schemathesis makes up requests from the document, sensible and senseless ones, and checks each
answer against it. Nothing of it is left out: all phases, all its checks, as it comes. How many
requests it makes up is what `bin/test --all` has more of.
"""

import gzip
import logging
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.engine import events, from_schema
from werkzeug.test import run_wsgi_app

from app.api.urls import urlpatterns
from app.serving import views
from app.serving import watcher as watching
from app.serving.store import CatalogueStore
from app.serving.watcher import VersionWatcher
from tests.site.conftest import SameThread
from tests.site.factories import (
    MOMENT,
    curate,
    evaluation,
    make_models,
    make_movie,
    make_run,
    make_similar,
    make_user_list,
    make_weights,
    rate,
)

pytestmark = pytest.mark.django_db(transaction=True)

MOVIES = 40
HIDDEN = 3
USER = 42
OF_USER = f"user={USER}"
TITLES = (
    "Amélie", "Matrix, The", '"11\'09""01 - September 11', "+1", "a|b :: c", "千と千尋の神隠し",
    "🎬 (2009– )", "<b>&amp;</b>", "%_\\", "x" * 255,
)  # fmt: skip
GENRES = ("Action", "Comedy", "Drama", "Film-Noir", "Sci-Fi", "(no genres listed)", "Children's")
SCHEMATHESIS = {
    "seed": 1,
    "cache": {"enabled": False},
    "continue-on-failure": True,
    "checks": {"max_response_time": 10.0},
    "generation": {
        "mode": "all",
        "deterministic": True,
        "database": "none",
    },
    "phases": {"coverage": {"generate-duplicate-query-parameters": True}},
    # Numbers that mean something, now and then: else nearly every movie and run is a 404.
    "dictionaries": {
        "movies": {"values": list(range(1, MOVIES + 1))},
        "runs": {"values": [1, 2, 3, 4]},
        "words": {"values": ["amelie", "the matrix", "1", "千と", "b amp"]},
        "users": {"values": [USER]},
    },
    "parameters": {
        "path.movie_id": {"dictionary": "movies", "probability": 0.5},
        "path.run_id": {"dictionary": "runs", "probability": 0.5},
        "path.before": {"dictionary": "runs", "probability": 0.7},
        "path.after": {"dictionary": "runs", "probability": 0.7},
        "query.run": {"dictionary": "runs", "probability": 0.7},
        "query.q": {"dictionary": "words", "probability": 0.3},
        "query.user": {"dictionary": "users", "probability": 0.5},
    },
    # Which movies there are, and that like, rated and user exclude each other, no schema can say.
    "operations": [
        {
            "include-path": "/recommendations/",
            "checks": {
                "positive_data_acceptance": {"expected-statuses": ["2xx", "3xx", "400", "404"]},
                "negative_data_rejection": {
                    "expected-statuses": ["400", "404", "405", "413", "415"]
                },
            },
        }
    ],
}


@pytest.fixture(autouse=True)
def site(settings, monkeypatch):
    """Of this process. A machine that is busy must not look like a database that is away."""
    settings.ALLOWED_HOSTS = ["localhost", "testserver"]
    views.cache.clear()
    watcher = VersionWatcher(store=CatalogueStore(SameThread()), executor=SameThread())
    monkeypatch.setattr(watching, "watcher", watcher)


@pytest.fixture(autouse=True)
def published():
    """Four runs (purged, failed, kept, current) and movies that lack one thing or another."""
    make_run("superseded", pk=1, purged_at=MOMENT, finished_at=MOMENT - timedelta(days=2))
    make_run("failed", pk=2, finished_at=None, error="the gate refused it")
    kept = make_run("superseded", pk=3, finished_at=MOMENT - timedelta(days=1), synthetic=True)
    current = make_run(
        pk=4,
        evaluation=evaluation(splits=("temporal", "random")),
        parameters={"trending": {"half_life_months": None, "newest_month": "2018-09"}},
        overruled_gates={"fewer_movies": "40 instead of 60 before"},
        rejected_by_reason={"movies": {"bad_year": 3}, "ratings": {"bad_id": 2, "no_movie": 9}},
    )
    movies = [_movie(n) for n in range(1, MOVIES + 1)]
    for n, movie in enumerate(movies, start=1):
        if n % 9:
            rate(current, movie, 5 - n / 20, rank=n if n % 4 else None, rating_count=200 - n)
        if n % 8:
            rate(kept, movie, 3 + n / 40, rank=60 - n if n % 5 else None, rating_count=100 - n)
    make_models(current, users=1)
    for movie in movies[:20]:
        make_weights(current, movie, *((n, n - 15) for n in range(1, 41) if n != movie.pk))
        make_similar(current, movie, (HIDDEN, 0.5, 9), (30, 0.25, 8), (31, 0.125, 7))
    make_user_list(current, USER, (5, 1.0, (1, HIDDEN, 0), (0.5, -0.25, 0.0)))
    curate(movies[HIDDEN - 1], hidden=True)
    curate(movies[9], pinned_position=2)
    curate(movies[17], pinned_position=5)  # without ratings in the current run


def _movie(number):
    return make_movie(
        number,
        TITLES[number % len(TITLES)],
        year=1900 + number if number % 7 else None,
        genres=tuple({GENRES[number % 7], GENRES[number * 3 % 7]}) if number % 5 else (),
    )


@pytest.fixture
def document(client):
    return client.get("/api/openapi.json").json()


@pytest.fixture
def operations(document):
    return {path: methods["get"] for path, methods in document["paths"].items()}


def _made_up(examples):
    """SCHEMATHESIS with so many examples of each operation, a ninth as many of its chains."""
    config = deepcopy(SCHEMATHESIS)
    config["generation"]["max-examples"] = examples
    config["phases"]["stateful"] = {"generation": {"max-examples": examples // 9}}
    return config


def test_the_document_is_valid_openapi_3_1(document):
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


def test_each_operation_says_what_it_is_for_and_what_may_come_of_it(operations):
    for path, operation in operations.items():
        assert operation["summary"] and operation["description"], path
        assert all(parameter["description"] for parameter in operation["parameters"]), path
        for status in ("400", "404", "405", "500", "503"):
            content = operation["responses"][status]["content"]
            assert list(content) == ["application/problem+json"], (path, status)
        assert operation["responses"]["405"]["headers"]["Allow"]["required"]
        assert operation["responses"]["503"]["headers"]["Retry-After"]["required"]
        is_kept = path not in ("/health/", "/health/live/")
        assert ("304" in operation["responses"]) == is_kept, path


def test_the_document_names_all_json_addresses(operations):
    known = {f"/{one.pattern}" for one in urlpatterns}
    documented = {path.replace("{", "<str:").replace("}", ">") for path in operations}
    assert known == documented | {"/api/openapi.json"}


def test_whoever_asks_for_the_document_is_told_the_genres_that_there_are(operations):
    (genre,) = (p for p in operations["/api/search/"]["parameters"] if p["name"] == "genre")
    allowed = genre["schema"]["items"]["enum"]
    assert set(allowed) == {*GENRES, *(f"-{name}" for name in GENRES)}


def _asked():
    """Operation -> addresses of it that meet all there is of odd movies and runs."""
    runs = ("", "run=3", "run=4")
    orders = ("weighted_rating", "avg_rating", "rating_count", "year", "lower_bound", "trending")
    lists = [f"limit=100&order={order}&{run}" for order in orders for run in runs]
    movies = [movie for movie in range(1, MOVIES + 1) if movie != HIDDEN]
    return {
        "/health/": ["/health/"],
        "/health/live/": ["/health/live/"],
        "/stats/": [f"/stats/?{run}" for run in runs],
        "/recommendations/": [
            *(f"/recommendations/?min_ratings=0&{query}" for query in lists),
            *(
                f"/recommendations/?limit=100&{picks}"
                for picks in ("like=1,2", "rated=1:4", OF_USER)
            ),
        ],
        "/api/search/": [f"/api/search/?q=a&offset=1&{query}" for query in lists],
        "/api/movies/{movie_id}/": [f"/api/movies/{n}/?{run}" for n in movies for run in runs],
        "/api/movies/{movie_id}/similar/": [
            f"/api/movies/{n}/similar/?{run}" for n in movies for run in runs
        ],
        "/api/trending/": [f"/api/trending/?{run}" for run in runs],
        "/api/genres/": [f"/api/genres/?limit=3&{run}" for run in runs],
        "/api/runs/": ["/api/runs/", "/api/runs/?limit=1&offset=1"],
        "/api/runs/{run_id}/": [f"/api/runs/{run}/" for run in (1, 3, 4)],
        "/api/runs/{before}/diff/{after}/": ["/api/runs/3/diff/4/", "/api/runs/4/diff/3/"],
    }


def _strict(document):
    """The shapes that it describes, each with all the fields that it names and no other."""
    components = deepcopy(document["components"])
    for shape in components["schemas"].values():
        shape |= {"required": list(shape["properties"]), "additionalProperties": False}
    return components


def test_an_answer_has_all_the_fields_of_its_description_and_no_other(client, document, operations):
    components = _strict(document)
    assert _asked().keys() == operations.keys()
    for path, addresses in _asked().items():
        described = operations[path]["responses"]["200"]["content"]["application/json"]["schema"]
        shape = OAS31Validator(described | {"components": components})
        for address in addresses:
            response = client.get(address)
            assert response.status_code == 200, address
            assert not list(shape.iter_errors(response.json())), address
            for name, header in operations[path]["responses"]["200"].get("headers", {}).items():
                assert name in response.headers or not header["required"], (address, name)


@dataclass
class Outcome:
    """What schemathesis did and found, per operation."""

    requests: Counter = field(default_factory=Counter)
    answers: Counter = field(default_factory=Counter)
    phases: set[str] = field(default_factory=set)
    checks: set[str] = field(default_factory=set)
    found: dict[tuple, str] = field(default_factory=dict)

    def take(self, event):
        match event:
            case events.ScenarioFinished():
                self.phases.add(event.phase.value)
                self.take_scenario(event.recorder)
            case events.NonFatalError():
                self.found[event.label, "error"] = event.info.format()
            case events.SchemaAnalysisWarnings():
                self.found["warnings", "document"] = str(event.warnings)
            case events.FatalError():
                raise event.exception
            case events.EngineFinished():
                assert (event.stop_reason, event.failures) == ("completed", [])

    def take_scenario(self, recorder):
        for id_, exchange in recorder.interactions.items():
            operation = recorder.cases[id_].value.operation.label
            self.requests[operation] += 1
            self.answers[operation, exchange.response.status_code] += 1
        for id_, checks in recorder.checks.items():
            for check in checks:
                self.checks.add(check.name)
                if check.failure_info:
                    operation = recorder.cases[id_].value.operation.label
                    self.found[operation, check.name] = describe(check, recorder.interactions[id_])


def describe(check, exchange):
    failure = check.failure_info
    answer = f"{exchange.response.status_code} {exchange.response.content[:300]!r}"
    return f"{failure.failure.title}\n{failure.failure.message}\n{failure.code_sample}\n{answer}"


@pytest.mark.parametrize("examples", [100, pytest.param(530, marks=pytest.mark.slow)])
def test_schemathesis_finds_nothing(document, operations, caplog, examples):
    caplog.set_level(logging.ERROR, "django.request")  # that so much is refused is intended
    config = schemathesis.Config.from_dict(_made_up(examples))
    application = unpacked(get_wsgi_application())
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", application, config=config)
    outcome = Outcome()
    for event in from_schema(schema).execute():
        outcome.take(event)
    assert not outcome.found, "\n\n".join(f"{k}: {v}" for k, v in outcome.found.items())
    assert outcome.phases == {"examples", "coverage", "fuzzing", "stateful"}
    assert outcome.checks == {*schemathesis.checks.CHECKS.get_all_names(), "max_response_time"}
    least = examples * 9 // 10  # here and there it finds nothing new to ask
    for path, operation in operations.items():
        assert outcome.requests[f"GET {path}"] >= (least if operation["parameters"] else 10), path
        assert outcome.answers[f"GET {path}", 200], path
    posts = [path for path, methods in document["paths"].items() if "post" in methods]
    assert posts == ["/recommendations/"]
    assert outcome.requests["POST /recommendations/"] >= least


def unpacked(site):
    """The site, its answers unpacked as any client does it; werkzeug's does not."""

    def answer(environ, start_response):
        body, status, headers = run_wsgi_app(site, environ, buffered=True)
        content = b"".join(body)
        if headers.pop("Content-Encoding", None) == "gzip":
            content = gzip.decompress(content)
            headers["Content-Length"] = str(len(content))
        start_response(status, headers.to_wsgi_list())
        return [content]

    return answer
