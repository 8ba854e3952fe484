"""A page for every error to a browser, and problem+json to every other client."""

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.test import Client

from tests.site.factories import make_run

pytestmark = pytest.mark.django_db
BROWSER = {"Accept": "text/html"}
LONG = "x" * 2_000_000


def ask(method, address, *, form=None, client=None, host="testserver", signed_in=False):
    """The same question of a browser and of another client."""
    client = client or Client(enforce_csrf_checks=True, raise_request_exception=False)
    if signed_in:
        user, _ = User.objects.get_or_create(username="staff", is_staff=True)
        client.force_login(user)
    more = {"content_type": "application/x-www-form-urlencoded"} if method == "post" else {}
    for headers in (BROWSER, {"Accept": "*/*"}):
        yield getattr(client, method)(address, form, headers=headers, HTTP_HOST=host, **more)


@pytest.mark.parametrize(
    ("status", "method", "address", "more"),
    [
        (400, "get", "/nowhere/", {"host": "evil.example"}),
        (400, "get", "/admin/", {"host": "evil.example"}),
        (403, "post", "/admin/login/", {"form": "username=x"}),
        (403, "post", "/admin/app/movie/", {"form": "action=hide", "signed_in": True}),
        (403, "get", "/admin/app/run/", {"signed_in": True}),
        (403, "get", "/admin/autocomplete/", {"signed_in": True}),
        (404, "get", "/nowhere/", {}),
        (404, "get", "/admin/nowhere/", {"signed_in": True}),
        (405, "get", "/admin/logout/", {"signed_in": True}),
    ],
)
def test_an_error_is_a_page_to_a_browser(status, method, address, more):
    make_run()
    page, problem = ask(method, address, **more)
    assert (page.status_code, problem.status_code) == (status, status)
    text = page.content.decode()
    assert page["Content-Type"].startswith("text/html")
    assert "<h1>" in text
    assert problem["Content-Type"] == "application/problem+json"
    assert problem.json()["status"] == status
    assert problem.json()["detail"] in text.replace("&#x27;", "'")
    if status == 405:
        assert page["Allow"] == problem["Allow"] == "POST, OPTIONS"


@pytest.mark.parametrize("address", ["/movies/", "/", "/dashboard/", "/api/docs/"])
def test_a_page_refuses_to_be_written_to_with_a_page(client, address):
    make_run()
    answer = client.post(address, headers=BROWSER)
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")
    assert "This address only takes GET and HEAD." in answer.content.decode()


@pytest.mark.parametrize(
    ("error", "status"), [(RuntimeError("swordfish"), 500), (PermissionDenied("swordfish"), 403)]
)
def test_what_goes_wrong_in_the_admin_is_told_without_secrets(
    admin_client, monkeypatch, error, status
):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr("app.admin.movies.MovieAdmin.get_queryset", fail)
    admin_client.raise_request_exception = False
    page = admin_client.get("/admin/app/movie/", headers=BROWSER)
    assert page.status_code == status
    assert "<h1>" in page.content.decode()
    assert "swordfish" not in page.content.decode()


def test_a_form_beyond_all_measure_gets_a_page(client):
    kind = "application/x-www-form-urlencoded"
    for form in (f"username={LONG}", "field=x&" * 300):
        answer = client.post("/admin/login/", form, content_type=kind, headers=BROWSER)
        assert answer.status_code == 400
        assert "<h1>" in answer.content.decode()


def test_a_lockout_is_a_page_that_says_for_how_long(client):
    for _ in range(6):
        answer = client.post("/admin/login/", {"username": "x", "password": "y"}, headers=BROWSER)
    assert answer.status_code == 429
    assert "wait a quarter of an hour" in answer.content.decode()
