"""/runs/feed.atom against RFC 4287: what a feed and its entries must have, once each."""

from datetime import datetime, timedelta
from xml.etree import ElementTree

import pytest

from tests.site.factories import MOMENT, curate, make_movie, make_run, rate
from tests.site.outage import connection_lost_for_rows

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
HOST = "http://testserver"


@pytest.fixture
def runs():
    """Four runs, the first purged: movie n is the first of run n."""
    movies = [make_movie(n, title) for n, title in enumerate(("A", "B <&", "Godfather, The", "D"))]
    runs = [
        make_run(
            "current" if n == 3 else "superseded",
            started_at=MOMENT + timedelta(days=n),
            finished_at=MOMENT + timedelta(days=n, hours=1),
            purged_at=None if n else MOMENT,
        )
        for n in range(4)
    ]
    for n, run in enumerate(runs[1:], start=1):
        for rank, movie in enumerate(reversed(movies[: n + 1]), start=1):
            rate(run, movie, score=5 - rank / 10, rank=rank)
    return runs


def feed(client, **headers):
    answer = client.get("/runs/feed.atom", headers=headers)
    assert answer.status_code == 200
    return answer


def entries(client):
    return entries_of(feed(client))


def entries_of(answer):
    return ElementTree.fromstring(answer.content).findall(f"{ATOM}entry")  # noqa: S314


def one(element, name):
    (found,) = element.findall(ATOM + name)
    return found


def test_the_feed_is_valid_atom(client, runs):
    answer = feed(client)
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    root = ElementTree.fromstring(answer.content)  # noqa: S314
    assert root.tag == f"{ATOM}feed"
    assert one(root, "title").text
    assert one(root, "id").text.startswith("tag:testserver,2026-01-02:")
    assert one(one(root, "author"), "name").text
    links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
    assert links == {"alternate": f"{HOST}/runs/", "self": f"{HOST}/runs/feed.atom"}
    times = [datetime.fromisoformat(one(entry, "updated").text) for entry in entries(client)]
    assert all(time.tzinfo for time in times)
    assert datetime.fromisoformat(one(root, "updated").text) == max(times) == times[0]


def test_an_entry_has_what_it_must_have_and_an_id_that_stays(client, runs):
    found = {one(entry, "link").get("href"): entry for entry in entries(client)}
    assert list(found) == [f"{HOST}/runs/{run.pk}/" for run in reversed(runs)]
    ids = [one(entry, "id").text for entry in found.values()]
    assert len(set(ids)) == len(ids)
    for run, id_ in zip(reversed(runs), ids, strict=True):
        assert id_ == f"tag:testserver,{run.started_at:%Y-%m-%d}:/runs/{run.pk}/"
    for entry in found.values():
        assert one(entry, "title").text
        assert one(entry, "summary").get("type") == "html"
    make_run("superseded")
    assert [one(entry, "id").text for entry in entries(client)[1:]] == ids


def test_an_entry_tells_what_entered_and_climbed(client, runs):
    newest, second, first_kept, purged = (one(entry, "summary").text for entry in entries(client))
    assert f'<a href="{HOST}/movies/3/">D</a>' in newest
    assert "Entered" in newest and "Entered" in second
    assert f'<a href="{HOST}/movies/2/">The Godfather</a>' in second
    assert "Entered" not in first_kept + purged
    assert "10 ratings" in purged


def test_titles_are_escaped_once_as_html_and_once_as_xml(client):
    before, after = make_run("superseded"), make_run()
    rate(before, make_movie(1), rank=1)
    rate(after, make_movie(2, "B <& x"), rank=1)
    assert "B &lt;&amp; x" in one(entries(client)[0], "summary").text


def test_hidden_movies_are_not_in_it(client, runs):
    curate(runs[-1].recommendationdata_set.get(movie_id=3).movie, hidden=True)
    assert "/movies/3/" not in one(entries(client)[0], "summary").text


def test_a_reader_that_has_it_gets_no_body_and_costs_no_query(
    client, runs, django_assert_num_queries
):
    tag = feed(client)["ETag"]
    with django_assert_num_queries(2):  # what is in force, which a test asks each time
        answer = client.get("/runs/feed.atom", headers={"If-None-Match": tag})
    assert (answer.status_code, answer.content) == (304, b"")


def test_a_cold_feed_costs_a_query_a_run(client, runs, django_assert_max_num_queries):
    client.get("/runs/")  # loads the current run
    with django_assert_max_num_queries(6):
        feed(client)


def test_before_the_first_run_there_is_none(client):
    assert client.get("/runs/feed.atom").status_code == 503


def test_while_the_database_is_away_it_tells_what_is_in_memory_and_is_not_kept(client, runs):
    client.get("/runs/")  # loads the current run, which knows the ranks of the one before
    with connection_lost_for_rows():
        partial = feed(client)
    assert partial["Cache-Control"] == "no-store"
    told = [one(entry, "summary").text for entry in entries_of(partial)]
    assert ["Entered" in text for text in told] == [True, False, False, False]
    whole = feed(client)
    assert whole["Cache-Control"] == "no-cache"
    assert "Entered" in one(entries_of(whole)[1], "summary").text
