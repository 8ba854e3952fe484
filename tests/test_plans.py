"""What MariaDB does for the lists of a large catalogue: 90,000 movies, three kept runs.

Each statement that an address runs is taken from the site itself, and carried out once more
under ANALYZE: the plan is the one that was followed, and rows are counted, not guessed.

- The default lists, in every order, near or deep, and with `min_ratings`: along an index, never
  a whole table, nothing sorted. Curated movies are there.
- Narrowed lists may sort what belongs to them where that is less than to pass along the index.
- A search may look through the titles of the catalogue, at the most twice: for the few movies
  that have rare words, or to count the many that have common ones.
- The genres are counted over all rows of the run, two runs are compared by all of theirs.

Tables of a few rows, runs and decisions, are read as it comes.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from app.parameters import Listing
from tests.targets import ROOT, MariaDBTarget, MariaDBTargets

MOVIES, RANKED, GENRES = 90_000, 18_000, 200_000
LARGE = {"app_recommendationdata", "app_moviegenre", "app_movie", "r", "g", "m", "U0"}
"""Tables, and what the statements call them."""
ORDERS = {
    "weighted_rating": "recommendation_by_score",
    "avg_rating": "recommendation_by_average",
    "rating_count": "recommendation_by_count",
    "year": "recommendation_by_year",
}
DEEP = "&limit=100&offset=15000"

# Addresses and the most rows that all their statements may read.
DEFAULT = {
    f"/recommendations/?order={order}{more}": most
    for order in ORDERS
    for more, most in {
        # How many belong is counted; then come those of the stretch, and what lies before it.
        "": RANKED + 10_000,
        DEEP: RANKED + MOVIES,
        "&min_ratings=0": MOVIES + 1_000,
        "&min_ratings=0&offset=80000": 2 * MOVIES,
        "&min_ratings=40": RANKED + 20_000,
    }.items()
} | {"/stats/": RANKED + 1_000}
NARROWED = {
    "/recommendations/?min_ratings=50000": 1_000,
    "/recommendations/?genre=IMAX": 2_000,
    "/recommendations/?genre=IMAX&min_ratings=0&offset=200": 2_000,
    "/recommendations/?genre=Drama": MOVIES,
    "/recommendations/?genre=Drama&offset=1500&order=year": MOVIES,
    "/recommendations/?genre=Drama&genre=Comedy&min_ratings=0": 2 * MOVIES,
    "/recommendations/?genre=Drama&genre=-War&order=avg_rating": 2 * MOVIES,
    "/recommendations/?genre=-War": MOVIES,
    "/recommendations/?year_from=1990&year_to=1999": RANKED + 10_000,
    "/recommendations/?year_from=1990&year_to=1999&offset=3000": 3 * RANKED,
    "/recommendations/?year_from=1930&year_to=1940&min_ratings=0": 2_000,
    "/recommendations/?year_from=1990&order=year": MOVIES + 1_000,
}
SEARCHES = {
    "/api/search/?q=zyzzyva": MOVIES + 1_000,
    "/api/search/?q=nowhere": MOVIES + 1_000,
    "/recommendations/?q=zyzzyva&min_ratings=0&order=year": MOVIES + 1_000,
    "/api/search/?q=the": 3 * MOVIES,
    "/api/search/?q=t": 3 * MOVIES,
    "/api/search/?q=t&offset=40000": 5 * MOVIES,
}
OTHERS = {
    "/api/movies/{movie}/": 100,
    "/api/movies/{movie}/?run=2": 100,
    "/api/runs/": 100,
    "/api/runs/2/": 100,
    "/api/openapi.json": 100,
    "/api/genres/": MOVIES + GENRES,
    "/api/runs/2/diff/3/": 2 * MOVIES + 1_000,
    "/movies/": RANKED + 1_000,
    "/movies/{movie}/": 100,
    "/dashboard/": RANKED + 1_000,
}


@dataclass(frozen=True)
class Step:
    """A table that was read: how, and how many rows of it in all."""

    statement: str
    table: str
    access: str
    key: str
    index_alone: bool
    rows: int


@dataclass(frozen=True)
class Plan:
    steps: list[Step]
    sorts: list[str]
    """What was put in order or aside for it."""

    @property
    def rows(self) -> int:
        return sum(step.rows for step in self.steps)

    def scans(self) -> list[Step]:
        """Large tables that were read from their first row to their last."""
        return [step for step in self.steps if step.table in LARGE and step.access == "ALL"]


@pytest.fixture(scope="module")
def catalogue(mariadb_targets: MariaDBTargets) -> MariaDBTarget:
    target = mariadb_targets.make()
    subprocess.run(
        [sys.executable, "-m", "benchmarks.api_data", f"--movies={MOVIES}", "--runs=3"],
        cwd=ROOT, env=os.environ | {"ENV_FILE": "/dev/null"} | target.environment, check=True,
    )  # fmt: skip
    for statement in SOMETHING_RARE:
        target.execute(statement)
    assert target.rows("SELECT SUM(hidden), COUNT(pinned_position) FROM app_curation") == [(34, 10)]
    return target


SOMETHING_RARE = [
    "UPDATE app_movie SET title = 'Zyzzyva', search_title = ' zyzzyva' WHERE movie_id % 9973 = 7",
    "INSERT INTO app_moviegenre (movie_id, genre)"
    " SELECT movie_id, 'IMAX' FROM app_movie WHERE movie_id % 300 = 7",
    # Every 400th of the ranking is hidden; of the first thousand, each second such is pinned.
    "INSERT INTO app_curation (movie_id, hidden, pinned_position, note, decided_at)"
    " SELECT movie_id, NOT (`rank` < 8000 AND `rank` % 800 = 7),"
    " IF(`rank` < 8000 AND `rank` % 800 = 7, 1 + `rank` DIV 400, NULL), '', NOW()"
    " FROM app_recommendationdata WHERE run_id = 3 AND `rank` % 400 = 7",
    # The run before had another ranking.
    "UPDATE app_recommendationdata SET `rank` = 17000 - `rank` WHERE run_id = 2 AND `rank` < 17000",
    "ANALYZE TABLE app_movie, app_moviegenre, app_curation, app_recommendationdata",
]


@pytest.fixture(scope="module")
def plans(catalogue: MariaDBTarget) -> dict[str, Plan]:
    """Address -> how its statements were carried out."""
    ((movie,),) = catalogue.rows("SELECT MAX(movie_id) FROM app_recommendationdata")
    addresses = [*DEFAULT, *NARROWED, *SEARCHES, *OTHERS]
    asked = {address: address.format(movie=movie) for address in addresses}
    done = subprocess.run(
        [sys.executable, "-m", "tests.statements", *asked.values()],
        cwd=ROOT, env=os.environ | {"ENV_FILE": "/dev/null"} | catalogue.environment,
        check=True, stdout=subprocess.PIPE,
    )  # fmt: skip
    statements = json.loads(done.stdout.splitlines()[-1])
    return {key: follow(catalogue, statements[address]) for key, address in asked.items()}


def follow(catalogue: MariaDBTarget, statements: list[str]) -> Plan:
    steps, sorts = [], []
    for statement in statements:
        ((analysis,),) = catalogue.rows(f"ANALYZE FORMAT=JSON {statement}")
        for name, node in nodes(json.loads(analysis)):
            if name == "table" and "table_name" in node:
                rows = round((node.get("r_loops") or 0) * (node.get("r_rows") or 0))
                how = node["access_type"], node.get("key", ""), node.get("using_index", False)
                steps.append(Step(statement, node["table_name"], *how, rows))
            elif name in ("filesort", "temporary_table"):
                sorts.append(f"{name}: {statement}")
    return Plan(steps, sorts)


def nodes(tree: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """All named objects of a JSON tree."""
    children = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for name, child in children:
        if isinstance(child, dict):
            yield str(name), child
        if isinstance(child, dict | list):
            yield from nodes(child)


@pytest.mark.parametrize("address", DEFAULT)
def test_default_lists_follow_an_index_and_sort_nothing(plans, address):
    plan = plans[address]
    assert not plan.scans()
    assert not plan.sorts
    assert plan.rows <= DEFAULT[address]


@pytest.mark.parametrize(("order", "index"), ORDERS.items())
def test_a_deep_stretch_reads_nothing_but_the_index_of_its_order(plans, order, index):
    steps = plans[f"/recommendations/?order={order}{DEEP}"].steps
    (walk,) = [step for step in steps if "OFFSET" in step.statement]
    assert (walk.key, walk.index_alone) == (index, True)


def test_a_list_of_some_years_is_told_to_follow_the_index_of_its_order(plans):
    # MariaDB would by itself. MySQL 9.7 passes over the rows of all former runs first.
    steps = plans["/recommendations/?year_from=1990&year_to=1999"].steps
    (walk,) = [step for step in steps if "OFFSET" in step.statement]
    assert "FORCE INDEX (recommendation_by_score)" in walk.statement


@pytest.mark.parametrize("address", NARROWED)
def test_narrowed_lists_are_found_by_an_index(plans, address):
    plan = plans[address]
    assert not plan.scans()
    assert plan.rows <= NARROWED[address]


@pytest.mark.parametrize("address", SEARCHES)
def test_a_search_looks_through_titles_and_no_other_table(plans, address):
    plan = plans[address]
    assert {step.table for step in plan.scans()} <= {"app_movie"}
    assert len(plan.scans()) <= 2
    assert plan.rows <= SEARCHES[address]


@pytest.mark.parametrize("address", OTHERS)
def test_all_else_is_found_by_an_index(plans, address):
    plan = plans[address]
    assert not plan.scans()
    assert plan.rows <= OTHERS[address]


def test_all_orders_are_looked_at():
    assert set(ORDERS) == set(Listing.model_fields["order"].annotation.__args__)
