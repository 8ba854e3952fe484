"""What a request leaves behind: an id, and a line in the log without secrets."""

import io
import json
import logging
from http import HTTPStatus

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import path

from app.ops import client_ip, log_format
from app.pages.errors import by_accept_header
from app.web.problems import Problem

pytestmark = pytest.mark.django_db


def fails(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("nobody expected this")


def speaks(request: HttpRequest) -> HttpResponse:
    logging.getLogger("app.somewhere").warning("in the middle of it")
    return HttpResponse("done")


def refuses(request: HttpRequest) -> HttpResponse:
    return by_accept_header(request, Problem(HTTPStatus.SERVICE_UNAVAILABLE, "not now"))


urlpatterns = [path("fails/", fails), path("speaks/", speaks), path("refuses/", refuses)]
handler500 = "app.pages.errors.server_error"


@pytest.fixture
def log(settings):
    """The lines as production writes them, of this file's addresses."""
    settings.ACCESS_LOG = True
    settings.ROOT_URLCONF = __name__
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(log_format.JSONLines())
    handler.addFilter(log_format.RequestId())
    logging.getLogger().addHandler(handler)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def access(log):
    return lambda: [line for line in log() if line["logger"] == "app.access"]


def test_every_answer_has_an_id_of_its_own(client):
    first, second = (client.get("/nowhere/")["X-Request-ID"] for _ in range(2))
    assert len(first) == 32
    assert first != second


def test_an_id_that_a_proxy_gave_is_kept(client):
    answer = client.get("/nowhere/", headers={"X-Request-ID": "of-the-proxy_1.2"})
    assert answer["X-Request-ID"] == "of-the-proxy_1.2"


@pytest.mark.parametrize("given", ["short", "x" * 65, "with blank", 'quote"quote', "ümläute-ab"])
def test_an_id_that_is_not_fit_for_a_log_is_replaced(client, given):
    answer = client.get("/nowhere/", headers={"X-Request-ID": given})
    assert len(answer["X-Request-ID"]) == 32


def test_every_line_of_a_request_carries_its_id(client, log):
    for address in ("/speaks/", "/fails/", "/refuses/", "/nowhere/"):
        client.raise_request_exception = False
        client.get(address, headers={"X-Request-ID": f"id-of{address.replace('/', '-')}"})
    texts = {(line["request_id"], line["logger"]) for line in log()}
    assert texts >= {
        ("id-of-speaks-", "app.somewhere"),
        ("id-of-speaks-", "app.access"),
        ("id-of-fails-", "django.request"),
        ("id-of-refuses-", "django.request"),
        ("id-of-nowhere-", "app.access"),
    }
    assert {line["request_id"] for line in log()} == {
        "id-of-speaks-", "id-of-fails-", "id-of-refuses-", "id-of-nowhere-",
    }  # fmt: skip


def test_what_is_said_outside_of_requests_has_no_id(client, log):
    client.get("/speaks/")
    logging.getLogger("app.somewhere").warning("later")
    assert log()[-1]["request_id"] == "-"


def test_a_request_is_one_line(client, access):
    client.get("/speaks/?limit=20", headers={"X-Request-ID": "the-request"}, REMOTE_ADDR="10.1.2.3")
    (line,) = access()
    assert 0 < line.pop("milliseconds") < 10_000
    assert line.pop("time").endswith("+00:00")
    assert line.pop("process")
    assert line == {
        "level": "INFO",
        "logger": "app.access",
        "request_id": "the-request",
        "method": "GET",
        "path": "/speaks/",
        "query": "limit=20",
        "status": 200,
        "bytes": 4,
        "client": "10.1.2.3",
    }


def test_an_error_is_one_line_with_its_traceback(client, log):
    client.raise_request_exception = False
    assert client.get("/fails/?token=secret").status_code == 500
    (line,) = [line for line in log() if line["level"] == "ERROR"]
    assert line["message"] == "Internal Server Error: /fails/"
    assert "RuntimeError: nobody expected this" in line["exc_info"]


def test_the_log_has_no_secrets(client, log, access):
    client.raise_request_exception = False
    client.cookies["sessionid"] = "secret-cookie"
    headers = {"Authorization": "Bearer secret-token"}
    for address in ("/speaks/", "/fails/", "/refuses/"):
        client.post(f"{address}?secret-query", {"password": "secret-form"}, headers=headers)
    assert len(access()) == 3
    assert "secret" not in json.dumps(log())


def test_long_addresses_are_cut(client, access):
    client.get("/" + "a" * 3000, {"q": "b" * 3000})
    (line,) = access()
    assert len(line["path"]) == 500
    assert len(line["query"]) == 200


def test_a_line_break_in_an_address_makes_no_second_line(client, access, caplog):
    client.get("/a%0Ab/")
    assert access()[0]["path"] == "/a\nb/"
    assert "\n" not in "".join(caplog.messages)


def test_without_an_access_log_there_are_no_lines(client, log, settings):
    settings.ACCESS_LOG = False
    client.get("/speaks/")
    assert [line["logger"] for line in log()] == ["app.somewhere"]


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "1.2.3.4", "10.0.0.1"),
        ("", "1.2.3.4", "1.2.3.4"),
        ("", "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        ("", "2001:DB8::1", "2001:db8::1"),
        ("::ffff:1.2.3.4", "", "1.2.3.4"),
        ("10.0.0.9", "1.2.3.4", "1.2.3.4"),
        ("10.0.0.9", "", "10.0.0.9"),
        ("fe80::1%eth0", "", "fe80::1"),
        ("", "", None),
        ("", "1.2.3.4, <script>", None),
    ],
)
def test_a_client_is_the_peer_or_whom_the_proxy_names(settings, peer, forwarded, address):
    settings.TRUSTED_PROXY = ["unix", "10.0.0.9"]
    request = RequestFactory().get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=forwarded)
    assert client_ip.address(request) == address
