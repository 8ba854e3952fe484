"""The read API held against its own OpenAPI document.

schemathesis makes up requests from the document, sensible and senseless ones, and checks each
answer against it. Nothing of it is left out: all phases, all its checks, as it comes. How many
requests it makes up is what `bin/test --all` has more of.
"""

import gzip
import logging
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from schemathesis.engine import events, from_schema
from werkzeug.test import run_wsgi_app

from tests.contract.openapi.odd_site import MOVIES, USER

pytestmark = pytest.mark.django_db(transaction=True)
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


def _made_up(examples):
    """SCHEMATHESIS with so many examples of each operation, a ninth as many of its chains."""
    config = deepcopy(SCHEMATHESIS)
    config["generation"]["max-examples"] = examples
    config["phases"]["stateful"] = {"generation": {"max-examples": examples // 9}}
    return config


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
