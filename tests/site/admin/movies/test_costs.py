"""What lists and bulk actions ask of the database, at the size that is promised: 90,000 movies in
three runs, 5,000 decisions. On MariaDB by its plans, carried out.
"""

import re
from datetime import timedelta
from functools import partial

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone

from app.curation import services
from app.models import Curation, CurationChange, Movie, RecommendationData, Run
from tests.site.admin.pages import LIST, press
from tests.site.admin.people import member
from tests.site.admin.plans import Queries, Step, steps
from tests.site.factories import make_run, rate

pytestmark = pytest.mark.django_db
MOVIES, DECISIONS = 90_000, 5_000
MOST_QUERIES, MOST_OF_AN_ACTION = 8, 12

NUMBERS = """
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 299),
ids(id) AS (SELECT 300 * a.i + b.i + 1 FROM n a JOIN n b)
"""
"""300 times 300: servers do not count to 90,000 in one go."""
ALL_MOVIES = f"""
INSERT INTO app_movie (movie_id, title, year, imdb_id, tmdb_id)
{NUMBERS} SELECT id, REPLACE('Movie #', '#', id), 1930 + id % 90, '', '' FROM ids
"""
ALL_GENRES = f"INSERT INTO app_moviegenre (movie_id, genre) {NUMBERS} SELECT id, 'Drama' FROM ids"
ALL_REJECTED = f"""
INSERT INTO app_rejectedrow (run_id, file, reason, raw)
{NUMBERS} SELECT r.id, 'ratings.csv', 'bad_id', 'x' FROM ids JOIN app_run r WHERE ids.id <= 1000
"""


@pytest.fixture
def curator():
    """Who may see all lists."""
    return member("anna", "curator", "operator")


@pytest.fixture
def much():
    """As much as is promised, made by the server itself, which takes seconds."""
    execute(ALL_MOVIES, ALL_GENRES)
    assert Movie.objects.count() == MOVIES
    for status in ("superseded", "superseded", "current"):
        rate_all(make_run(status, movies_rated=MOVIES, movies_ranked=MOVIES))
    execute(ALL_REJECTED)
    decide()


def execute(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def rate_all(run: Run) -> None:
    """Each movie as the first, but for its rank and score."""
    rate(run, Movie.objects.get(pk=1), rank=1)
    own = {"movie_id": "m.movie_id", "rank": "m.movie_id", "year": "m.year"}
    own["weighted_rating"] = f"5 - m.movie_id / {MOVIES}.0"
    quoted = connection.ops.quote_name
    names = [str(field.column) for field in RecommendationData._meta.concrete_fields]
    values = [own.get(name) or f"r.{quoted(name)}" for name in names]
    execute(
        f"INSERT INTO app_recommendationdata ({', '.join(map(quoted, names))}) "
        f"SELECT {', '.join(values)} FROM app_recommendationdata r JOIN app_movie m "
        f"WHERE r.run_id = {run.pk} AND r.movie_id = 1 AND m.movie_id > 1"
    )


def decide() -> None:
    soon = timezone.now() + timedelta(days=3)
    user = User.objects.create_user("berta")
    for plan in (
        partial(services.plan_hide, range(1, 3_001)),
        partial(services.plan_pin, range(3_001, 3_021), 5),
        partial(services.plan_notes, range(3_021, DECISIONS + 1), note="why"),
        partial(services.plan_until, range(2_990, 3_010), soon),
    ):
        services.apply(plan(), user=user)
    assert Curation.objects.count() == DECISIONS


HISTORY, RUNS = "/admin/app/curationchange/", "/admin/app/run/"
LISTS = [
    *(LIST, f"{LIST}?p=1800", f"{LIST}?rows=200", f"{LIST}?q=movie+1", f"{LIST}?moved=entered"),
    *(f"{LIST}?genre=Drama", f"{LIST}?decade=1990"),
    *(f"{LIST}?decision={kind}" for kind in ("any", "hidden", "pinned", "noted")),
    *(f"{LIST}?decision={kind}" for kind in ("expiring", "expired")),
    *(HISTORY, f"{HISTORY}?p=3", f"{HISTORY}?movie=400", f"{HISTORY}?way__exact=bulk"),
    *(f"{HISTORY}?q=movie+40", RUNS, f"{RUNS}?status__exact=superseded"),
]


# One test for both, as the data are the costly part.
def test_lists_and_bulk_actions_cost_what_is_promised(curator, much):
    curator.get(LIST)  # what a process loads once
    rejected = f"{RUNS}{Run.objects.current().get().pk}/rejected/?reason=bad_id"
    for address in (*LISTS, rejected):
        list_is_cheap(curator, address)
    for action, values in (("hide", {}), ("pin", {"position": "300"})):
        bulk_action_is_cheap(curator, action, values)
    assert Curation.objects.filter(pinned_position__gte=300).count() == 200


def list_is_cheap(client: Client, address: str) -> None:
    with Queries() as queries:
        assert client.get(address).status_code == 200
    assert len(queries.own) <= MOST_QUERIES, (address, queries.own)
    if connection.vendor == "mysql":
        # Indexes are walked as far as the page that is asked for; by a search also past what does
        # not match, but not to the end.
        most = CurationChange.objects.count() // 2 if "?q=" in address else 3 * 51
        assert wasteful(queries.own, most=most) == [], address


def wasteful(statements: list[str], *, most: int) -> list[Step]:
    """Tables read whole, indexes read beyond so many rows, and rows counted."""
    read = [one for one in steps(statements) if one.table.startswith("app_")]
    beyond = [one for one in read if one.access == "index" and one.rows > most]
    counts = [one for one in read if "COUNT(" in one.statement]
    return [one for one in read if one.access == "ALL"] + beyond + counts


def bulk_action_is_cheap(client: Client, action: str, values: dict[str, str]) -> None:
    ids = ",".join(map(str, range(70_000, 70_200)))
    asked = client.get(f"/admin/app/movie/decide/{action}/?movies={ids}")
    text = press(client, asked, {"show": "yes"}, **values).content.decode()
    (form,) = re.findall('<form method="post" action="([^"]+)">', text)
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', text))
    with Queries() as queries:
        answer = client.post(form, fields | values | {"confirmed": "yes"})
    assert answer.status_code == 302
    # SQLite takes some rows at a time.
    most = MOST_OF_AN_ACTION if connection.vendor == "mysql" else 18
    assert len(queries.statements) <= most, queries.statements
    assert is_one_transaction([query["sql"] for query in queries.captured_queries])


def is_one_transaction(statements: list[str]) -> bool:
    """Whether one savepoint, which a transaction is within that of the test, holds all changes."""
    changing = ("INSERT", "UPDATE", "DELETE")
    changes = [
        number
        for number, sql in enumerate(statements)
        if sql.startswith(changing) and "app_curation" in sql
    ]
    spans = [
        (begun, statements.index(f"RELEASE {sql}"))
        for begun, sql in enumerate(statements)
        if sql.startswith("SAVEPOINT")
    ]
    return any(begun < min(changes) and max(changes) < ended for begun, ended in spans)
