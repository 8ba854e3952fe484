"""What browsers are told about our pages, and what is refused whoever asks."""

import re
import urllib.request
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse

from app.models import RejectedRow
from tests.site.factories import curate, make_ranking, make_run
from tests.support.server import site

pytestmark = pytest.mark.django_db
POLICY = {
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:",
    "font-src 'self'", "connect-src 'self'", "manifest-src 'self'", "form-action 'self'",
    "base-uri 'none'", "frame-ancestors 'none'",
}  # fmt: skip


class Inline(HTMLParser):
    """Collects what the policy forbids: scripts and styles within a page."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        # A block of data is no script.
        script = tag == "script" and given.get("type") not in (
            "application/json",
            "application/ld+json",
        )
        if tag == "style" or (script and "src" not in given):
            self.found.append(self.get_starttag_text())
        for name, value in attributes:
            if name == "style" or name.startswith("on") or (value or "").startswith("javascript:"):
                self.found.append(self.get_starttag_text())


def inline(answer):
    parser = Inline()
    parser.feed(answer.content.decode())
    return parser.found


@pytest.fixture
def movies():
    run = make_run()
    RejectedRow.objects.create(run=run, file="ratings.csv", reason="bad_id", raw="x,1,4.0,5")
    movies = make_ranking(run, 3, genres=("War",))
    curate(movies[0], pinned_position=2)
    return movies


@pytest.mark.parametrize(
    "address", ["/", "/health/", "/recommendations/", "/movies/", "/nowhere/", "/admin/login/"]
)
def test_every_answer_says_what_a_page_may_do(client, movies, address):
    answer = client.get(address, headers={"Accept": "text/html"})
    assert set(answer["Content-Security-Policy"].split("; ")) == POLICY
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Permissions-Policy"] == (
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
    )


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/movies/",
        "/movies/1/",
        "/dashboard/",
        "/runs/",
        "/runs/1/",
        "/about/",
        "/api/docs/",
        "/nowhere/",
        "/movies/?limit=x",
    ],
)
def test_no_page_has_scripts_or_styles_within(client, movies, address):
    answer = client.get(address, headers={"Accept": "text/html"})
    assert answer["Content-Type"].startswith("text/html")
    assert inline(answer) == []


def test_the_login_has_no_scripts_or_styles_within(client):
    assert inline(client.get("/admin/login/")) == []


@pytest.mark.parametrize(
    "address",
    [
        "/admin/", "/admin/password_change/",
        "/admin/app/movie/", "/admin/app/movie/?q=1", "/admin/app/movie/1/change/",
        "/admin/app/movie/1/history/", "/admin/app/curation/", "/admin/app/curation/1/change/",
        "/admin/app/curation/1/delete/", "/admin/app/run/",
        "/admin/auth/user/", "/admin/auth/user/add/", "/admin/auth/user/1/password/",
        "/admin/axes/accessattempt/",
    ],
)  # fmt: skip
def test_the_admin_has_no_scripts_or_styles_within(admin_client, admin_user, movies, address):
    answer = admin_client.get(address.replace("user/1", f"user/{admin_user.pk}"), follow=True)
    assert answer.status_code == 200
    assert inline(answer) == []


def test_a_run_in_the_admin_has_no_scripts_or_styles_within(admin_client):
    address = reverse("admin:app_run_change", args=[make_run().pk])
    assert inline(admin_client.get(address)) == []


def test_in_production_browsers_are_sent_to_https_but_load_balancers_are_not(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    make_run()
    assert client.get("/movies/").status_code == 301
    assert client.get("/health/").status_code == 200


def test_a_form_that_is_not_from_here_is_refused_with_a_problem():
    answer = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "demo"})
    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("form", ["username=" + "x" * 2_000_000, "field=x&" * 300])
def test_a_form_beyond_all_measure_is_refused_with_a_problem(client, form):
    kind = "application/x-www-form-urlencoded"
    answer = client.post("/admin/login/", form, content_type=kind)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_the_longest_forms_can_be_sent(admin_client, client):
    make_ranking(make_run(), 200)
    page = admin_client.get("/admin/app/movie/").content.decode()
    ticked = re.findall(r'name="_selected_action" value="(\d+)"', page)
    assert len(ticked) == 50
    form = {"action": "hide", "_selected_action": ticked, "select_across": "1", "index": "0"}
    asked = admin_client.post("/admin/app/movie/", form)
    assert (asked.status_code, len(asked.context["changes"])) == (200, 200)
    rated = "&".join(f"rate={n}:4.0" for n in range(1, 101))
    assert client.get(f"/for-you/?{rated}").status_code == 200


def headers_of(address, *, method="GET", **headers):
    request = urllib.request.Request(address, headers=headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.headers


def test_other_sites_may_read_nothing_unless_they_are_named(client):
    answer = client.get("/health/", headers={"Origin": "https://elsewhere.example"})
    assert not [name for name in answer.headers if name.startswith("Access-Control")]
    assert "Origin" not in answer.headers.get("Vary", "")


def test_a_named_site_may_read_and_no_more(sqlite_target):
    friend, stranger = "https://friend.example", "https://stranger.example"
    preflight = {"Access-Control-Request-Method": "DELETE"}
    with site(sqlite_target, CORS_ALLOWED_ORIGINS=friend) as address:
        live = f"{address}/recommendations/"
        for origin, allowed in ((friend, friend), (stranger, None)):
            headers = headers_of(live, method="OPTIONS", Origin=origin, **preflight)
            assert headers["Access-Control-Allow-Origin"] == allowed
            assert headers["Access-Control-Allow-Credentials"] is None
        headers = headers_of(live, method="OPTIONS", Origin=friend, **preflight)
        assert headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS, POST"
        headers = headers_of(f"{address}/admin/login/", Origin=friend)
        assert headers["Access-Control-Allow-Origin"] is None
