"""What job and site agree on: the tables of a run, their columns, and the publish lock.

Django's migrations own the tables; this page is what the job relies on. A test holds it
against the migrated models, and the job checks the live database against it before it
computes anything. Standard library only: the site may read it in checks and tests.
"""

from dataclasses import dataclass

HALF_STARS = range(1, 11)
"""A rating in half-stars: 1 is 0.5 stars, 10 is 5.0 stars."""


def half_star_column(half_stars: int) -> str:
    """Name of the column that counts the ratings of so many half-stars."""
    return f"half_stars_{half_stars}"


HALF_STAR_COLUMNS = tuple(map(half_star_column, HALF_STARS))


def publish_lock_name(schema: str) -> str:
    """MySQL's lock of whoever publishes into a schema or purges it; such names end at 64 signs."""
    return f"recsys.publish.{schema}"[:64]


@dataclass(frozen=True)
class Column:
    """A column as the job writes it; `type` is one of the names in `TYPES`."""

    name: str
    type: str
    nullable: bool = False


TYPES = {
    "integer": ("int", "integer", "smallint", "mediumint"),
    "bigint": ("bigint", "integer"),
    "double": ("double", "real"),
    "text": ("varchar", "longtext", "text", "json"),
    "datetime": ("datetime",),
    "boolean": ("tinyint", "bool"),
}
"""Contract type -> the names that MySQL, MariaDB and SQLite give it."""

TABLES: dict[str, tuple[Column, ...]] = {
    "app_run": (
        Column("id", "bigint"),
        Column("status", "text"),
        Column("started_at", "datetime"),
        Column("finished_at", "datetime", nullable=True),
        Column("purged_at", "datetime", nullable=True),
        Column("error", "text"),
        Column("input", "text"),
        Column("input_fingerprint", "text"),
        Column("synthetic", "boolean"),
        Column("parameters", "text"),
        Column("overruled_gates", "text"),
        Column("versions", "text"),
        Column("movies_read", "integer"),
        Column("movies_accepted", "integer"),
        Column("movies_rated", "integer"),
        Column("movies_ranked", "integer"),
        Column("ratings_read", "bigint"),
        Column("ratings_accepted", "bigint"),
        Column("ratings_superseded", "bigint"),
        Column("rejected_by_reason", "text"),
        Column("half_star_counts", "text"),
        Column("prior_mean", "double"),
        Column("prior_weight", "double"),
        Column("min_ratings", "integer"),
        Column("encrypted", "boolean", nullable=True),
    ),
    "app_movie": (
        Column("movie_id", "integer"),
        Column("title", "text"),
        Column("year", "integer", nullable=True),
    ),
    "app_moviegenre": (
        Column("movie_id", "integer"),
        Column("genre", "text"),
    ),
    "app_stagedmovie": (
        Column("run_id", "bigint"),
        Column("movie_id", "integer"),
        Column("title", "text"),
        Column("year", "integer", nullable=True),
    ),
    "app_stagedmoviegenre": (
        Column("run_id", "bigint"),
        Column("movie_id", "integer"),
        Column("genre", "text"),
    ),
    "app_recommendationdata": (
        Column("run_id", "bigint"),
        Column("movie_id", "integer"),
        *(Column(name, "integer") for name in HALF_STAR_COLUMNS),
        Column("rating_count", "integer"),
        Column("avg_rating", "double"),
        Column("weighted_rating", "double"),
        Column("rank", "integer", nullable=True),
        Column("last_rated_at", "datetime", nullable=True),
        Column("year", "integer", nullable=True),
    ),
    "app_rejectedrow": (
        Column("run_id", "bigint"),
        Column("file", "text"),
        Column("reason", "text"),
        Column("raw", "text"),
    ),
}

RUN_TABLES = {"app_recommendationdata": "movie_id", "app_rejectedrow": "id"}
STAGING_TABLES = {"app_stagedmovie": "movie_id", "app_stagedmoviegenre": "movie_id"}
"""Tables with rows of a run, kept and passing -> the column by which those are purged in chunks."""

RIGHTS: dict[str, tuple[str, ...]] = {
    "app_run": ("SELECT", "INSERT", "UPDATE"),
    "app_movie": ("SELECT", "INSERT", "UPDATE"),
    "app_moviegenre": ("SELECT", "INSERT", "DELETE"),
    "app_stagedmovie": ("SELECT", "INSERT", "DELETE"),
    "app_stagedmoviegenre": ("SELECT", "INSERT", "DELETE"),
    "app_recommendationdata": ("SELECT", "INSERT", "DELETE"),
    "app_rejectedrow": ("SELECT", "INSERT", "DELETE"),
}
"""What the job does to each table, so what its user must be granted."""

TITLE_LENGTH = 255
GENRE_LENGTH = 64
RAW_LENGTH = 1000
"""Longest title, genre and sample of a rejected row, in characters."""
