"""What the job and the site agree on: a run's tables, their columns, the publish lock, the purge.

Django's migrations own the tables; this module states what the job relies on. A test compares
it with the migrated models, and the job checks the live database against it before it
computes anything. Standard library only: the site may read it in checks and tests.
"""

from dataclasses import dataclass

HALF_STARS = range(1, 11)
"""A rating in half-stars: 1 is 0.5 stars, 10 is 5.0 stars."""


def half_star_column(half_stars: int) -> str:
    """Name of the column that counts the ratings of that many half-stars."""
    return f"half_stars_{half_stars}"


HALF_STAR_COLUMNS = tuple(map(half_star_column, HALF_STARS))


def publish_lock_name(schema: str) -> str:
    """Name of the MySQL lock for publishing or purging; MySQL allows 64 characters."""
    return f"recsys.publish.{schema}"[:64]


PURGE_ROWS = 5_000
"""Most rows that one transaction of a purge deletes."""
ABANDONED = "the job ended without reporting an error"
"""The error of a run whose job died, written by the next holder of the publish lock."""


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
    "bytes": ("longblob", "blob"),
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
        Column("fitted_models", "text", nullable=True),
        Column("evaluation", "text", nullable=True),
    ),
    "app_movie": (
        Column("movie_id", "integer"),
        Column("title", "text"),
        Column("year", "integer", nullable=True),
        Column("imdb_id", "text"),
        Column("tmdb_id", "text"),
        Column("tags", "text", nullable=True),
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
        Column("imdb_id", "text"),
        Column("tmdb_id", "text"),
        Column("tags", "text", nullable=True),
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
        Column("lower_bound", "double", nullable=True),
        Column("upper_bound", "double", nullable=True),
        Column("trend", "double", nullable=True),
        Column("months", "bytes", nullable=True),
    ),
    "app_similarmovie": (
        Column("run_id", "bigint"),
        Column("movie_id", "integer"),
        Column("packed", "bytes"),
    ),
    "app_visitorweights": (
        Column("run_id", "bigint"),
        Column("movie_id", "integer"),
        Column("scale", "double"),
        Column("packed", "bytes"),
    ),
    "app_userrecommendation": (
        Column("run_id", "bigint"),
        Column("user_id", "bigint"),
        Column("packed", "bytes"),
    ),
    "app_rejectedrow": (
        Column("run_id", "bigint"),
        Column("file", "text"),
        Column("reason", "text"),
        Column("raw", "text"),
    ),
}

RUN_TABLES = {
    "app_recommendationdata": "movie_id",
    "app_similarmovie": "movie_id",
    "app_visitorweights": "movie_id",
    "app_userrecommendation": "user_id",
    "app_rejectedrow": "id",
}
STAGING_TABLES = {"app_stagedmovie": "movie_id", "app_stagedmoviegenre": "movie_id"}
"""Tables with rows of a run, permanent and temporary -> the column to purge them by, in chunks."""

RIGHTS: dict[str, tuple[str, ...]] = {
    "app_run": ("SELECT", "INSERT", "UPDATE"),
    "app_movie": ("SELECT", "INSERT", "UPDATE"),
    "app_moviegenre": ("SELECT", "INSERT", "DELETE"),
    "app_stagedmovie": ("SELECT", "INSERT", "DELETE"),
    "app_stagedmoviegenre": ("SELECT", "INSERT", "DELETE"),
    "app_recommendationdata": ("SELECT", "INSERT", "DELETE"),
    "app_similarmovie": ("SELECT", "INSERT", "DELETE"),
    "app_visitorweights": ("SELECT", "INSERT", "DELETE"),
    "app_userrecommendation": ("SELECT", "INSERT", "DELETE"),
    "app_rejectedrow": ("SELECT", "INSERT", "DELETE"),
}
"""What the job does to each table, and so what its user must be granted."""

PACKING = 1
"""Version of the packed columns below; a run that has any records it in `fitted_models`."""

Packed = tuple[tuple[str, str, int], ...]
"""(name, code of `struct`, numbers an entry): how the entries of a packed column are written.

Little-endian, without padding: the first name's numbers of all entries, then the second's, and so
on. The length of the bytes gives the number of entries.
"""

MONTHS: Packed = (("month", "H", 1), ("ratings", "I", 1))
"""`app_recommendationdata.months`, ascending; a month counts from January 1970, which is 0."""
SIMILAR_MOVIES: Packed = (("movie_id", "I", 1), ("lift", "f", 1), ("users", "I", 1))
"""`app_similarmovie`, most similar first; `users` rated both."""
VISITOR_WEIGHTS: Packed = (("movie_id", "I", 1), ("step", "b", 1))
"""`app_visitorweights`, by ascending ids; a weight is `step` times the row's `scale`."""
USER_RECOMMENDATIONS: Packed = (
    ("movie_id", "I", 1),
    ("score", "f", 1),
    ("reason", "I", 3),
    ("contribution", "f", 3),
)
"""`app_userrecommendation`, best first; 0 is not a movie: the entry has fewer reasons."""

TITLE_LENGTH = 255
GENRE_LENGTH = 64
TAG_LENGTH = 64
LINK_LENGTH = 16
RAW_LENGTH = 1000
"""Longest title, genre, tag, external id and sample of a rejected row, in characters."""
