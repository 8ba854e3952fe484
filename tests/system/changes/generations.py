"""Runs whose number stands in all that is served of them, so that a mixture of two shows."""

import random
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from spark_jobs.contract import HALF_STARS
from spark_jobs.input.files.input_files import Input
from spark_jobs.input.rejection import Rejected, RowCounts
from spark_jobs.model.aggregation.counts import Counts, Totals
from spark_jobs.model.ranking.weighted_rating import rank
from spark_jobs.run_report import RunReport
from spark_jobs.store.mysql.database import MySQL
from spark_jobs.store.publish import publish
from spark_jobs.store.tables import run_tables
from tests.support.load import Answer, Load
from tests.support.targets import MariaDBTarget

MOVIES = 40
LIST, STATS, MOVIE, PAGE = "/recommendations/", "/stats/", "/api/movies/3/", "/movies/"


class Direct(MySQL):
    """The job's connection to the database without the JVM: all it runs is the job's own SQL."""

    def __init__(self, target: MariaDBTarget) -> None:
        self._connection = target.server.connect(db=target.schema, autocommit=True)

    def query(self, sql: str, *values: object) -> list[tuple]:
        cursor = self._connection.cursor()
        cursor.execute(sql.replace("?", "%s"), values)
        return list(cursor.fetchall())

    def execute(self, sql: str, *values: object) -> int:
        return int(self._connection.cursor().execute(sql.replace("?", "%s"), values))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self._connection.begin()
        yield
        self._connection.commit()

    @contextmanager
    def publish_lock(self) -> Iterator[None]:
        yield

    def append(self, frame: pa.Table, table: str) -> None:
        names = ", ".join(f"`{name}`" for name in frame.column_names)
        marks = ", ".join("%s" for _ in frame.column_names)
        rows = [tuple(row.values()) for row in frame.to_pylist()]
        sql = f"INSERT INTO {table} ({names}) VALUES ({marks})"
        self._connection.cursor().executemany(sql, rows)


@dataclass(frozen=True)
class Generation:
    """A run whose number stands in all that is served of it: titles, genres, counts, order."""

    number: int

    @property
    def ratings(self) -> int:
        """Of each movie."""
        return 100 + self.number

    @property
    def order(self) -> list[int]:
        """Movie ids, the best first; another one each time."""
        first = self.number % MOVIES
        ids = list(range(1, MOVIES + 1))
        return ids[first:] + ids[:first]

    def publish(self, database: Direct) -> int:
        return publish(database, self._rows(), self._figures(), keep_runs=3)

    def _rows(self) -> dict[str, pa.Table]:
        ids = np.arange(1, MOVIES + 1, dtype=np.int32)
        movies = pa.table(
            {
                "movie_id": ids,
                "title": [f"Movie {id_} of {self.number}" for id_ in ids],
                "year": pa.array([2000] * MOVIES, pa.int32()),
                "genres": [[f"Genre {self.number}", "Drama"]] * MOVIES,
            }
        )
        ranked = rank(ids, self._counts(), prior_mean=3.0, prior_weight=1.0, min_ratings=1)
        return run_tables(movies, ranked, [])

    def _counts(self) -> Counts:
        """The better a movie, the more of its ratings are five stars; the others are one."""
        counts = Counts.zero(MOVIES)
        counts.last_rated_at[:] = 1_000_000
        for place, id_ in enumerate(self.order):
            counts.half_stars[id_ - 1, [1, 9]] = place, self.ratings - place
        return counts

    def _figures(self) -> RunReport:
        half_stars = self._counts().half_stars.sum(axis=0)
        assert len(half_stars) == len(HALF_STARS)
        return RunReport(
            started_at=datetime.now(UTC),
            source=Input("generated", (), (), synthetic=False),
            parameters={},
            versions={},
            movies=RowCounts.of(MOVIES, Rejected()),
            ratings=RowCounts.of(int(half_stars.sum()), Rejected()),
            totals=Totals(tuple(map(int, half_stars)), MOVIES),
            movies_ranked=MOVIES,
            prior_weight=1.0,
            min_ratings=1,
            top=[],
        )


def lists() -> Iterator[str]:
    """Pages of the list and what goes with them; many that nobody has asked for before."""
    chance = random.Random(1)
    while True:
        yield f"{LIST}?limit={chance.randint(1, 50)}&offset={chance.randint(0, MOVIES)}"
        yield from (LIST, STATS, f"{LIST}?genre=Drama&q=movie", MOVIE, PAGE)


def generation_of(answer: Answer) -> int:
    """The one that all of the answer is of; ValueError where it is a mixture."""
    (number,) = set(numbers_in(answer))
    return number


def numbers_in(answer: Answer) -> Iterator[int]:
    if answer.path == PAGE:
        yield from map(int, re.findall(r"Movie \d+ of (\d+)", answer.body.decode()))
        return
    body = answer.json
    if answer.path == STATS:
        yield body["ratings"] // MOVIES - 100
    if answer.path == MOVIE:
        yield from (body["explanation"]["n"] - 100, _last_word(body["title"]))
    for item in body.get("results", body.get("top", [])):
        yield from (item["rating_count"] - 100, _last_word(item["title"]))
        yield from (_last_word(genre) for genre in item["genres"] if genre != "Drama")
        if Generation(item["rating_count"] - 100).order[item["position"] - 1] != item["movie_id"]:
            raise ValueError(f"not the order of {item['rating_count'] - 100}")


def _last_word(text: str) -> int:
    return int(text.rpartition(" ")[2])


def run_of(answer: Answer) -> int:
    if answer.path == PAGE:
        return int(re.findall(r"\(run (\d+)\)", answer.body.decode())[0])
    run = answer.json["run"]
    return run["id"] if answer.path == STATS else run


def check_nothing_failed(found: Load, *, least: int) -> None:
    assert found.failed == []
    assert Counter(answer.status for answer in found.answers) == {200: len(found.answers)}
    assert len(found.answers) > least


def has_content(answer: Answer) -> bool:
    """A page may begin past the end of the list."""
    return not answer.path.startswith(LIST) or bool(answer.json["results"])
