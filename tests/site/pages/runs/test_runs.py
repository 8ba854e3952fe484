"""/runs/, /runs/<id>/, /runs/<a>/diff/<b>/: the history, a run in full, what changed."""

from datetime import timedelta

import pytest

from tests.site.factories import (
    MOMENT,
    curate,
    evaluation,
    make_models,
    make_movie,
    make_run,
    rate,
)

pytestmark = pytest.mark.django_db


def page(client, address, status=200):
    answer = client.get(address)
    assert answer.status_code == status
    assert answer["Content-Type"].startswith("text/html")
    return answer.content.decode()


@pytest.fixture
def runs():
    """Two runs: 1 falls behind 2, 3 leaves, 4 enters."""
    before = make_run("superseded", prior_weight=50.0)
    after = make_run(prior_weight=20.0, finished_at=MOMENT + timedelta(hours=1))
    movies = {n: make_movie(n) for n in range(1, 5)}
    for run, ranking in ((before, (1, 2, 3)), (after, (2, 1, 4))):
        for rank, movie_id in enumerate(ranking, start=1):
            rate(run, movies[movie_id], score=5 - rank / 10, rank=rank)
    return before, after


def test_the_history_has_the_newest_run_first_and_leads_to_each(client, runs):
    before, after = runs
    text = page(client, "/runs/")
    first, second = (text.index(f'href="/runs/{one.pk}/"') for one in (after, before))
    assert first < second
    assert f'href="/runs/{before.pk}/diff/{after.pk}/"' in text
    assert text.count("nothing to compare with") == 1


def test_the_history_is_paged_and_holds_to_its_newest_run(client, runs):
    before, after = runs
    text = page(client, "/runs/?limit=1")
    assert f'rel="next" href="?limit=1&amp;offset=1&amp;run={after.pk}"' in text
    make_run(status="superseded")
    second = page(client, f"/runs/?limit=1&offset=1&run={after.pk}")
    assert f'href="/runs/{before.pk}/"' in second
    assert f'rel="prev" href="?limit=1&amp;run={after.pk}"' in second


def test_a_run_whose_rows_are_purged_is_told_but_not_compared(client, runs):
    old = make_run("superseded", purged_at=MOMENT)
    text = page(client, f"/runs/{old.pk}/")
    assert "Its rows are purged" in text
    assert "/diff/" not in text
    assert f"run={old.pk}" not in text
    assert "rows purged" in page(client, "/runs/")


def test_a_run_in_full(client):
    make_run("superseded")
    run = make_run(
        parameters={"min_ratings": 50, "trending": {"half_life_months": 6.5}},
        versions={"job": "abc123", "spark": "4.0.5"},
        overruled_gates={"ratings_dropped": "7 accepted ratings after 10"},
        evaluation=evaluation(0.1234, splits=("random", "temporal")),
        rejected_by_reason={"ratings": {"bad_id": 2, "malformed": 1}},
        ratings_superseded=1,
    )
    make_models(run, users=7)
    text = page(client, f"/runs/{run.pk}/")
    for figure in ("trending.half_life_months", "6.5", "abc123", "4.0.5", "0" * 64,
                   "7 accepted ratings after 10", "similar.shrinkage", "0.123"):  # fmt: skip
        assert figure in text, figure
    assert text.count("passed") == 5
    assert text.index("<code>bad_id</code>") < text.index("<code>malformed</code>")
    assert "a rating is not a number" in text


def test_the_first_run_passed_no_gate(client):
    run = make_run()
    text = page(client, f"/runs/{run.pk}/")
    assert "passed" not in text
    assert text.count("nothing to compare with") == 6
    assert "This run did not measure it" in text


@pytest.mark.parametrize("address", ["/runs/99/", "/runs/99/diff/98/", "/runs/99999999999/"])
def test_a_run_that_there_is_not_is_a_404(client, runs, address):
    page(client, address, status=404)


def test_what_changed_is_what_the_json_says(client, runs):
    before, after = runs
    address = f"/runs/{before.pk}/diff/{after.pk}/"
    text = page(client, address)
    for kind, movie_id in (("entered", 4), ("climbed", 2), ("fell", 1), ("left", 3)):
        part = text[text.index(f'id="kind-{kind}"') :].partition("</section>")[0]
        assert f'href="/movies/{movie_id}/"' in part
        assert part.count("<li>") == 1
    found = client.get(f"/api{address}").json()
    assert (found["entered"], found["moved"], found["left"]) == (1, 2, 1)
    assert "2 → 1" in text and "1 → 2" in text
    assert "prior weight m" in text and ">50<" in text and ">20<" in text


def test_the_way_back_is_the_other_way_round(client, runs):
    before, after = runs
    text = page(client, f"/runs/{after.pk}/diff/{before.pk}/")
    part = text[text.index('id="kind-entered"') :].partition("</section>")[0]
    assert 'href="/movies/3/"' in part


def test_one_kind_is_paged(client):
    before, after = make_run("superseded"), make_run()
    for rank, movie in enumerate([make_movie(n) for n in range(1, 13)], start=1):
        rate(after, movie, score=5 - rank / 100, rank=rank)
    address = f"/runs/{before.pk}/diff/{after.pk}/"
    assert 'href="?kind=entered">All 12<' in page(client, address)
    text = page(client, f"{address}?kind=entered&limit=5&offset=5")
    assert [n for n in range(1, 13) if f'href="/movies/{n}/"' in text] == [6, 7, 8, 9, 10]
    assert 'rel="next" href="?kind=entered&amp;limit=5&amp;offset=10"' in text
    assert 'rel="prev" href="?kind=entered&amp;limit=5"' in text


def test_hidden_movies_are_in_no_comparison(client, runs):
    before, after = runs
    curate(before.recommendationdata_set.get(movie_id=2).movie, hidden=True)
    assert 'href="/movies/2/"' not in page(client, f"/runs/{before.pk}/diff/{after.pk}/")


def test_what_a_page_does_not_know_is_refused(client, runs):
    before, after = runs
    page(client, f"/runs/{before.pk}/diff/{after.pk}/?kind=all", status=400)
    page(client, f"/runs/{after.pk}/?x=1", status=400)
    page(client, "/runs/?limit=0", status=400)


def test_known_pages_ask_the_database_nothing(client, runs, django_assert_num_queries):
    before, after = runs
    addresses = ("/runs/", f"/runs/{after.pk}/", f"/runs/{before.pk}/diff/{after.pk}/")
    for address in addresses:
        page(client, address)
    for address in addresses:
        tag = client.get(address)["ETag"]
        with django_assert_num_queries(2):  # what is in force, which a test asks each time
            assert client.get(address, headers={"If-None-Match": tag}).status_code == 304
