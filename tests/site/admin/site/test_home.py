"""The first page of the admin, who can do what, and the pages around a login."""

import re
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from app.curation import services
from app.models import Curation
from tests.site.admin.pages import text_of
from tests.site.admin.people import client_of
from tests.site.factories import curate, evaluation, make_ranking, make_run

pytestmark = pytest.mark.django_db
BROWSER = {"Accept": "text/html"}


def fresh(**more):
    return make_run(finished_at=timezone.now() - timedelta(hours=3), **more)


def home(client):
    return text_of(client.get("/admin/"))


def test_the_first_page_tells_of_the_current_run_beside_the_former(admin_client):
    make_run("superseded", evaluation=evaluation(0.45), movies_ranked=1_000)
    run = fresh(evaluation=evaluation(0.5), movies_ranked=1_200)
    text = home(admin_client)
    assert f"Run {run.pk} , published 3 hours ago" in text
    assert "Movies ranked 1,000 1,200 +200" in text
    assert "nDCG@10, split at random 0.450 0.500 +0.050 ▲ better" in text
    assert "ratings, bad_id : 2" in text


def test_the_first_page_tells_what_ends_soon_and_who_decided_last(admin_client, admin_user):
    first, second = make_ranking(fresh(), 2)
    curate(first, hidden=True, until=timezone.now() + timedelta(days=2))
    curate(second, hidden=True, until=timezone.now() + timedelta(days=9))
    row = Curation(movie_id=2, note="why", until=None)
    services.apply(services.plan_decision(row), user=admin_user)
    text = home(admin_client)
    ends, last = text.split("Last decisions")
    assert "Movie 1 (2000) : hidden, until" in ends
    assert "Movie 2" not in ends.split("end within a week")[1]
    assert "Movie 2 (2000) : hidden, until" in last


@pytest.mark.parametrize(
    ("runs", "told"),
    [
        ([], "Nothing is published: readers see an empty site. Run the job."),
        ([{}], "The current run is older than 48 hours."),
        ([{"status": "failed", "error": "disk full"}], "Run 9 failed: disk full"),
        (
            [{"status": "loading"}],
            "The job that was loading run 9 ended without reporting an error.",
        ),
        (
            [{"overruled_gates": {"top_replaced": "58"}}],
            "although a gate was closed: fewer than 60",
        ),
        ([{"ratings_read": 10, "ratings_accepted": 8}], "The run rejected 2 of 10 ratings."),
        ([{"encrypted": False}], "connection to the database was not encrypted"),
        (
            [
                {"pk": 8, "status": "superseded", "evaluation": evaluation(0.5)},
                {"evaluation": evaluation(0.4)},
            ],
            "nDCG@10 fell from 0.500 to 0.400",
        ),
    ],
)
def test_the_first_page_tells_what_is_wrong(admin_client, runs, told):
    for values in runs:
        make_run(**{"pk": 9} | values)
    assert told in home(admin_client)


def test_where_nothing_is_wrong_it_says_so(admin_client):
    fresh(ratings_read=10, ratings_accepted=10, rejected_by_reason={"ratings": {}})
    text = home(admin_client)
    assert "Nothing that this page knows of." in text
    assert "Every row of the input was accepted." in text


@pytest.mark.parametrize("role", ["curator", "operator", "superuser"])
def test_the_first_page_takes_at_most_eight_queries(role):
    for movie in make_ranking(fresh(), 9):
        curate(movie, hidden=True, until=timezone.now() + timedelta(days=1))
        services.apply(services.plan_withdrawal([movie.pk]), user=None)
        curate(movie, hidden=True, until=timezone.now() + timedelta(days=1))
    client = client_of(role)
    with CaptureQueriesContext(connection) as queries:
        text = home(client)
    assert len(queries) <= 8, [one["sql"] for one in queries]
    assert ("Last decisions" in text) == (role != "operator")


# People


def test_a_superuser_sees_who_can_do_what_in_as_many_queries_for_all(admin_client):
    for name, group in (("anna", "curator"), ("otto", "operator"), ("nils", None)):
        user = User.objects.create_user(name, is_staff=True)
        user.groups.set(Group.objects.filter(name=group))
    AccessAttempt.objects.create(username="anna", failures_since_start=5, ip_address="10.0.0.1")
    with CaptureQueriesContext(connection) as queries:
        page = admin_client.get("/admin/people/")
    assert len(queries) <= 10
    rows = re.findall(r'<th scope="row">.*?</tr>', page.content.decode(), re.S)
    found = {}
    for row in rows:
        text = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", row)).strip()
        found[text.split()[0]] = (re.findall(r"\b(yes|no)\b", text), text)
    assert found["admin"][0] == ["yes"] * 8
    assert found["anna"][0] == ["yes"] * 4 + ["no"] * 4
    assert found["otto"][0] == ["no"] * 4 + ["yes"] * 4
    assert found["nils"][0] == ["no"] * 8
    assert "locked out until" in found["anna"][1]
    assert "locked out" not in found["otto"][1]


def test_who_cannot_enter_can_do_nothing(admin_client):
    User.objects.create_superuser("gone", is_active=False)
    User.objects.create_user("reader")
    text = text_of(admin_client.get("/admin/people/"))
    assert "not active" in text and "no access to the admin" in text


# Around a login


def test_a_session_that_ended_is_told_and_leads_back(admin_client):
    Session.objects.all().delete()
    answer = admin_client.get("/admin/app/run/", follow=True)
    assert answer.redirect_chain == [("/admin/login/?next=/admin/app/run/", 302)]
    assert "Your session has ended." in text_of(answer)
    assert "has ended" not in text_of(Client().get("/admin/", follow=True))


def test_who_logs_out_is_told_of_no_session_that_ended(admin_client):
    admin_client.post("/admin/logout/")
    assert "has ended" not in text_of(admin_client.get("/admin/", follow=True))


def test_a_form_that_is_too_old_is_told_with_the_way_back(admin_user):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    page = client.post("/admin/app/movie/1/change/", {"note": "x"}, headers=BROWSER)
    assert page.status_code == 403
    text = page.content.decode()
    assert "nothing was saved" in text
    assert 'href="/admin/app/movie/1/change/"' in text


def test_a_lockout_has_a_page_that_says_until_when(client):
    form = {"username": "curator", "password": "wrong"}
    for _ in range(5):
        page = client.post("/admin/login/", form, headers=BROWSER)
    assert page.status_code == 429
    assert "Try again in 15 min." in page.content.decode()
