"""A page for every error to a browser, and problem+json to every other client."""

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.test import Client

from tests.site.conftest import new_watcher
from tests.site.factories import make_run

pytestmark = pytest.mark.django_db
BROWSER = {"Accept": "text/html"}
LONG = "x" * 2_000_000
SAID = {
    (400, "get"): "This site is not called “evil.example”.",
    (403, "get"): "or in “operator” to manage runs: ask whoever runs this site.",
    (403, "post"): "The form is too old, or it is not from this site, so nothing was saved.",
}
"""To people, where it is not what programs are told."""


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
    assert SAID.get((status, method), problem.json()["detail"]) in text.replace("&#x27;", "'")
    if status == 405:
        assert page["Allow"] == problem["Allow"] == "POST, OPTIONS"


@pytest.mark.parametrize("address", ["/movies/", "/", "/dashboard/", "/api/docs/"])
def test_a_page_refuses_to_be_written_to_with_a_page(client, address):
    make_run()
    answer = client.post(address, headers=BROWSER)
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")
    assert "This address only takes GET, HEAD." in answer.content.decode()


@pytest.mark.parametrize(
    ("error", "status"), [(RuntimeError("swordfish"), 500), (PermissionDenied("swordfish"), 403)]
)
def test_what_goes_wrong_in_the_admin_is_told_without_secrets(
    admin_client, monkeypatch, error, status
):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr("app.admin.movies.model_admin.MovieAdmin.get_queryset", fail)
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
    assert "Try again in 15 min." in answer.content.decode()


def test_what_is_not_there_is_looked_for(client):
    make_run()
    page = client.get("/films/the-big_sleep.html", headers=BROWSER).content.decode()
    assert "There is nothing at /films/the-big_sleep.html." in page
    assert 'value="the big sleep"' in page
    page = client.get("/movies/9/", headers=BROWSER).content.decode()
    assert "There is no such movie" in page
    assert "There is no movie 9 here" in page
    assert 'required value=""' in page


def test_before_the_first_run_a_page_says_what_to_do(client):
    answer = client.get("/movies/", headers=BROWSER)
    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert "<h1>Nothing is published yet</h1>" in answer.content.decode()
    assert '<a class="button" href="/movies/">Try again</a>' in answer.content.decode()


def test_without_the_database_a_page_says_what_stays_up(client, monkeypatch):
    def fail():
        raise OperationalError("server has gone away")

    monkeypatch.setattr("app.serving.watcher.watcher", new_watcher(fail))
    page = client.get("/movies/", headers=BROWSER)
    assert page.status_code == 503
    assert "The database does not answer." in page.content.decode()
    assert "stay up meanwhile" in page.content.decode()
    assert "gone away" not in page.content.decode()


def test_a_fault_is_told_with_the_number_of_its_line_in_the_log(client, monkeypatch):
    def fail(*_):
        raise RuntimeError("swordfish")

    make_run()
    monkeypatch.setattr("app.pages.ranking.views.ranking_table", fail)
    page = client.get("/movies/", headers=BROWSER)
    assert page.status_code == 500
    assert f"<code>{page['X-Request-ID']}</code>" in page.content.decode()
    assert "swordfish" not in page.content.decode()


@pytest.mark.parametrize("headers", [{}, BROWSER])
def test_problems_of_json_stay_english(client, headers):
    make_run()
    for _ in range(6):
        answer = client.post("/admin/login/", {"username": "x", "password": "y"})
    assert answer.status_code == 429
    assert answer.json()["detail"] == (
        "Too many failed logins under this name: wait a quarter of an hour."
    )
    headers = headers | {"Accept-Language": "zh-CN"}
    wrong = client.get("/recommendations/?like=1&rated=x&q=&limit=0", headers=headers).json()
    assert wrong["detail"] == (
        "limit: must be a whole number from 1 to 100; q: must not be empty; "
        "rated: “x” is not a movie id: ids are whole numbers from 1 to 2147483647"
    )
