"""/recommendations/ as curators want it: what is hidden, and what is pinned where."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.site.factories import curate, make_movie, make_ranking, rate

pytestmark = pytest.mark.django_db


def test_a_hidden_movie_leaves_the_list(listed, run):
    movies = make_ranking(run, 3)
    curate(movies[1], hidden=True)
    assert listed() == [1, 3]


def test_a_pinned_movie_stands_at_its_position(client, run):
    movies = make_ranking(run, 5)
    curate(movies[4], pinned_position=2)
    results = client.get("/recommendations/").json()["results"]
    assert [item["movie_id"] for item in results] == [1, 5, 2, 3, 4]
    assert [item["position"] for item in results] == [1, 2, 3, 4, 5]
    assert [item["rank"] for item in results] == [1, 5, 2, 3, 4]
    assert [item["pinned"] for item in results] == [False, True, False, False, False]


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 7])
def test_paging_with_pins_covers_the_list_once(client, run, limit):
    movies = make_ranking(run, 7)
    curate(movies[6], pinned_position=1)
    curate(movies[5], pinned_position=4)
    curate(movies[0], pinned_position=100)
    seen, link = [], f"/recommendations/?limit={limit}"
    while link:
        body = client.get(link).json()
        seen += [item["movie_id"] for item in body["results"]]
        link = body["next"]
    assert seen == [7, 1, 2, 6, 3, 4, 5]


def test_a_pin_holds_in_the_lists_that_the_movie_belongs_to(listed, run):
    movies = make_ranking(run, 3, genres=("War",))
    drama = make_movie(9, year=1950, genres=("Drama",))
    rate(run, drama, 1.0)
    curate(drama, pinned_position=1)
    assert listed() == [9, 1, 2, 3]
    assert listed("?genre=War") == [1, 2, 3]
    assert listed("?genre=Drama&year_to=1960") == [9]
    assert len(movies) == 3


def test_a_pin_lifts_a_movie_over_the_floor_but_not_over_the_reader_s_own(listed, run):
    make_ranking(run, 2)
    rare = make_movie(9)
    rate(run, rare, 4.9, rating_count=3)
    curate(rare, pinned_position=2)
    assert listed() == [1, 9, 2]
    assert listed("?min_ratings=10") == [1, 2]


def test_a_pinned_movie_that_the_run_does_not_know_is_left_out(listed, run):
    make_ranking(run, 2)
    curate(make_movie(9), pinned_position=1)
    assert listed() == [1, 2]


def test_a_pin_beyond_the_end_leaves_the_movie_where_it_ranks(client, run):
    movies = make_ranking(run, 5, genres=("Horror",))
    rare = make_movie(9, genres=("Horror",))
    rate(run, rare, 4.9, rating_count=3)
    curate(movies[1], pinned_position=6)
    curate(rare, pinned_position=999)
    body = client.get("/recommendations/?genre=Horror").json()
    assert [item["movie_id"] for item in body["results"]] == [1, 2, 3, 4, 5]
    assert (body["count"], [item["pinned"] for item in body["results"]]) == (5, [False] * 5)
    assert '<span class="pin">' not in client.get("/movies/?genre=Horror").content.decode()


def test_a_decision_ends_when_it_says(listed, run):
    movies = make_ranking(run, 3)
    curate(movies[0], hidden=True, until=timezone.now() - timedelta(seconds=1))
    curate(movies[1], hidden=True, until=timezone.now() + timedelta(hours=1))
    assert listed() == [1, 3]


def test_a_mere_note_changes_nothing(listed, run):
    movies = make_ranking(run, 2)
    curate(movies[0], note="watch this one")
    assert listed() == [1, 2]
