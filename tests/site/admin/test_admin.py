"""/admin/: curators decide about movies; catalogue and runs can only be looked at."""

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from app.models import Curation, Movie, RejectedRow
from tests.site.admin.pages import bulk, confirm, listed
from tests.site.factories import curate, make_movie, make_ranking, make_run

pytestmark = pytest.mark.django_db


def curation_form(**values):
    """The movie page's form as the browser sends it."""
    form = {
        "curation-TOTAL_FORMS": "1",
        "curation-INITIAL_FORMS": "0",
        "curation-MIN_NUM_FORMS": "0",
        "curation-MAX_NUM_FORMS": "1",
        "curation-0-movie": "1",
    }
    return form | {f"curation-0-{name}": value for name, value in values.items()}


def test_deciding_about_a_movie_writes_nothing_of_what_the_job_wrote(admin_client, movies):
    address = "/admin/app/movie/1/change/"
    with CaptureQueriesContext(connection) as asked:
        assert admin_client.post(address, curation_form(hidden="on")).status_code == 302
    assert Curation.objects.get().hidden
    written = f"UPDATE {connection.ops.quote_name('app_movie')} "
    assert not [one["sql"] for one in asked if one["sql"].startswith(written)]


def test_nobody_enters_without_logging_in(client):
    response = client.get("/admin/")
    assert response.status_code == 302
    assert "/admin/login/" in response.url


@pytest.mark.parametrize("model", ["movie", "curation", "curationchange", "run"])
def test_all_lists_open(admin_client, model):
    run = make_run()
    RejectedRow.objects.create(run=run, file="ratings.csv", reason="bad_id", raw="x,1,4.0,5")
    curate(make_movie(1, genres=("War",)), pinned_position=3)
    page = admin_client.get(reverse(f"admin:app_{model}_changelist"), follow=True)
    assert page.status_code == 200


def test_a_movie_is_found_by_a_part_of_its_title(admin_client):
    make_movie(1, "Alien")
    make_movie(2, "Heat")
    page = admin_client.get("/admin/app/movie/?q=lie").content.decode()
    assert "Alien" in page
    assert "Heat" not in page


def test_hiding_a_movie_on_its_page_takes_effect_in_the_list(admin_client, admin_user):
    make_ranking(make_run(), 3)
    response = admin_client.post(
        "/admin/app/movie/1/change/", curation_form(hidden="on", note="duplicate")
    )
    assert response.status_code == 302, response.content
    assert listed(admin_client) == [2, 3]
    curation = Curation.objects.get()
    assert (curation.note, curation.decided_by) == ("duplicate", admin_user)


def test_pinning_a_movie_on_its_page_takes_effect_in_the_list(admin_client):
    make_ranking(make_run(), 3)
    form = curation_form(pinned_position="1") | {"curation-0-movie": "3"}
    assert admin_client.post("/admin/app/movie/3/change/", form).status_code == 302
    assert listed(admin_client) == [3, 1, 2]


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"hidden": "on", "pinned_position": "1"}, "either hidden or pinned"),
        ({"pinned_position": "0"}, "greater than or equal to 1"),
        ({"pinned_position": "2"}, "“Movie 2 (2000)” is already pinned at this position"),
    ],
)
def test_a_decision_that_makes_no_sense_is_refused(admin_client, values, complaint):
    movies = make_ranking(make_run(), 3)
    curate(movies[1], pinned_position=2)
    response = admin_client.post("/admin/app/movie/1/change/", curation_form(**values))
    assert response.status_code == 200
    assert complaint in response.content.decode()
    assert not Curation.objects.filter(movie_id=1).exists()


def test_several_movies_are_hidden_and_shown_again_at_once(admin_client, admin_user):
    movies = make_ranking(make_run(), 3)
    curate(movies[0], pinned_position=3, note="stays")
    page = bulk(admin_client, "hide", [1, 2])
    assert listed(admin_client) == [2, 3, 1], "it asks first"
    assert "pinned at 3, note “stays”" in page.content.decode()
    confirm(admin_client, page)
    assert listed(admin_client) == [3]
    kept = Curation.objects.get(movie_id=1)
    assert (kept.note, kept.pinned_position, kept.decided_by) == ("stays", None, admin_user)
    confirm(admin_client, bulk(admin_client, "withdraw", [1, 2]))
    assert listed(admin_client) == [1, 2, 3]


def test_what_the_job_writes_cannot_be_changed(admin_client):
    run = make_run()
    make_movie(1, "Alien")
    assert admin_client.get("/admin/app/run/add/").status_code == 403
    assert admin_client.get("/admin/app/movie/add/").status_code == 403
    assert admin_client.post(f"/admin/app/run/{run.pk}/delete/").status_code == 403
    admin_client.post("/admin/app/movie/1/change/", curation_form() | {"title": "Other"})
    assert Movie.objects.get().title == "Alien"


def test_an_admin_without_its_database_says_so(admin_client, monkeypatch):
    def fail(*_):
        raise OperationalError(2013, "Lost connection to server during query")

    monkeypatch.setattr("app.admin.movies.model_admin.MovieAdmin.get_queryset", fail)
    admin_client.raise_request_exception = False
    response = admin_client.get("/admin/app/movie/", headers={"Accept": "text/html"})
    assert (response.status_code, response.headers["Retry-After"]) == (503, "30")
    assert "The database does not answer." in response.content.decode()
