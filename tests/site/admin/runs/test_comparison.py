"""Two runs compared in the admin, as ranked and as readers see them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from app.admin.runs.comparison import difference
from tests.site.admin.pages import text_of
from tests.site.admin.runs.run_pages import former_movie, page_of
from tests.site.factories import curate, make_run

pytestmark = pytest.mark.django_db


def shown(found):
    return {
        kind.name: [(row.movie_id, row.before, row.after) for row in kind.rows]
        for kind in found.kinds
    }


def test_two_runs_are_compared_as_ranked_and_as_readers_see_them(former, current):
    as_ranked = difference(former, current, curated=False)
    assert shown(as_ranked) == {
        "entered": [(4, None, 2)],
        "left": [(3, 3, None)],
        "moved": [(1, 1, 3), (2, 2, 1)],
    }
    curate(former_movie(former, 2), hidden=True)
    curate(former_movie(former, 3), pinned_position=1)
    curate(former_movie(former, 1), hidden=True, until=timezone.now() - timedelta(days=1))
    as_seen = difference(former, current, curated=True)
    assert shown(as_seen) == {
        "entered": [(4, None, 2)],
        "left": [],
        "moved": [(1, 2, 3)],
    }
    assert (as_seen.size_before, as_seen.size_after) == (2, 3)


def test_places_with_curation_are_those_of_the_list_that_readers_get(client, former, current):
    curate(former_movie(former, 2), hidden=True)
    curate(former_movie(former, 3), pinned_position=2)
    curate(former_movie(former, 1), pinned_position=9)
    results = client.get("/recommendations/").json()["results"]
    found = difference(None, current, curated=True)
    (entered, *_) = found.kinds
    assert [row.movie_id for row in entered.rows] == [one["movie_id"] for one in results]


def test_the_page_compares_with_the_current_run_or_another_one(admin_client, former, current):
    with CaptureQueriesContext(connection) as queries:
        text = text_of(admin_client.get(page_of(former, "compare")))
    assert len(queries) <= 12
    assert f"3 movies in run {current.pk} and 3 in run {former.pk}" in text
    assert "Entered the ranking: 1 " in text and "Movie 3 (2000)" in text
    assert "0.500 0.200 −0.300 ▼" in text
    assert text == text_of(admin_client.get(page_of(former, "compare") + "?with=x"))
    alone = make_run("failed")
    assert "no other run" in text_of(admin_client.get(page_of(alone, "compare")))
